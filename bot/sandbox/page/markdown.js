// The markdown block: standard Markdown, the part of it that Slack translates. Raw HTML stays text.
// https://docs.slack.dev/reference/block-kit/blocks/markdown-block

import { drawDiff, isDiff } from "./diff.js";
import { el, link } from "./dom.js";

const RULE = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const HEADING = /^ {0,3}(#{1,6}) +(.*?) *#*$/;
const FENCE = /^ {0,3}(```+|~~~+)/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)]) +(.*)$/;
const TABLE_RULE = /^ *\|? *:?-+:? *(\| *:?-+:? *)*\|? *$/;

/** A markdown block's text as nodes. */
export function drawMarkdown(text) {
  return el("div", { class: "markdown" }, ...drawBlocks(String(text ?? "").split("\n")));
}

function drawBlocks(lines) {
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    const [node, next] = readBlock(lines, at);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

function readBlock(lines, at) {
  const line = lines[at];
  if (line.trim() === "") return [null, at + 1];
  if (FENCE.test(line)) return readFence(lines, at);
  if (RULE.test(line)) return [el("hr"), at + 1];
  const heading = HEADING.exec(line);
  if (heading) return [el(`h${Math.min(heading[1].length + 2, 6)}`, {}, ...drawInline(heading[2])), at + 1];
  if (QUOTE.test(line)) return readQuote(lines, at);
  if (ITEM.test(line)) return readList(lines, at);
  if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "")) return readTable(lines, at);
  return readParagraph(lines, at);
}

function takeWhile(lines, at, test) {
  let end = at;
  while (end < lines.length && test(lines[end])) end += 1;
  return [lines.slice(at, end), end];
}

function readFence(lines, at) {
  const mark = FENCE.exec(lines[at])[1];
  const [body, end] = takeWhile(lines, at + 1, (line) => !line.trimStart().startsWith(mark));
  const text = body.join("\n");
  return [isDiff(text) ? drawDiff(text) : el("pre", {}, el("code", {}, text)), end + 1];
}

function readQuote(lines, at) {
  const [quoted, end] = takeWhile(lines, at, (line) => QUOTE.test(line));
  return [el("blockquote", {}, ...drawBlocks(quoted.map((line) => QUOTE.exec(line)[1]))), end];
}

function readList(lines, at) {
  const [, indent, mark] = ITEM.exec(lines[at]);
  const inside = indent.length + mark.length + 1;
  const belongs = (line) => ITEM.exec(line)?.[1].length >= indent.length || (line.trim() !== "" && line.search(/\S/) >= inside);
  const [body, end] = takeWhile(lines, at, belongs);
  const items = [];
  for (const line of body) {
    const item = ITEM.exec(line);
    if (item && item[1].length < inside) items.push([item[3]]);
    else items.at(-1).push(line.slice(inside));
  }
  return [el(/\d/.test(mark) ? "ol" : "ul", {}, ...items.map(drawItem)), end];
}

function drawItem([first, ...rest]) {
  const task = /^\[([ xX])\] +(.*)$/.exec(first);
  const box = task && el("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": task[1] === " " ? "open" : "done" });
  return el("li", { class: task ? "task" : null }, box, ...drawInline(task ? task[2] : first), ...drawBlocks(rest));
}

function readTable(lines, at) {
  const [body, end] = takeWhile(lines, at, (line) => line.includes("|"));
  const [head, , ...rows] = body.map(cellsOf);
  const draw = (tag, cells) => el("tr", {}, ...cells.map((cell) => el(tag, {}, ...drawInline(cell))));
  const table = el("table", {}, el("thead", {}, draw("th", head)), el("tbody", {}, ...rows.map((row) => draw("td", row))));
  return [el("div", { class: "table-scroll" }, table), end];
}

function cellsOf(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function readParagraph(lines, at) {
  const starts = (line) => [FENCE, RULE, HEADING, QUOTE, ITEM].some((pattern) => pattern.test(line));
  const [body, end] = takeWhile(lines, at, (line) => line.trim() !== "" && (line === lines[at] || !starts(line)));
  return [el("p", {}, ...drawInline(body.join("\n"))), end];
}

const INLINE = [
  [/\\([!-/:-@[-`{-~])/y, (match) => document.createTextNode(match[1])],
  [/`([^`\n]+)`/y, (match) => el("code", {}, match[1])],
  [/!?\[([^\]\n]*)\]\(([^()\s]+)(?: "[^"\n]*")?\)/y, (match) => link(match[2], match[1] || match[2])],
  [/<(https?:[^<>\s]+)>/y, (match) => link(match[1], match[1])],
  [/https?:\/\/[^\s<>)\]]*[^\s<>)\].,;:!?'"*_~]/y, (match) => link(match[0], match[0])],
  [/\*\*(?=\S)([^\n]*?\S)\*\*/y, (match) => el("strong", {}, ...drawInline(match[1]))],
  [/__(?=\S)([^\n]*?\S)__(?!\w)/y, (match) => el("strong", {}, ...drawInline(match[1]))],
  [/~~(?=\S)([^\n]*?\S)~~/y, (match) => el("s", {}, ...drawInline(match[1]))],
  [/\*(?=[^\s*])([^\n*]*[^\s*])\*/y, (match) => el("em", {}, ...drawInline(match[1]))],
  [/_(?=[^\s_])([^\n_]*[^\s_])_(?!\w)/y, (match) => el("em", {}, ...drawInline(match[1]))],
];

function drawInline(text) {
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const found = readInline(text, at);
    if (found) nodes.push(document.createTextNode(plain), found.node);
    plain = found ? "" : plain + text[at];
    at = found ? found.end : at + 1;
  }
  nodes.push(document.createTextNode(plain));
  return nodes;
}

function readInline(text, at) {
  if (text[at] === "_" && /\w/.test(text[at - 1] ?? "")) return null;
  for (const [pattern, draw] of INLINE) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { node: draw(match), end: at + match[0].length };
  }
  return null;
}
