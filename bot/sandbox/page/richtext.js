// The rich_text block: sections, lists, quotes and preformatted text. Nothing in it is escaped, all of it is text.
// https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

import { drawDiff, isDiff } from "./diff.js";
import { formatToken, fromTs, fullMoment } from "./dates.js";
import { el, hexColour, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { drawChannel, drawGroup, drawUser } from "./mrkdwn.js";

const STYLES = { code: "code", bold: "strong", italic: "em", strike: "s" };

/** A rich_text block (or a rich_text table cell). */
export function drawRichText(block, names) {
  return el("div", { class: "rich-text" }, ...(block.elements ?? []).map((part) => drawPart(part, names)));
}

function drawPart(part, names) {
  const draw = { rich_text_section: drawSection, rich_text_list: drawList, rich_text_quote: drawQuote, rich_text_preformatted: drawPreformatted };
  return draw[part.type]?.(part, names) ?? el("p", { class: "unsupported" }, `Unsupported rich text: ${part.type}`);
}

function drawSection(part, names) {
  return el("div", { class: "rich-section" }, ...drawElements(part.elements, names));
}

function drawQuote(part, names) {
  return el("blockquote", {}, ...drawElements(part.elements, names));
}

function drawPreformatted(part, names) {
  const plain = (part.elements ?? []).map((element) => element.text ?? element.url ?? "").join("");
  if (isDiff(plain)) return drawDiff(plain);
  return el("pre", {}, el("code", {}, ...drawElements(part.elements, names)));
}

function drawList(part, names) {
  const tag = part.style === "ordered" ? "ol" : "ul";
  const items = (part.elements ?? []).map((item) => el("li", {}, ...drawElements(item.elements, names)));
  const indent = Math.min(Math.max(Number(part.indent) || 0, 0), 8);
  return el(tag, { class: `indent-${indent}`, start: part.offset ? part.offset + 1 : null }, ...items);
}

function drawElements(elements, names) {
  return (elements ?? []).map((element) => styled(drawElement(element, names), element.style));
}

function styled(node, style) {
  const tags = Object.keys(STYLES).filter((name) => style?.[name]);
  return tags.reduce((inner, name) => el(STYLES[name], {}, inner), node);
}

function drawElement(element, names) {
  const draw = {
    text: () => document.createTextNode(String(element.text ?? "")),
    link: () => link(element.url, element.text ?? element.url),
    user: () => drawUser(element.user_id, names),
    usergroup: () => drawGroup(element.usergroup_id, names),
    channel: () => drawChannel(element.channel_id, names),
    broadcast: () => el("span", { class: "mention mine" }, `@${element.range}`),
    emoji: () => el("span", { class: "emoji" }, emoji(element.name) ?? `:${element.name}:`),
    date: () => drawDate(element),
    color: () => drawColour(element.value),
  };
  return draw[element.type]?.() ?? el("span", { class: "unsupported" }, `[unsupported: ${element.type}]`);
}

function drawDate({ timestamp, format = "{date}", url, fallback = "" }) {
  const text = formatToken(timestamp, format);
  const time = text === null ? fallback : el("time", { title: fullMoment(fromTs(timestamp)) }, text);
  return url ? link(url, time) : el("span", {}, time);
}

function drawColour(value) {
  const swatch = el("span", { class: "swatch" });
  if (hexColour(value)) swatch.style.backgroundColor = value;
  return el("span", {}, swatch, String(value));
}
