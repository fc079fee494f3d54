// Modals: the stack of views the app has open for this person. The native dialog keeps the focus inside.

import { drawBlocks, showInputError } from "./blocks.js";
import { el, icon, uniqueId } from "./dom.js";
import { Fields } from "./fields.js";
import { drawPlain } from "./mrkdwn.js";

/** Keeps one dialog a view, shows the topmost. */
export class Modals {
  #dialogs = new Map();

  constructor(workspace) {
    this.workspace = workspace;
    workspace.addEventListener("change", () => this.update());
    this.update();
  }

  update() {
    const views = this.workspace.state.views ?? [];
    const ids = new Set(views.map((view) => view.id));
    for (const [id, modal] of this.#dialogs) if (!ids.has(id)) this.#remove(id, modal);
    views.forEach((view, at) => this.#modal(view).show(view, { top: at === views.length - 1, depth: at }));
  }

  #modal(view) {
    if (!this.#dialogs.has(view.id)) this.#dialogs.set(view.id, new Modal(this.workspace));
    return this.#dialogs.get(view.id);
  }

  #remove(id, modal) {
    modal.dialog.remove();
    this.#dialogs.delete(id);
  }
}

class Modal {
  #drawn = null;
  #closing = null;
  #fields = new Fields();

  constructor(workspace) {
    this.workspace = workspace;
    const titleId = uniqueId("modal");
    this.title = el("h2", { id: titleId });
    this.body = el("div", { class: "modal-body" });
    this.banner = el("p", { class: "modal-error", role: "alert", hidden: true });
    this.cancel = el("button", { type: "button", class: "button", onclick: () => this.#close() });
    this.submit = el("button", { type: "submit", class: "button primary" });
    const close = el("button", { type: "button", class: "tool", "aria-label": "Close", onclick: () => this.#close({ everything: true }) }, icon("close"));
    const head = el("header", { class: "modal-head" }, el("img", { src: "/static/mark.svg", alt: "" }), this.title, close);
    this.form = el("form", { novalidate: true }, head, this.banner, this.body, el("footer", { class: "dialog-actions" }, this.cancel, this.submit));
    this.dialog = el("dialog", { class: "modal", "aria-labelledby": titleId }, this.form);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close();
    });
    document.body.append(this.dialog);
  }

  show(view, { top, depth }) {
    const signature = JSON.stringify([view.hash, view.title, view.blocks, view.submit, view.close]);
    const fresh = this.#drawn === null;
    this.view = view;
    if (this.#drawn !== signature) this.#draw(view, depth);
    this.#drawn = signature;
    if (!top && this.dialog.open) this.dialog.close();
    if (top && !this.dialog.open) {
      this.dialog.showModal();
      if (fresh) (this.#fields.node() ?? this.submit).focus();
    }
  }

  #draw(view, depth) {
    const before = this.#drawn === null ? view.state?.values : this.#fields.values();
    const focused = this.body.contains(document.activeElement) ? document.activeElement.closest("[data-block]")?.dataset.block : null;
    this.#fields = new Fields();
    const surface = { names: this.workspace.names, fields: this.#fields, act: (...what) => this.#act(...what), suggest: (...what) => this.#suggest(...what) };
    this.title.replaceChildren(drawPlain(view.title));
    this.body.replaceChildren(...drawBlocks(view.blocks, surface));
    this.#fields.restore(before);
    this.submit.hidden = !view.submit;
    this.submit.replaceChildren(view.submit ? drawPlain(view.submit) : "");
    this.cancel.replaceChildren(view.close ? drawPlain(view.close) : depth > 0 ? "Back" : "Close");
    this.#say(null);
    if (focused) this.#fields.node(focused)?.focus();
  }

  #act(block, element, action) {
    return this.workspace.do("action", { view_id: this.view.id, block_id: block.block_id, action_id: element.action_id, type: element.type, ...action, values: this.#fields.values() });
  }

  async #suggest(block, element, value) {
    const reply = await this.workspace.do("options", { view_id: this.view.id, block_id: block.block_id, action_id: element.action_id, value });
    return reply.options ?? [];
  }

  /** One at a time: whoever presses Escape twice at once means the same modal. */
  async #close(how = {}) {
    const what = how.everything ? "all" : "one";
    if (this.#closing === what) return;
    this.#closing = what;
    await this.workspace.do("close_view", { view_id: this.view.id, ...how });
    this.#closing = null;
  }

  async #submit(event) {
    event.preventDefault();
    if (!this.view.submit || this.submit.disabled) return;
    this.#say(null);
    this.submit.disabled = true;
    this.submit.setAttribute("aria-busy", "true");
    const reply = await this.workspace.do("submit", { view_id: this.view.id, values: this.#fields.values() });
    this.submit.disabled = false;
    this.submit.removeAttribute("aria-busy");
    if (reply.errors) this.#show(reply.errors);
    else if (reply.error) this.#say(reply.error);
  }

  #show(errors) {
    const homeless = Object.entries(errors).filter(([blockId, sentence]) => !showInputError(this.body, blockId, sentence));
    if (homeless.length) this.#say(homeless.map(([, sentence]) => sentence).join(" "));
    const first = [...this.body.querySelectorAll(".block")].find((node) => node.dataset.block in errors);
    this.#fields.node(first?.dataset.block)?.focus();
  }

  #say(sentence) {
    this.banner.textContent = sentence ?? "";
    this.banner.hidden = sentence === null;
    if (sentence !== null) return;
    for (const node of this.body.querySelectorAll(".block-input")) showInputError(this.body, node.dataset.block, null);
  }
}
