// The right side: the world outside. Who calls AWS, what they are told, and whether that changed.

import { actorsOf, headline } from "./actors.js";
import { clockSeconds, fullMoment } from "./dates.js";
import { el, icon, keyed } from "./dom.js";

const SHOWN_CALLS = { attacker: 2, anonymous: 2, innocent: 1, operator: 1 };
const SHOWN_MARKS = 18;
const ROLE_WORDS = { attacker: "attacker", anonymous: "public", innocent: "innocent", operator: "operator" };
const STATE_ICONS = { through: "alert", cut: "barred", held: "barred", well: "check", hurt: "alert", acting: "check" };

/** Draws the panel once and keeps it true. On a phone its head is the handle of a sheet. */
export function drawOutside(root, workspace) {
  const summary = el("span", { class: "outside-summary" });
  const spoken = el("p", { class: "spoken", role: "status" });
  const handle = el("button", { type: "button", class: "outside-handle", "aria-expanded": "false" }, icon("globe"), summary, icon("up"));
  const head = el("header", { class: "outside-head" }, icon("globe"), el("div", {}, el("h2", {}, "The world outside"), el("p", {}, "Calls to AWS, and the answers")));
  const list = el("div", { class: "actors" });
  const body = el("div", { class: "outside-body" }, list);
  root.append(head, handle, spoken, body);
  handle.addEventListener("click", () => {
    const open = root.classList.toggle("open");
    handle.setAttribute("aria-expanded", String(open));
  });
  const update = () => {
    const actors = actorsOf(workspace.state.outside);
    keyed(list, actors.length ? actors.map(itemOf) : [{ key: "none", none: true }], drawActor);
    const { kind, words } = actors.length ? headline(actors) : { kind: "", words: "The world outside" };
    if (spoken.textContent !== words) spoken.textContent = words;
    summary.textContent = words;
    summary.dataset.state = kind;
  };
  workspace.addEventListener("outside", update);
  workspace.addEventListener("change", update);
  update();
}

/** Only what is shown counts for a redraw. */
function itemOf({ key, name, role, principal, calls, state }) {
  return { key, name, role, principal, state, count: calls.length, marks: calls.slice(-SHOWN_MARKS).map((call) => call.allowed), calls: calls.slice(-(SHOWN_CALLS[role] ?? 3)).reverse() };
}

function drawActor(item) {
  if (item.none) return el("p", { class: "outside-none" }, "Quiet. Nobody has called yet.");
  const { name, role, principal, state, calls, marks, count } = item;
  const words = el("p", { class: "actor-state", "data-state": state.kind }, icon(STATE_ICONS[state.kind]), state.words);
  const who = [shortName(principal), calls[0].source_ip].filter(Boolean).join(" · ");
  return el(
    "section",
    { class: `actor ${role}`, "data-actor": name, "data-state": state.kind },
    el("header", {}, el("h3", {}, name), el("span", { class: "tag" }, ROLE_WORDS[role] ?? role)),
    el("p", { class: "principal", title: principal ?? "" }, who),
    el("div", { class: "actor-line" }, words, drawMarks(marks, count)),
    el("ol", { class: "calls" }, ...calls.map(drawCall)),
  );
}

/** "user/ci-deploy" of "arn:aws:iam::123456789012:user/ci-deploy". */
function shortName(principal) {
  return String(principal ?? "").replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "");
}

function drawMarks(marks, count) {
  const refused = marks.filter((allowed) => !allowed).length;
  const words = `${count} ${count === 1 ? "call" : "calls"}; of the last ${marks.length}, ${marks.length - refused} allowed and ${refused} refused`;
  return el("div", { class: "marks", role: "img", "aria-label": words, title: words }, ...marks.map((allowed) => el("i", { class: allowed ? "ok" : "no" })));
}

function drawCall({ time, call, resource, allowed, error, source_ip: address }) {
  const date = new Date(time);
  const result = el("span", { class: `result ${allowed ? "ok" : "no"}` }, icon(allowed ? "check" : "barred"), allowed ? "allowed" : (error ?? "refused"));
  const target = el("span", { class: "resource" }, resource ?? "");
  const whole = `${call} ${resource ?? ""} from ${address ?? "?"}, ${fullMoment(date)}`;
  return el("li", { title: whole }, el("time", {}, clockSeconds(date)), el("span", { class: "call" }, call.replace(/^\w+:/, "")), target, result);
}
