// The right side: the world outside. Who calls AWS, what they are told, and whether that changed.

import { actorsOf } from "./actors.js";
import { clockSeconds, fullMoment } from "./dates.js";
import { el, icon, keyed } from "./dom.js";

const SHOWN_CALLS = { attacker: 4, anonymous: 3, innocent: 2, operator: 2 };
const SHOWN_MARKS = 36;
const ROLE_WORDS = { attacker: "attacker", anonymous: "anyone on the internet", innocent: "innocent workload", operator: "operator" };
const STATE_ICONS = { through: "alert", cut: "barred", held: "barred", well: "check", hurt: "alert", acting: "check" };

/** Draws the panel once and keeps it true. On a phone its head is the handle of a sheet. */
export function drawOutside(root, workspace) {
  const summary = el("span", { class: "outside-summary" });
  const spoken = el("p", { class: "spoken", role: "status" });
  const handle = el("button", { type: "button", class: "outside-handle", "aria-expanded": "false" }, icon("globe"), summary, icon("up"));
  const head = el("header", { class: "outside-head" }, icon("globe"), el("h2", {}, "The world outside"));
  const intro = el("p", { class: "outside-intro" }, "Calls that reach AWS right now, and the answers they get.");
  const list = el("div", { class: "actors" });
  const body = el("div", { class: "outside-body" }, intro, list);
  root.append(head, handle, spoken, body);
  handle.addEventListener("click", () => {
    const open = root.classList.toggle("open");
    handle.setAttribute("aria-expanded", String(open));
  });
  const update = () => {
    const actors = actorsOf(workspace.state.outside);
    keyed(list, actors.length ? actors.map(itemOf) : [{ key: "none", none: true }], drawActor);
    const words = headline(actors);
    if (spoken.textContent !== words) spoken.textContent = words;
    summary.textContent = words || "The world outside";
    summary.dataset.state = hostileOf(actors)?.state.kind ?? "";
  };
  workspace.addEventListener("outside", update);
  workspace.addEventListener("change", update);
  update();
}

/** Only what is shown counts for a redraw. */
function itemOf({ key, name, role, principal, calls, state }) {
  return { key, name, role, principal, state, count: calls.length, marks: calls.slice(-SHOWN_MARKS).map((call) => call.allowed), calls: calls.slice(-(SHOWN_CALLS[role] ?? 3)).reverse() };
}

function hostileOf(actors) {
  return actors.find((actor) => actor.role === "attacker") ?? actors[0];
}

function headline(actors) {
  const hostile = hostileOf(actors);
  return hostile ? `${hostile.name}: ${hostile.state.words}` : "";
}

function drawActor(item) {
  if (item.none) return el("p", { class: "outside-none" }, "Quiet. Nobody has called yet.");
  const { name, role, principal, state, calls, marks, count } = item;
  const words = el("p", { class: "actor-state", "data-state": state.kind }, icon(STATE_ICONS[state.kind]), state.words);
  return el(
    "section",
    { class: `actor ${role}`, "data-actor": name, "data-state": state.kind },
    el("header", {}, el("h3", {}, name), el("span", { class: "tag" }, ROLE_WORDS[role] ?? role)),
    el("p", { class: "principal", title: principal ?? "" }, principal ?? ""),
    words,
    drawMarks(marks, count),
    el("ol", { class: "calls" }, ...calls.map(drawCall)),
  );
}

function drawMarks(marks, count) {
  const refused = marks.filter((allowed) => !allowed).length;
  const words = `${count} ${count === 1 ? "call" : "calls"}; of the last ${marks.length}, ${marks.length - refused} allowed and ${refused} refused`;
  return el("div", { class: "marks", role: "img", "aria-label": words, title: words }, ...marks.map((allowed) => el("i", { class: allowed ? "ok" : "no" })));
}

function drawCall({ time, call, resource, allowed, error, source_ip: address }) {
  const date = new Date(time);
  const result = el("span", { class: `result ${allowed ? "ok" : "no"}` }, icon(allowed ? "check" : "barred"), allowed ? "allowed" : (error ?? "refused"));
  return el(
    "li",
    {},
    el("div", { class: "call-line" }, el("code", { class: "call", title: call }, call), result),
    el("div", { class: "call-more" }, el("time", { title: fullMoment(date) }, clockSeconds(date)), el("span", { class: "resource", title: resource ?? "" }, resource ?? ""), el("span", { class: "ip" }, address ?? "")),
  );
}
