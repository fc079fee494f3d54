// Files on a message: pictures shown, text previewed, everything to take away.

import { el, icon } from "./dom.js";
import { fileUrl } from "./server.js";

const PREVIEW_BYTES = 200_000;
const PREVIEW_LINES = 8;
const TEXT = /^(text\/|application\/(json|xml|x-ndjson|yaml|x-yaml))/;
const texts = new Map();

/** One file as a card. */
export function drawFile(file, person) {
  const url = fileUrl(file.url ?? `/files/${file.id}`, person);
  const save = url && el("a", { class: "file-save", href: url, download: file.name, "aria-label": `Download ${file.name}` }, icon("down"), "Download");
  const head = el("div", { class: "file-head" }, icon("file"), el("strong", {}, file.name), el("small", {}, size(file.size)), save);
  return el("div", { class: "file" }, head, url && preview(file, url));
}

/** "340 B", "12 kB", "3.4 MB". */
export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function preview(file, url) {
  const type = file.mimetype ?? "";
  if (/^image\/(png|jpeg|gif|webp)$/.test(type)) return el("img", { class: "file-picture", src: url, alt: file.alt_text || file.name });
  if (!TEXT.test(type) || file.size > PREVIEW_BYTES) return null;
  const pre = el("pre", { class: "file-text" }, "…");
  showText(url, pre);
  return pre;
}

async function showText(url, pre) {
  if (!texts.has(url)) texts.set(url, fetch(url).then((reply) => (reply.ok ? reply.text() : `The file could not be read (${reply.status}).`)));
  const lines = (await texts.get(url).catch(() => "The file could not be read.")).split("\n");
  pre.textContent = lines.slice(0, PREVIEW_LINES).join("\n");
  const more = lines.length - PREVIEW_LINES;
  if (more > 0) pre.after(moreButton(pre, lines, more));
}

function moreButton(pre, lines, more) {
  const button = el("button", { type: "button", class: "quiet" }, `Show ${more} more ${more === 1 ? "line" : "lines"}`);
  button.addEventListener("click", () => {
    pre.textContent = lines.join("\n");
    button.remove();
  });
  return button;
}
