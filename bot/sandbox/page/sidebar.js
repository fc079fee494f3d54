// The left side: who one is, where one can go.

import { avatar } from "./avatar.js";
import { el, icon, keyed } from "./dom.js";
import { displayName } from "./names.js";
import { hasUnread } from "./unread.js";

/** Draws the sidebar once and keeps it true. */
export function drawSidebar(root, workspace, enter) {
  const people = el("div", { class: "people", role: "group", "aria-label": "Who you are" });
  const channels = el("div", { class: "channels" });
  const direct = el("div", { class: "channels" });
  const note = el("p", { class: "person-note" });
  const home = el("a", { class: "channel home-entry", href: "#home" }, icon("home"), el("span", { class: "channel-name" }, "App Home"));
  root.append(
    el("div", { class: "brand" }, el("img", { src: "/static/mark.svg", alt: "" }), el("div", {}, el("strong", {}, "The sandbox workspace"), el("small", {}, "Nothing leaves your machine"))),
    el("div", { class: "side-scroll" }, el("h2", { class: "side-title" }, "You are"), people, note, el("h2", { class: "side-title" }, "Channels"), channels, el("h2", { class: "side-title" }, "App"), home, direct),
  );
  const update = () => {
    const all = workspace.state.channels.map((channel) => channelItem(channel, workspace));
    keyed(people, workspace.state.people.filter((person) => person.role !== "app").map((person) => personItem(person, workspace)), (item) => drawPerson(item, enter));
    note.textContent = workspace.me.note ?? "";
    keyed(channels, all.filter((channel) => !channel.is_im), drawChannel);
    keyed(direct, all.filter((channel) => channel.is_im), drawChannel);
    home.setAttribute("aria-current", workspace.place === "home" ? "page" : "false");
  };
  workspace.addEventListener("change", update);
  update();
}

function personItem(person, workspace) {
  return { key: person.id, person, chosen: person.id === workspace.me.id, place: workspace.place };
}

/** A link, so that a middle click opens a second window as that person: two people at once, side by side. */
function drawPerson({ person, chosen, place }, enter) {
  const words = el("span", { class: "person-words" }, el("strong", {}, displayName(person)), el("small", {}, person.role ?? ""));
  const choose = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    enter(person.id);
  };
  const href = `/?as=${encodeURIComponent(person.id)}#${place}`;
  return el("a", { class: "person", href, "data-person": person.name, "aria-current": String(chosen), title: person.note ?? "", onclick: choose }, avatar(displayName(person), person.color), words);
}

function channelItem({ id, name, is_private: secret, is_im, is_member, unread }, workspace) {
  const here = id === workspace.place;
  return { key: id, name, secret, is_im, is_member, here, dot: !here && hasUnread({ id, unread }, workspace) };
}

function drawChannel({ key, name, secret, is_im, is_member, here, dot }) {
  const classes = ["channel", dot ? "unread" : "", is_member ? "" : "outsider"].join(" ").trim();
  const sign = is_im ? "reply" : secret ? "lock" : "hash";
  return el(
    "a",
    { class: classes, href: `#${key}`, "data-channel": name, "aria-current": here ? "page" : "false" },
    icon(sign),
    el("span", { class: "channel-name" }, name),
    dot ? el("span", { class: "dot", role: "img", "aria-label": "unread messages" }) : null,
  );
}
