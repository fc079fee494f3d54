// The middle: a channel's head, its messages and threads, and the box to write in.

import { drawComposer } from "./composer.js";
import { dayName, fromTs } from "./dates.js";
import { el, icon, keyed, link } from "./dom.js";
import { drawHome } from "./home.js";
import { drawMessage } from "./message.js";
import { drawMrkdwn } from "./mrkdwn.js";
import { markSeen } from "./unread.js";

const TOGETHER_SECONDS = 300;
const NEAR_BOTTOM = 120;

/** Draws the middle once and keeps it true. */
export class Conversation {
  #open = new Set();
  #dismissed = new Set();
  #shown = null;

  constructor(root, workspace, openSidebar) {
    this.workspace = workspace;
    this.head = el("header", { class: "channel-head" });
    this.log = el("div", { class: "log", role: "log", tabindex: 0, "aria-label": "Messages" });
    this.link = el("p", { class: "link-lost", role: "status", hidden: true }, "Connection lost. Trying again …");
    this.composer = drawComposer({ label: "Message", send: (text) => this.#say(text), commands: () => workspace.state.commands });
    this.try = el("button", { type: "button", class: "try", onclick: () => this.composer.put(`${this.#firstCommand()} open`) });
    this.hint = el("p", { class: "composer-hint" }, this.try, ...this.#shortcuts());
    this.foot = el("footer", { class: "channel-foot" }, this.link, this.composer.node, this.hint);
    this.home = el("div", { class: "home" });
    root.append(this.head, this.log, this.home, this.foot);
    this.menu = el("button", { type: "button", class: "menu-button", "aria-label": "Channels and people", onclick: openSidebar }, icon("menu"));
    workspace.addEventListener("change", () => this.update());
    workspace.addEventListener("link", () => (this.link.hidden = workspace.connected));
    this.update();
  }

  update() {
    const { channel } = this.workspace;
    this.log.hidden = this.foot.hidden = channel === null;
    this.home.hidden = channel !== null;
    this.#drawHead(channel);
    if (channel) this.#drawChannel(channel);
    else drawHome(this.home, this.workspace);
  }

  /** Scrolls to a message and lights it for a moment; opens its thread first where it is a reply. */
  reveal(ts) {
    const message = this.#messages().find((one) => one.ts === ts);
    if (message?.thread_ts && message.thread_ts !== ts) this.#open.add(message.thread_ts);
    this.update();
    const node = this.log.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("revealed");
    setTimeout(() => node?.classList.remove("revealed"), 2400);
  }

  #messages() {
    return (this.workspace.state.messages[this.workspace.place] ?? []).filter((message) => !this.#dismissed.has(message.ts));
  }

  #firstCommand() {
    return this.workspace.state.commands[0]?.name ?? "/";
  }

  #shortcuts() {
    const global = (this.workspace.state.shortcuts ?? []).filter((shortcut) => shortcut.type === "global");
    const run = ({ callback_id }) => this.workspace.do("shortcut", { callback_id });
    return global.map((shortcut) => el("button", { type: "button", class: "try", onclick: () => run(shortcut) }, `Shortcut: ${shortcut.name}`));
  }

  #say(text, thread) {
    const channel = this.workspace.place;
    this.#stick = true;
    return this.workspace.do("say", { channel, text, ...(thread && { thread_ts: thread }) });
  }

  #stick = false;

  #drawHead(channel) {
    const sign = channel?.is_im ? "reply" : channel?.is_private ? "lock" : "hash";
    const title = channel ? [icon(sign), el("h1", {}, channel.name)] : [icon("home"), el("h1", {}, "App Home")];
    const topic = el("p", { class: "topic" }, channel ? drawMrkdwn(channel.topic || channel.purpose || "", this.workspace.names) : "");
    const pins = channel?.pinned ?? [];
    const pin = pins.length ? el("button", { type: "button", class: "pin-link", onclick: () => this.reveal(pins[0]) }, icon("pin"), "Pinned card") : null;
    const bookmarks = (channel?.bookmarks ?? []).map((one) => link(one.link, one.title));
    const marks = bookmarks.length ? el("nav", { class: "bookmarks", "aria-label": "Bookmarks" }, ...bookmarks) : "";
    this.head.replaceChildren(this.menu, el("div", { class: "channel-title" }, el("div", { class: "channel-line" }, ...title), topic, marks), pin ?? "");
  }

  #drawChannel(channel) {
    const { log } = this;
    const moved = this.#shown !== `${this.workspace.me.id}/${channel.id}`;
    const follow = moved || this.#stick || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_BOTTOM;
    if (moved) log.replaceChildren();
    this.#shown = `${this.workspace.me.id}/${channel.id}`;
    this.#stick = false;
    keyed(log, this.#items(), (item) => this.#draw(item));
    for (const thread of log.querySelectorAll(".thread")) this.#fillThread(thread);
    this.composer.relabel(placeholder(channel));
    this.try.replaceChildren("Try ", el("code", {}, `${this.#firstCommand()} open`));
    if (follow) log.scrollTop = log.scrollHeight;
    markSeen(channel, this.workspace);
  }

  #items() {
    const messages = this.#messages();
    if (messages.length === 0) return [{ key: "empty", empty: true }];
    const roots = messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
    const items = [];
    let before = null;
    for (const message of roots) {
      const day = fromTs(message.ts).toDateString();
      if (!before || fromTs(before.ts).toDateString() !== day) items.push({ key: day, day: message.ts, name: dayName(fromTs(message.ts)) });
      items.push(...this.#itemsOf(message, before, messages));
      before = message;
    }
    return items;
  }

  #itemsOf(message, before, messages) {
    const replies = messages.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts);
    const open = this.#open.has(message.ts);
    const count = Math.max(replies.length, message.reply_count ?? 0);
    const item = { key: message.ts, message, compact: together(before, message), replies: count, open, lastReply: replies.at(-1)?.ts };
    return open ? [item, { key: `thread-${message.ts}`, thread: message.ts }] : [item];
  }

  #draw(item) {
    if (item.empty) return this.#drawEmpty();
    if (item.day) return el("h2", { class: "day" }, el("span", {}, item.name));
    if (item.thread) return this.#drawThread(item.thread);
    return drawMessage(item, this.workspace, { dismiss: () => this.#dismiss(item.message.ts), thread: () => this.#toggle(item.message.ts) });
  }

  #drawEmpty() {
    const { channel, me } = this.workspace;
    const mark = el("img", { src: "/static/mark.svg", alt: "" });
    if (!channel.is_member) return el("div", { class: "empty" }, mark, el("p", {}, `${me.real_name || me.name} is not a member of this channel.`));
    const start = `${this.#firstCommand()} open`;
    const button = el("button", { type: "button", class: "button", onclick: () => this.composer.put(start) }, el("code", {}, start));
    const words = "Nothing has been said here yet. The world outside shows who calls AWS right now; to answer an attack, open an incident.";
    return el("div", { class: "empty" }, mark, el("p", {}, words), button);
  }

  #drawThread(ts) {
    const composer = drawComposer({ label: "Reply …", send: (text) => this.#say(text, ts) });
    return el("section", { class: "thread", "data-root": ts, "aria-label": "Thread" }, el("div", { class: "replies" }), composer.node);
  }

  #fillThread(thread) {
    const replies = this.#messages().filter((one) => one.thread_ts === thread.dataset.root && one.ts !== one.thread_ts);
    const items = replies.map((message, at) => ({ key: message.ts, message, compact: together(replies[at - 1], message) }));
    keyed(thread.querySelector(".replies"), items, (item) => drawMessage(item, this.workspace, { dismiss: () => this.#dismiss(item.message.ts) }));
  }

  #dismiss(ts) {
    this.#dismissed.add(ts);
    this.update();
  }

  #toggle(ts) {
    if (!this.#open.delete(ts)) this.#open.add(ts);
    this.update();
    this.log.querySelector(`.thread[data-root="${CSS.escape(ts)}"]`)?.scrollIntoView({ block: "nearest" });
  }
}

function placeholder({ name, is_im, is_member, is_archived }) {
  if (is_archived) return `#${name} is archived`;
  if (is_im) return `Message ${name}`;
  return is_member ? `Message #${name}` : `You are not in #${name}; writing joins it`;
}

function together(before, message) {
  if (!before || before.user !== message.user || before.username !== message.username) return false;
  if (before.ephemeral || message.ephemeral || message.pinned || before.pinned) return false;
  return Number(message.ts) - Number(before.ts) < TOGETHER_SECONDS && fromTs(before.ts).toDateString() === fromTs(message.ts).toDateString();
}
