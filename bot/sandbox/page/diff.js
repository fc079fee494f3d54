// Preformatted text whose lines start with + or - : each such line gets a gentle ground and keeps its sign.

const NEIGHBOURS = /^(?:---|\+\+\+) |^@@ /;

/** Whether a preformatted text reads as a diff: lines added or removed, and not merely a list of "- " points. */
export function isDiff(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const changed = lines.some((line) => /^(?:[+-](?:[\s"'{}[\]()]|$)|@@ )/.test(line));
  return changed && !lines.every((line) => /^- \S/.test(line));
}

/** The diff as <pre>, one <span> a line, with words for those who cannot see the ground. */
export function drawDiff(text) {
  const pre = document.createElement("pre");
  pre.className = "diff";
  pre.append(...text.split("\n").map(drawLine));
  return pre;
}

function drawLine(line) {
  const span = document.createElement("span");
  span.className = kindOf(line);
  span.textContent = `${line}\n`;
  if (span.className === "added") span.title = "added";
  if (span.className === "removed") span.title = "removed";
  return span;
}

function kindOf(line) {
  if (NEIGHBOURS.test(line)) return "place";
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return "same";
}
