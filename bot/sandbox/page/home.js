// App Home: the app's own page for this person.

import { drawBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { Fields } from "./fields.js";

let shown = null;

/** Draws the Home view into `root`; untouched while it has not changed. */
export function drawHome(root, workspace) {
  const view = workspace.state.home;
  const signature = JSON.stringify([workspace.me.id, view]);
  if (shown === signature && root.childElementCount) return;
  shown = signature;
  if (!view) return root.replaceChildren(el("div", { class: "empty" }, el("p", {}, "The app has not published its Home for you yet.")));
  const fields = new Fields();
  const surface = {
    names: workspace.names,
    fields,
    act: (block, element, action) => workspace.do("action", { view_id: view.id, block_id: block.block_id, action_id: element.action_id, type: element.type, ...action, values: fields.values() }),
    suggest: async (block, element, value) => (await workspace.do("options", { view_id: view.id, block_id: block.block_id, action_id: element.action_id, value })).options ?? [],
  };
  return root.replaceChildren(el("div", { class: "blocks" }, ...drawBlocks(view.blocks, surface)));
}
