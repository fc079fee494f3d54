// The interactive elements of Block Kit. A surface gives {names, fields, act, suggest}; an element reports what a
// person did through act(block, element, action) where action has exactly the fields Slack sends.

import { confirmed } from "./confirm.js";
import { el, safeUrl, icon } from "./dom.js";
import { drawDatePicker } from "./pickers.js";
import { drawChecks, drawMultiSelect, drawOverflow, drawSelect } from "./selects.js";
import { inputType } from "./fields.js";
import { drawPlain, unescape } from "./mrkdwn.js";

const DRAW = {
  button: drawButton,
  workflow_button: drawButton,
  overflow: drawOverflow,
  radio_buttons: drawChecks,
  checkboxes: drawChecks,
  datepicker: drawDatePicker,
  timepicker: drawDatePicker,
  datetimepicker: drawDatePicker,
  image: drawImageElement,
};

/** One element inside `block`; an unknown one is a visible line, never silence. */
export function drawElement(element, block, surface) {
  const type = String(element?.type);
  if (Object.hasOwn(DRAW, type)) return DRAW[type](element, block, surface);
  if (inputType(element)) return drawTextInput(element, block, surface);
  if (/^multi_\w+_select$/.test(type)) return drawMultiSelect(element, block, surface);
  if (/_select$/.test(type)) return drawSelect(element, block, surface);
  return el("span", { class: "unsupported" }, `Unsupported element: ${type}`);
}

function drawButton(element, block, surface) {
  const style = ["primary", "danger"].includes(element.style) ? ` ${element.style}` : "";
  const button = el("button", { type: "button", class: `button${style}`, "data-action": element.action_id, "aria-label": element.accessibility_label }, drawPlain(element.text));
  const href = element.url && safeUrl(element.url);
  if (href) button.append(icon("globe"));
  button.addEventListener("click", async () => {
    if (element.confirm && !(await confirmed(element.confirm, surface.names))) return;
    if (href) window.open(href, "_blank", "noopener");
    button.setAttribute("aria-busy", "true");
    await surface.act(block, element, { value: element.value, text: element.text });
    button.removeAttribute("aria-busy");
  });
  return button;
}

function drawTextInput(element, block, surface) {
  const input = element.multiline ? el("textarea", { rows: 4 }) : el("input", { type: element.type === "number_input" ? "text" : inputType(element) });
  if (element.type === "number_input") input.inputMode = element.is_decimal_allowed ? "decimal" : "numeric";
  input.className = "field";
  input.value = element.initial_value ?? "";
  input.placeholder = unescape(element.placeholder?.text ?? "");
  const read = () => ({ type: element.type, value: input.value === "" ? null : input.value });
  surface.fields.add(block.block_id, element.action_id, { element, node: input, read, write: (value) => (input.value = value.value ?? "") });
  if (block.dispatch_action) dispatch(input, element, () => surface.act(block, element, read()));
  return input;
}

function dispatch(input, element, act) {
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (on.includes("on_character_entered")) input.addEventListener("input", act);
  if (!on.includes("on_enter_pressed")) return;
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    act();
  });
}

function drawImageElement(element) {
  return drawImage(element, "thumbnail");
}

/** An image of this server, or its words: the page fetches nothing from outside. */
export function drawImage(element, className) {
  const address = element.image_url ?? element.slack_file?.url ?? "";
  const url = URL.canParse(address, location.href) ? new URL(address, location.href) : null;
  if (url?.origin === location.origin || /^data:image\/(png|gif|jpeg|webp);/.test(address)) {
    return el("img", { class: className, src: url.href, alt: unescape(element.alt_text ?? "") });
  }
  return el("span", { class: `${className} image-outside`, title: address }, icon("eye"), unescape(element.alt_text ?? "image"));
}
