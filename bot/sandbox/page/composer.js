// The box one writes in: Enter sends, Shift+Enter breaks the line, "/" offers the known commands, Up brings back.

import { el, icon, uniqueId } from "./dom.js";

const KEPT_LINES = 100;
const sent = [];

/** Every way to begin a known command: the name alone and the name with each word its usage hint offers. */
export function suggestions(commands, typed) {
  if (!typed.startsWith("/")) return [];
  const all = commands.flatMap(({ name, usage_hint: hint }) => [{ text: name, hint: hint ?? "" }, ...verbs(hint).map((verb) => ({ text: `${name} ${verb.word}`, hint: verb.rest }))]);
  return all.filter(({ text }) => text.startsWith(typed) && text !== typed).slice(0, 12);
}

function verbs(hint) {
  const parts = (hint ?? "").replace(/^[[<(](.*)[\])>]$/, "$1").split("|").map((part) => part.trim());
  return parts.map((part) => /^([a-z][a-z-]*)(?:\s+(.*))?$/.exec(part)).filter(Boolean).map(([, word, rest]) => ({ word, rest: rest ?? "" }));
}

/** A message box; `send(text)` is called with what was written, `commands()` gives what "/" may offer. */
export function drawComposer({ label, send, commands = () => [] }) {
  const listId = uniqueId("suggestions");
  const input = el("textarea", { class: "composer-input", rows: 1, placeholder: label, "aria-label": label, "aria-autocomplete": "list", "aria-controls": listId });
  const list = el("div", { class: "suggestions", id: listId, role: "listbox", hidden: true });
  const button = el("button", { type: "submit", class: "send", "aria-label": "Send", title: "Send (Enter)" }, icon("send"));
  const form = el("form", { class: "composer" }, list, input, button);
  const box = new Box(input, list, commands);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    box.remember(text);
    box.put("");
    send(text);
  });
  input.addEventListener("keydown", (event) => box.key(event, () => form.requestSubmit()));
  input.addEventListener("input", () => box.changed());
  input.addEventListener("blur", () => setTimeout(() => box.offer([]), 150));
  return { node: form, focus: () => input.focus(), put: (text) => box.put(text, true), relabel: (text) => box.relabel(text) };
}

class Box {
  #at = sent.length;
  #active = -1;
  #offers = [];

  constructor(input, list, commands) {
    Object.assign(this, { input, list, commands });
  }

  relabel(text) {
    this.input.placeholder = text;
    this.input.setAttribute("aria-label", text);
  }

  remember(text) {
    if (sent.at(-1) !== text) sent.push(text);
    if (sent.length > KEPT_LINES) sent.shift();
    this.#at = sent.length;
  }

  put(text, focus = false) {
    this.input.value = text;
    this.changed();
    if (focus) this.input.focus();
  }

  changed() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.offer(suggestions(this.commands(), this.input.value));
  }

  offer(offers) {
    this.#offers = offers;
    this.#active = -1;
    this.list.hidden = offers.length === 0;
    const draw = ({ text, hint }) => el("div", { role: "option", id: uniqueId("option"), "aria-selected": "false", onpointerdown: (event) => this.#take(event, text) }, el("span", {}, text), el("small", {}, hint));
    this.list.replaceChildren(...offers.map(draw));
  }

  #take(event, text) {
    event.preventDefault();
    this.put(`${text} `, true);
  }

  #mark(step) {
    const count = this.#offers.length;
    this.#active = (this.#active + step + count + (this.#active < 0 && step < 0 ? 1 : 0)) % count;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === this.#active)));
    this.input.setAttribute("aria-activedescendant", this.list.children[this.#active].id);
    this.list.children[this.#active].scrollIntoView({ block: "nearest" });
  }

  #recall(step) {
    const next = this.#at + step;
    if (next < 0 || next > sent.length) return;
    this.#at = next;
    this.input.value = sent[next] ?? "";
    this.offer([]);
  }

  key(event, submit) {
    if (event.isComposing) return;
    const offering = !this.list.hidden;
    if (event.key === "Escape") return this.offer([]);
    if (event.key === "Tab" && offering && !event.shiftKey) return this.#take(event, this.#offers[Math.max(this.#active, 0)].text);
    if (event.key === "Enter" && !event.shiftKey) {
      if (this.#active >= 0) return this.#take(event, this.#offers[this.#active].text);
      event.preventDefault();
      return submit();
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return null;
    const step = event.key === "ArrowUp" ? -1 : 1;
    const recalling = this.input.value === "" || this.input.value === sent[this.#at];
    if (!offering && !recalling) return null;
    event.preventDefault();
    return offering && !recalling ? this.#mark(step) : this.#recall(step);
  }
}
