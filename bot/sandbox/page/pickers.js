// datepicker, timepicker and datetimepicker, on the browser's own controls.

import { el, uniqueId } from "./dom.js";
import { follow } from "./follow.js";
import { unescape } from "./mrkdwn.js";

const KINDS = {
  datepicker: { input: "date", name: "selected_date", initial: "initial_date" },
  timepicker: { input: "time", name: "selected_time", initial: "initial_time" },
  datetimepicker: { input: "datetime-local", name: "selected_date_time", initial: "initial_date_time" },
};

/** One picker; a datetimepicker answers in Unix seconds, the others in "YYYY-MM-DD" and "HH:mm". */
export function drawDatePicker(element, block, surface) {
  const kind = KINDS[element.type];
  const input = el("input", { type: kind.input, class: "field picker", id: uniqueId("picker"), "aria-label": unescape(element.placeholder?.text ?? kind.input) });
  const write = (value) => (input.value = toInput(kind, value[kind.name]));
  const read = () => ({ type: element.type, [kind.name]: fromInput(kind, input.value) });
  write({ [kind.name]: element[kind.initial] });
  follow(input, element, block, surface, { read, write });
  return input;
}

function toInput(kind, value) {
  if (value === undefined || value === null) return "";
  if (kind.input !== "datetime-local") return value;
  const date = new Date(value * 1000);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

function fromInput(kind, text) {
  if (text === "") return null;
  return kind.input === "datetime-local" ? Math.round(new Date(text).getTime() / 1000) : text;
}
