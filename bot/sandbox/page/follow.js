// An element's answer on its way to the app: registered for state.values, sent when it changes, taken back on a "no".

import { confirmed } from "./confirm.js";

/**
 * Registers an element whose answer is `read()` and can be put back by `write(value)`, and reports each change of
 * `node`. Inside an input block nothing is reported unless the block asks for it (dispatch_action).
 */
export function follow(node, element, block, surface, { read, write, focus = node, allow = () => true, show = () => {} }) {
  let before = read();
  const put = (value) => {
    write(value);
    before = read();
    show();
  };
  surface.fields.add(block.block_id, element.action_id, { element, node: focus, read, write: put });
  node.addEventListener("change", async () => {
    const was = before;
    if (!allow(read())) return put(was);
    before = read();
    show();
    if (block.type === "input" && !block.dispatch_action) return null;
    if (element.confirm && !(await confirmed(element.confirm, surface.names))) return put(was);
    return surface.act(block, element, read());
  });
}
