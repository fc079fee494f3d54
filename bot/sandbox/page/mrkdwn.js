// Slack's mrkdwn, by Slack's rules: read into a small tree, then drawn with text nodes only.
// https://docs.slack.dev/messaging/formatting-message-text

import { el, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { formatToken, fromTs, fullMoment } from "./dates.js";
import { drawDiff, isDiff } from "./diff.js";

const EMPHASIS = { "*": "strong", _: "em", "~": "s" };
const MAX_DEPTH = 8;
const WORD = /[\p{L}\p{N}]/u;

/** Slack's three escapes back into their characters, each once: "&amp;lt;" is the text "&lt;". */
export function unescape(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
}

/** mrkdwn as document nodes. `names` answers user(id), channel(id), group(id) and opens channels. */
export function drawMrkdwn(text, names, { verbatim = false } = {}) {
  const fragment = document.createDocumentFragment();
  const options = { names, autolink: !verbatim };
  for (const part of splitFences(String(text ?? ""))) {
    if (part.fence) fragment.append(drawFence(part.text, options));
    else drawLines(part.text, options, fragment);
  }
  return fragment;
}

/** A plain_text object: escapes and, unless emoji is false, short codes; no formatting. */
export function drawPlain(object) {
  const text = unescape(String(object?.text ?? ""));
  if (object?.emoji === false) return document.createTextNode(text);
  const fragment = document.createDocumentFragment();
  fragment.append(...text.split(/(:[a-z0-9_+-]+:)/).map((piece) => drawEmoji(piece) ?? piece));
  return fragment;
}

/** A composition object of either kind: {"type": "mrkdwn" | "plain_text", "text": ...}. */
export function drawText(object, names) {
  if (object?.type === "mrkdwn") return drawMrkdwn(object.text, names, { verbatim: object.verbatim });
  return drawPlain(object);
}

function drawEmoji(piece) {
  const character = piece.length > 2 && piece.startsWith(":") && piece.endsWith(":") ? emoji(piece.slice(1, -1)) : null;
  return character && el("span", { class: "emoji", role: "img", title: piece, "aria-label": piece.slice(1, -1).replaceAll("_", " ") }, character);
}

function splitFences(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(/```([^]+?)```/g)) {
    parts.push({ text: text.slice(from, match.index).replace(/\n$/, "") });
    parts.push({ fence: true, text: match[1].replace(/^\n/, "").replace(/\n$/, "") });
    from = match.index + match[0].length;
    if (text[from] === "\n") from += 1;
  }
  parts.push({ text: text.slice(from) });
  return parts.filter((part) => part.fence || part.text !== "");
}

function drawFence(text, options) {
  const plain = unescape(text);
  if (isDiff(plain)) return drawDiff(plain);
  return el("pre", {}, el("code", {}, ...drawTokens(text, options)));
}

const QUOTE = /^(?:&gt;|>)(?!(?:&gt;|>){2})[ ]?(.*)$/;
const LONG_QUOTE = /^(?:&gt;|>){3}[ ]?/;

function drawLines(text, options, into) {
  const lines = text.split("\n");
  let plain = [];
  let quoted = [];
  const flush = () => {
    if (plain.length) into.append(...drawInline(plain.join("\n"), options));
    if (quoted.length) into.append(el("blockquote", {}, ...drawInline(quoted.join("\n"), options)));
    [plain, quoted] = [[], []];
  };
  for (const [at, line] of lines.entries()) {
    const quote = QUOTE.exec(line);
    if (LONG_QUOTE.test(line)) {
      flush();
      quoted = [line.replace(LONG_QUOTE, ""), ...lines.slice(at + 1)];
      break;
    }
    if (quote ? plain.length : quoted.length) flush();
    (quote ? quoted : plain).push(quote ? quote[1] : line);
  }
  flush();
}

/** One run of text (line breaks kept) as nodes. */
export function drawInline(text, options, depth = 0) {
  const nodes = [];
  let plain = "";
  const push = (node) => {
    if (plain) nodes.push(document.createTextNode(unescape(plain)));
    plain = "";
    if (node) nodes.push(node);
  };
  for (let at = 0; at < text.length; ) {
    const found = SPECIAL.has(text[at]) ? readSpecial(text, at, options, depth) : null;
    if (found) push(found.node);
    else plain += text[at];
    at = found ? found.end : at + 1;
  }
  push(null);
  return nodes;
}

const SPECIAL = new Set(["`", "<", "*", "_", "~", ":", "h"]);

function readSpecial(text, at, options, depth) {
  if (text[at] === "`") return readCode(text, at, options);
  if (text[at] === "<") return readAngle(text, at, options);
  if (text[at] === ":") return readEmoji(text, at);
  if (text[at] === "h") return options.autolink ? readBareUrl(text, at) : null;
  return depth < MAX_DEPTH ? readEmphasis(text, at, options, depth) : null;
}

function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function readCode(text, at, options) {
  const match = matchAt(/`([^`\n]+)`/y, text, at);
  return match && { node: el("code", {}, ...drawTokens(match[1], options)), end: at + match[0].length };
}

function readEmoji(text, at) {
  const match = matchAt(/:[a-z0-9_+-]+(?:::skin-tone-\d)?:/y, text, at);
  const node = match && drawEmoji(match[0]);
  return node && { node, end: at + match[0].length };
}

function readBareUrl(text, at) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  const match = matchAt(/https?:\/\/[^\s<>|`]+/y, text, at);
  if (!match) return null;
  const address = match[0].replace(/(?:[.,;:!?)'"*_~]|&gt;|&lt;)+$/, "");
  return { node: link(unescape(address), unescape(address)), end: at + address.length };
}

function readEmphasis(text, at, options, depth) {
  const mark = text[at];
  const next = text[at + 1];
  const before = text[at - 1] ?? " ";
  if (WORD.test(before) || before === mark || next === undefined || /\s/.test(next) || next === mark) return null;
  const end = closingMark(text, at + 1, mark);
  if (end < 0) return null;
  const inner = drawInline(text.slice(at + 1, end), options, depth + 1);
  return { node: el(EMPHASIS[mark], {}, ...inner), end: end + 1 };
}

function closingMark(text, from, mark) {
  for (let at = from; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "`" || text[at] === "<") {
      const span = matchAt(text[at] === "`" ? /`[^`\n]+`/y : /<[^<>\n]+>/y, text, at);
      if (span) at += span[0].length - 1;
    } else if (text[at] === mark && at > from && !/\s/.test(text[at - 1]) && !WORD.test(text[at + 1] ?? "")) return at;
  }
  return -1;
}

/** Code keeps its characters, but Slack still resolves what stands in angle brackets. */
function drawTokens(text, options) {
  return text
    .split(/(<[^<>\n]+>)/)
    .filter((piece) => piece !== "")
    .map((piece) => readAngle(piece, 0, options)?.node ?? document.createTextNode(unescape(piece)));
}

function readAngle(text, at, options) {
  const match = matchAt(/<([^<>\n]+)>/y, text, at);
  const node = match && drawAngle(match[1], options.names);
  return node && { node, end: at + match[0].length };
}

function drawAngle(inside, names) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? null : unescape(inside.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return drawUser(target.slice(1), names, label);
  if (/^#[CGD][A-Z0-9]+$/.test(target)) return drawChannel(target.slice(1), names, label);
  if (target.startsWith("!")) return drawCommand(target.slice(1), label, names);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const address = unescape(target);
  return link(address, label ?? address.replace(/^mailto:/, ""));
}

/** "@Sam" as a mention. */
export function drawUser(id, names, label = null) {
  const mine = names.isMe(id) ? " mine" : "";
  return el("span", { class: `mention${mine}` }, `@${names.user(id) ?? label ?? id}`);
}

/** "#security" as a way into the channel, or its bare name where this person may not go. */
export function drawChannel(id, names, label = null) {
  const name = names.channel(id) ?? label;
  if (!name) return el("span", { class: "mention" }, "#private channel");
  if (!names.channel(id)) return el("span", { class: "mention" }, `#${name}`);
  return el("a", { class: "mention", href: `#${id}` }, `#${name}`);
}

/** "@s3-approvers" as a mention. */
export function drawGroup(id, names, label = null) {
  return el("span", { class: "mention" }, (label ?? names.group(id) ?? `@${id}`).replace(/^@?/, "@"));
}

function drawCommand(command, label, names) {
  if (/^(here|channel|everyone)$/.test(command)) return el("span", { class: "mention mine" }, `@${command}`);
  if (command.startsWith("subteam^")) return drawGroup(command.slice("subteam^".length), names, label);
  if (command.startsWith("date^")) return drawDate(command.split("^").slice(1), label ?? "");
  return el("span", { class: "mention" }, label ?? `<${command}>`);
}

function drawDate([seconds, format = "", address], fallback) {
  const text = formatToken(seconds, unescape(format));
  const time = text === null ? fallback : el("time", { title: fullMoment(fromTs(seconds)) }, text);
  return address ? link(unescape(address), time) : el("span", {}, time);
}
