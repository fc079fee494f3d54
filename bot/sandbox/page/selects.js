// Menus and boxes: every kind of select, overflow, radio buttons and checkboxes. Native controls, so that keyboard,
// screen reader and phone behave as people expect.

import { confirmed } from "./confirm.js";
import { el, icon, uniqueId } from "./dom.js";
import { follow } from "./follow.js";
import { drawPlain, drawText, unescape } from "./mrkdwn.js";

const PEOPLE = /users_select$/;
const CHANNELS = /(channels|conversations)_select$/;

/** What a select chooses from and how Slack names the answer. */
function source(element, surface) {
  if (PEOPLE.test(element.type)) return { one: "selected_user", many: "selected_users", options: surface.names.peopleOptions() };
  if (CHANNELS.test(element.type)) {
    const noun = element.type.includes("channels") ? "channel" : "conversation";
    return { one: `selected_${noun}`, many: `selected_${noun}s`, options: surface.names.channelOptions() };
  }
  return { one: "selected_option", many: "selected_options", options: optionsOf(element) };
}

function optionsOf(element) {
  const groups = element.option_groups ?? [{ options: element.options ?? [] }];
  return groups.flatMap((group) => (group.options ?? []).map((option) => entry(option, group.label)));
}

function entry(option, group) {
  const label = unescape(option.text?.text ?? "");
  return { key: option.value, label, value: option, group: group && unescape(group.text), hint: option.description && unescape(option.description.text) };
}

function initialKeys(element) {
  const one = element.initial_option?.value ?? element.initial_user ?? element.initial_channel ?? element.initial_conversation;
  const many = element.initial_options?.map((option) => option.value) ?? element.initial_users ?? element.initial_channels ?? element.initial_conversations;
  return many ?? (one === undefined ? [] : [one]);
}

const keyOf = (value) => (typeof value === "string" ? value : value?.value);

/** static_select, users_select, channels_select, conversations_select, external_select. */
export function drawSelect(element, block, surface) {
  const { one, options } = source(element, surface);
  const select = el("select", { class: "field select", "aria-label": unescape(element.placeholder?.text ?? "Choose") });
  const known = new Map();
  const fill = (entries) => {
    known.clear();
    for (const item of entries) known.set(item.key, item);
    select.replaceChildren(el("option", { value: "" }, unescape(element.placeholder?.text ?? "Choose …")), ...drawOptions(entries));
  };
  const start = element.initial_option ? [entry(element.initial_option)] : [];
  fill(element.type === "external_select" ? start : options);
  select.value = initialKeys(element)[0] ?? "";
  const read = () => ({ type: element.type, [one]: known.get(select.value)?.value ?? null });
  const write = (value) => (select.value = keyOf(value[one]) ?? "");
  follow(select, element, block, surface, { read, write });
  if (element.type === "external_select") return withSearch(select, element, block, surface, fill);
  return select;
}

function drawOptions(entries) {
  const draw = (item) => el("option", { value: item.key, title: item.hint }, item.label);
  const groups = Map.groupBy(entries, (item) => item.group ?? "");
  return [...groups].flatMap(([label, items]) => (label ? el("optgroup", { label }, ...items.map(draw)) : items.map(draw)));
}

function withSearch(select, element, block, surface, fill) {
  const search = el("input", { type: "search", class: "field", placeholder: "Type to search", "aria-label": "Search the options" });
  search.addEventListener("input", async () => {
    if (search.value.length < (element.min_query_length ?? 3)) return;
    fill((await surface.suggest(block, element, search.value)).map((option) => entry(option)));
  });
  return el("span", { class: "external" }, search, select);
}

/** The multi_ selects: a list of boxes that opens, with what is chosen written on it. */
export function drawMultiSelect(element, block, surface) {
  const { many, options } = source(element, surface);
  const chosen = new Set(initialKeys(element));
  const words = el("span");
  const summary = el("summary", { class: "field select" }, words);
  const boxes = options.map((item) => drawBox("checkbox", item.key, item.label, item.hint, chosen.has(item.key)));
  const read = () => ({ type: element.type, [many]: options.filter((item, at) => boxes[at].input.checked).map((item) => item.value) });
  const show = () => {
    const labels = options.filter((_, at) => boxes[at].input.checked).map((item) => item.label);
    words.textContent = labels.join(", ") || unescape(element.placeholder?.text ?? "Choose …");
  };
  const write = (value) => {
    const keys = new Set((value[many] ?? []).map(keyOf));
    options.forEach((item, at) => (boxes[at].input.checked = keys.has(item.key)));
  };
  const details = el("details", { class: "multi" }, summary, el("div", { class: "choices" }, ...boxes.map((box) => box.node)));
  const allow = (value) => value[many].length <= (element.max_selected_items ?? Infinity);
  follow(details, element, block, surface, { read, write, focus: summary, allow, show });
  show();
  return details;
}

function drawBox(type, value, label, hint, checked, name) {
  const input = el("input", { type, value, checked, name });
  const text = el("span", {}, label, hint ? el("small", {}, hint) : null);
  return { input, node: el("label", { class: "choice" }, input, text) };
}

/** radio_buttons and checkboxes; their texts may be mrkdwn. */
export function drawChecks(element, block, surface) {
  const single = element.type === "radio_buttons";
  const chosen = new Set(initialKeys(element));
  const name = uniqueId("choice");
  const boxes = (element.options ?? []).map((option) => ({
    option,
    ...drawBox(single ? "radio" : "checkbox", option.value, drawText(option.text, surface.names), option.description && drawText(option.description, surface.names), chosen.has(option.value), name),
  }));
  const picked = () => boxes.filter((box) => box.input.checked).map((box) => box.option);
  const read = () => ({ type: element.type, ...(single ? { selected_option: picked()[0] ?? null } : { selected_options: picked() }) });
  const write = (value) => {
    const keys = new Set((single ? [value.selected_option] : (value.selected_options ?? [])).map(keyOf));
    for (const box of boxes) box.input.checked = keys.has(box.option.value);
  };
  const group = el("div", { class: "checks", role: single ? "radiogroup" : "group" }, ...boxes.map((box) => box.node));
  follow(group, element, block, surface, { read, write, focus: boxes[0]?.input });
  return group;
}

/** The three dots: a list of further actions. */
export function drawOverflow(element, block, surface) {
  const details = el("details", { class: "overflow", "data-action": element.action_id });
  const choose = async (option) => {
    details.open = false;
    if (element.confirm && !(await confirmed(element.confirm, surface.names))) return;
    await surface.act(block, element, { selected_option: option });
  };
  const items = (element.options ?? []).map((option) => el("button", { type: "button", class: "menu-item", onclick: () => choose(option) }, drawPlain(option.text)));
  details.append(el("summary", { class: "button", "aria-label": "More actions" }, icon("more")), el("div", { class: "menu" }, ...items));
  return details;
}
