// Slack's confirm object: a small question before an action is sent.

import { el, uniqueId } from "./dom.js";
import { drawPlain, drawText } from "./mrkdwn.js";

/** Asks; resolves to true on the confirming button, false on the denying one or on Esc. */
export function confirmed(question, names) {
  return new Promise((resolve) => {
    const titleId = uniqueId("confirm");
    const dialog = el("dialog", { class: "confirm", role: "alertdialog", "aria-labelledby": titleId });
    const answer = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const style = question.style === "danger" ? "danger" : "primary";
    const deny = el("button", { type: "button", class: "button", onclick: () => answer(false) }, drawPlain(question.deny));
    const agree = el("button", { type: "button", class: `button ${style}`, onclick: () => answer(true) }, drawPlain(question.confirm));
    dialog.append(
      el("h2", { id: titleId }, drawPlain(question.title)),
      el("div", { class: "mrkdwn" }, drawText(question.text, names)),
      el("div", { class: "dialog-actions" }, deny, agree),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer(false);
    });
    document.body.append(dialog);
    dialog.showModal();
    agree.focus();
  });
}
