// Puts the page together: who one is comes from ?as=, where one stands from the part after #.

import { Conversation } from "./conversation.js";
import { el, icon } from "./dom.js";
import { Modals } from "./modal.js";
import { drawOutside } from "./outside.js";
import { drawSidebar } from "./sidebar.js";
import { Workspace } from "./workspace.js";

const NOTICE_MS = 20_000;

async function start() {
  const workspace = new Workspace();
  const permalink = messageAt(location.pathname);
  workspace.place = permalink?.channel ?? (decodeURIComponent(location.hash.slice(1)) || null);
  workspace.addEventListener("notice", ({ detail }) => showNotice(detail));
  await workspace.enter(new URL(location.href).searchParams.get("as"));

  const sidebar = document.getElementById("sidebar");
  const toggle = (open) => document.body.classList.toggle("sidebar-open", open);
  drawSidebar(sidebar, workspace, async (person) => {
    await workspace.enter(person);
    toggle(false);
  });
  const conversation = new Conversation(document.getElementById("middle"), workspace, () => toggle());
  drawOutside(document.getElementById("outside"), workspace);
  new Modals(workspace);
  followPlace(workspace, () => toggle(false));
  followLinks(workspace, conversation);
  if (permalink) conversation.reveal(permalink.ts);
  document.querySelector("[data-skip]").addEventListener("click", (event) => {
    event.preventDefault();
    conversation.composer.focus();
  });
}

/** Keeps the address bar true, so that a window can be reloaded, kept beside another, or shared with oneself. */
function followPlace(workspace, closeSidebar) {
  let at = workspace.place;
  let seen = location.hash;
  const write = () => {
    if (location.hash !== seen) return; // a link was followed just now: its hashchange comes next
    if (workspace.place !== at) closeSidebar();
    at = workspace.place;
    const url = new URL(location.href);
    url.searchParams.set("as", workspace.me.id);
    url.pathname = "/";
    url.hash = workspace.place;
    if (url.href !== location.href) history.replaceState(null, "", url);
    seen = location.hash;
    document.title = `${workspace.channel ? `#${workspace.channel.name}` : "App Home"} · the sandbox workspace`;
  };
  workspace.addEventListener("change", write);
  window.addEventListener("hashchange", () => {
    seen = location.hash;
    workspace.go(decodeURIComponent(location.hash.slice(1)));
  });
  write();
  if (workspace.place === "home") workspace.do("open_home", {});
}

/** What a permalink (".../archives/C0123/p1712345678000200") leads to, or null. */
function messageAt(address) {
  const found = /\/archives\/([CGD][A-Z0-9]+)\/p(\d{10})(\d{6})/.exec(address);
  return found && { channel: found[1], ts: `${found[2]}.${found[3]}` };
}

/** A link to a message of this workspace leads there instead of away. */
function followLinks(workspace, conversation) {
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    const link = event.target.closest?.("a[href]");
    const target = link && messageAt(link.href);
    if (!target || !workspace.names.channel(target.channel)) return;
    event.preventDefault();
    workspace.go(target.channel);
    conversation.reveal(target.ts);
  });
  document.addEventListener("click", (event) => {
    if (document.body.classList.contains("sidebar-open") && !event.target.closest("#sidebar, .menu-button")) document.body.classList.remove("sidebar-open");
  });
}

function closeMenus(target) {
  for (const menu of document.querySelectorAll("details.overflow[open], details.multi[open]")) if (!menu.contains(target)) menu.open = false;
}

function showNotice(text) {
  if (!text) return;
  const notice = el("div", { class: "notice", role: "alert" }, icon("alert"), el("span", {}, text));
  notice.append(el("button", { type: "button", class: "tool", "aria-label": "Dismiss", onclick: () => notice.remove() }, icon("close")));
  document.getElementById("notices").append(notice);
  setTimeout(() => notice.remove(), NOTICE_MS);
}

start().catch((error) => {
  document.getElementById("middle").replaceChildren(el("p", { class: "empty", role: "alert" }, `The workspace could not be opened. ${error.message}`));
  throw error;
});
