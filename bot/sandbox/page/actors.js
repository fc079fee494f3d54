// What the calls of the world outside say about each actor in it. Pure: calls in, words out.

import { clockSeconds } from "./dates.js";

const HOSTILE = new Set(["attacker", "anonymous"]);
const ORDER = ["attacker", "anonymous", "innocent", "operator"];
const MANY_REFUSED = 4;

/** The actors with their calls (oldest first) and state, the hostile ones before the others. */
export function actorsOf(calls) {
  const groups = Map.groupBy([...calls].sort((one, other) => one.seq - other.seq), (call) => `${call.role}/${call.actor}`);
  const actors = [...groups].map(([key, own]) => ({ key, name: own[0].actor, role: own[0].role, principal: own.at(-1).principal, calls: own, state: stateOf(own) }));
  return actors.sort((one, other) => ORDER.indexOf(one.role) - ORDER.indexOf(other.role) || one.name.localeCompare(other.name));
}

/** The whole panel in one line: {kind, words}, for a phone's handle and for those who listen. */
export function headline(actors) {
  const hostile = actors.filter((actor) => HOSTILE.has(actor.role));
  const hurt = actors.filter((actor) => actor.state.kind === "hurt").length;
  const through = hostile.filter((actor) => actor.state.kind === "through").length;
  const after = hurt ? ` · ${hurt} ${hurt === 1 ? "workload" : "workloads"} refused` : "";
  if (hostile.length === 0) return { kind: "well", words: `Nobody hostile${after}` };
  if (hostile.length === 1) return { kind: hostile[0].state.kind, words: `${hostile[0].name}: ${hostile[0].state.words}${after}` };
  if (through) return { kind: "through", words: `${through} of ${hostile.length} intruders getting through${after}` };
  return { kind: "cut", words: `All ${hostile.length} intruders refused${after}` };
}

/**
 * {kind, words}: kind "through" | "cut" | "held" (never got in) | "well" | "hurt" | "acting".
 * Refusals alone are not "cut off": an attacker who probes is refused all day. Cut off means that what worked before
 * is refused now and nothing has worked since (or that the last four calls were all refused).
 */
export function stateOf(calls) {
  const { role } = calls[0];
  const since = refusedSince(calls);
  const time = since && clockSeconds(new Date(since.time));
  if (HOSTILE.has(role)) {
    if (!calls.some((call) => call.allowed)) return { kind: "held", words: "refused so far" };
    return since ? { kind: "cut", words: `cut off since ${time}` } : { kind: "through", words: "getting through" };
  }
  if (since) return { kind: "hurt", words: `refused since ${time}` };
  return role === "operator" ? { kind: "acting", words: "at work" } : { kind: "well", words: "working normally" };
}

function refusedSince(calls) {
  const start = calls.findLastIndex((call) => call.allowed) + 1;
  const refused = calls.slice(start);
  const worked = new Set(calls.slice(0, start).filter((call) => call.allowed).map(what));
  const lost = refused.find((call) => worked.has(what(call)));
  return lost ?? (refused.length >= MANY_REFUSED ? refused[0] : null);
}

/** The call on its bucket or other target, whatever the key: "s3:GetObject acme-payroll". */
function what(call) {
  return `${call.call} ${String(call.resource ?? "").split("/")[0]}`;
}
