// One message: who, when, what, and what can be done with it.

import { avatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { ago, clock, fromTs, fullMoment } from "./dates.js";
import { el, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { Fields } from "./fields.js";
import { drawFile } from "./files.js";
import { drawMrkdwn } from "./mrkdwn.js";
import { displayName } from "./names.js";

const JOINS = new Set(["channel_join", "channel_leave", "group_join", "group_leave"]);
const fieldsOf = new Map();

/** The message as an article; `on` = {dismiss(), thread()} are the page's own actions. */
export function drawMessage(item, workspace, on) {
  const { message } = item;
  const compact = item.compact || JOINS.has(message.subtype);
  const surface = surfaceOf(message, workspace);
  const classes = ["message", compact && "compact", message.ephemeral && "ephemeral", message.is_error && "failed", message.pinned && "pinned", JOINS.has(message.subtype) && "system"];
  const article = el(
    "article",
    { class: classes.filter(Boolean).join(" "), "data-ts": message.ts, "aria-label": `${author(message, workspace).name}, ${clock(fromTs(message.ts))}` },
    drawGutter(message, workspace, compact),
    el("div", { class: "message-body" }, flags(message, on), compact ? null : drawHead(message, workspace), drawContent(message, surface), ...drawFiles(message, workspace), drawReactions(message, workspace), drawThreadButton(item, on)),
    drawToolbar(message, workspace, on),
  );
  surface.fields.restore(surface.previous);
  return article;
}

function surfaceOf(message, workspace) {
  const key = `${message.channel}/${message.ts}`;
  const previous = fieldsOf.get(key)?.values() ?? message.state;
  const fields = new Fields();
  fieldsOf.set(key, fields);
  const where = { channel: message.channel, ts: message.ts };
  const address = (block, element) => ({ ...where, block_id: block.block_id, action_id: element.action_id, type: element.type });
  return {
    names: workspace.names,
    fields,
    previous,
    act: (block, element, action) => workspace.do("action", { ...address(block, element), ...action, values: fields.values() }),
    suggest: async (block, element, value) => (await workspace.do("options", { ...address(block, element), value })).options ?? [],
  };
}

/** Who wrote it: a person of the workspace, or the app under the name it chose. */
export function author(message, workspace) {
  const person = workspace.names.person(message.user);
  if (message.bot_id || !person) return { name: message.username || person?.real_name || "app", app: true };
  return { name: displayName(person), colour: person.color };
}

function drawGutter(message, workspace, compact) {
  const date = fromTs(message.ts);
  if (compact) return el("time", { class: "gutter quiet-time", title: fullMoment(date) }, clock(date));
  const { name, colour, app } = author(message, workspace);
  const face = avatar(name, colour);
  if (app) face.classList.add("app");
  return el("div", { class: "gutter" }, face);
}

function drawHead(message, workspace) {
  const { name, app } = author(message, workspace);
  const date = fromTs(message.ts);
  return el("header", { class: "message-head" }, el("strong", {}, name), app ? el("span", { class: "tag" }, "app") : null, el("time", { title: fullMoment(date) }, clock(date)));
}

function flags(message, on) {
  if (message.ephemeral) {
    const dismiss = el("button", { type: "button", class: "quiet", onclick: on.dismiss }, "Dismiss");
    return el("p", { class: "flag" }, icon("eye"), "Only visible to you · ", dismiss);
  }
  return message.pinned ? el("p", { class: "flag" }, icon("pin"), "Pinned") : null;
}

function drawContent(message, surface) {
  const edited = message.edited ? el("span", { class: "edited" }, "(edited)") : null;
  const sign = message.is_error ? [icon("alert")] : [];
  if (message.blocks?.length) return el("div", { class: "blocks" }, ...sign, ...drawBlocks(message.blocks, surface), edited);
  return el("div", { class: "mrkdwn" }, ...sign, drawMrkdwn(message.text, surface.names), edited);
}

function drawFiles(message, workspace) {
  return (message.files ?? []).map((file) => drawFile(file, workspace.me.id));
}

function drawReactions(message, workspace) {
  const draw = ({ name, users }) => {
    const who = users.map((id) => workspace.names.user(id) ?? "the app").join(", ");
    return el("span", { class: "reaction", title: `${who} reacted with :${name}:` }, el("span", { class: "emoji" }, emoji(name) ?? `:${name}:`), ` ${users.length}`);
  };
  return message.reactions?.length ? el("div", { class: "reactions" }, ...message.reactions.map(draw)) : null;
}

function drawThreadButton({ replies, open, lastReply, message }, on) {
  if (!replies) return null;
  const words = `${replies} ${replies === 1 ? "reply" : "replies"}`;
  const last = lastReply ? el("small", {}, ` last ${ago(fromTs(lastReply))}`) : null;
  return el("button", { type: "button", class: "thread-button", "aria-expanded": String(open), "data-thread": message.ts, onclick: on.thread }, icon("reply"), words, last);
}

function drawToolbar(message, workspace, on) {
  if (message.ephemeral) return null;
  const shortcuts = (workspace.state.shortcuts ?? []).filter((shortcut) => shortcut.type === "message");
  const run = ({ callback_id }) => workspace.do("shortcut", { callback_id, channel: message.channel, ts: message.ts });
  const reply = el("button", { type: "button", class: "tool", title: "Reply in thread", "aria-label": "Reply in thread", onclick: on.thread }, icon("reply"));
  const items = shortcuts.map((shortcut) => el("button", { type: "button", class: "menu-item", onclick: () => run(shortcut) }, shortcut.name));
  const more = el("details", { class: "overflow" }, el("summary", { class: "tool", "aria-label": "More message actions" }, icon("more")), el("div", { class: "menu" }, ...items));
  return el("div", { class: "toolbar" }, message.thread_ts && message.thread_ts !== message.ts ? null : reply, items.length ? more : null);
}
