// Block Kit's layout blocks. https://docs.slack.dev/reference/block-kit/blocks

import { el, icon, link, safeUrl, uniqueId } from "./dom.js";
import { drawElement, drawImage } from "./elements.js";
import { drawMarkdown } from "./markdown.js";
import { drawPlain, drawText, unescape } from "./mrkdwn.js";
import { drawRichText } from "./richtext.js";

const DRAW = {
  section: drawSection,
  header: (block) => el("h3", { class: "block-header" }, drawPlain(block.text)),
  divider: () => el("hr"),
  context: drawContext,
  actions: drawActions,
  image: drawImageBlock,
  input: drawInput,
  rich_text: (block, surface) => drawRichText(block, surface.names),
  markdown: (block) => drawMarkdown(block.text),
  table: drawTable,
  file: drawFileBlock,
  video: drawVideo,
};

/** All blocks of a message, Home or modal. */
export function drawBlocks(blocks, surface) {
  return (blocks ?? []).map((block) => drawBlock(block, surface));
}

/** One block; an unknown one is a visible line, never silence. */
export function drawBlock(block, surface) {
  const type = String(block?.type);
  const inner = Object.hasOwn(DRAW, type) ? DRAW[type](block, surface) : el("p", { class: "unsupported" }, `Unsupported block: ${type}`);
  return el("div", { class: `block block-${type.replace(/[^a-z_]/gi, "")}`, "data-block": block?.block_id }, inner);
}

function drawSection(block, surface) {
  const text = block.text ? el("div", { class: "mrkdwn" }, drawText(block.text, surface.names)) : null;
  const fields = (block.fields ?? []).map((field) => el("div", { class: "mrkdwn" }, drawText(field, surface.names)));
  const body = el("div", { class: "section-body" }, text, fields.length ? el("div", { class: "section-fields" }, ...fields) : null);
  const accessory = block.accessory ? el("div", { class: "accessory" }, drawElement(block.accessory, block, surface)) : null;
  return el("div", { class: "section" }, body, accessory);
}

function drawContext(block, surface) {
  const draw = (part) => (part.type === "image" ? drawImage(part, "context-image") : el("span", { class: "mrkdwn" }, drawText(part, surface.names)));
  return el("div", { class: "context" }, ...(block.elements ?? []).map(draw));
}

function drawActions(block, surface) {
  return el("div", { class: "actions" }, ...(block.elements ?? []).map((element) => drawElement(element, block, surface)));
}

function drawImageBlock(block) {
  const title = block.title ? el("figcaption", {}, drawPlain(block.title)) : null;
  return el("figure", {}, title, drawImage(block, "picture"));
}

function drawInput(block, surface) {
  const control = drawElement(block.element, block, surface);
  const field = surface.fields.node(block.block_id) ?? control;
  const grouped = control.matches(".checks, .multi");
  const labelId = uniqueId("label");
  if (!grouped) field.id ||= uniqueId("field");
  const optional = block.optional ? el("span", { class: "optional" }, " (optional)") : null;
  const label = el(grouped ? "span" : "label", { class: "input-label", id: labelId, for: grouped ? null : field.id }, drawPlain(block.label), optional);
  (grouped ? control : field).setAttribute("aria-labelledby", labelId);
  const hint = block.hint ? el("p", { class: "hint", id: uniqueId("hint") }, drawPlain(block.hint)) : null;
  const error = el("p", { class: "input-error", id: uniqueId("error"), role: "alert", hidden: true });
  field.setAttribute("aria-describedby", [hint?.id, error.id].filter(Boolean).join(" "));
  if (!block.optional && field.matches("input:not([type=radio], [type=checkbox]), textarea, select")) field.setAttribute("aria-required", "true");
  return el("div", { class: "input" }, label, control, hint, error);
}

/** Writes an error under an input block of `root`, or takes it away (sentence null). True when the block was found. */
export function showInputError(root, blockId, sentence) {
  const block = [...root.querySelectorAll(".block-input")].find((node) => node.dataset.block === blockId);
  const error = block?.querySelector(".input-error");
  if (!error) return false;
  error.textContent = sentence ?? "";
  error.hidden = sentence === null;
  const field = block.querySelector("input, textarea, select, summary");
  if (sentence === null) field?.removeAttribute("aria-invalid");
  else field?.setAttribute("aria-invalid", "true");
  return true;
}

function drawTable(block, surface) {
  const settings = block.column_settings ?? [];
  const rows = (block.rows ?? []).map((row, at) => el("tr", {}, ...row.map((cell, column) => drawCell(at === 0 ? "th" : "td", cell, settings[column], surface))));
  const [head, ...body] = rows;
  return el("div", { class: "table-scroll", tabindex: 0 }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)));
}

function drawCell(tag, cell, setting, surface) {
  const inner = cell?.type === "rich_text" ? drawRichText(cell, surface.names) : String(cell?.text ?? "");
  const classes = [["center", "right"].includes(setting?.align) ? setting.align : null, setting?.is_wrapped ? "wrapped" : null];
  return el(tag, { class: classes.filter(Boolean).join(" ") || null, scope: tag === "th" ? "col" : null }, inner);
}

function drawFileBlock(block) {
  return el("p", { class: "file-line" }, icon("file"), `Remote file ${block.external_id ?? ""}`);
}

function drawVideo(block, surface) {
  const address = block.title_url ?? block.video_url;
  const title = drawPlain(block.title);
  const description = block.description ? el("p", { class: "mrkdwn" }, drawText(block.description, surface.names)) : null;
  const line = safeUrl(address) ? link(address, "▶ ", title) : el("span", {}, "▶ ", title);
  return el("div", { class: "video", "aria-label": unescape(block.alt_text ?? "") }, line, description);
}
