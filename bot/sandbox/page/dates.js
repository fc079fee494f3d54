// Times as people read them. Slack timestamps ("1712345678.000200") and Unix seconds come in, local time goes out.

const DAY_MS = 86_400_000;
const LONG = { month: "long", day: "numeric", year: "numeric" };
const SHORT = { month: "short", day: "numeric", year: "numeric" };

/** The Date of a Slack `ts` or of Unix seconds. */
export function fromTs(ts) {
  return new Date(Number(ts) * 1000);
}

/** "14:05", the hour a message was sent; also how this reader, who likes 24 hours, sees {time}. */
export function clock(date) {
  return date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** "14:05:09". */
export function clockSeconds(date) {
  return date.toLocaleTimeString("en-GB");
}

/** The whole moment with its zone, for a tooltip; nothing for what is no moment. */
export function fullMoment(date) {
  if (Number.isNaN(date.getTime())) return "";
  return `${ordinal(date, { weekday: "long" })} ${clockSeconds(date)} (${date.toISOString()})`;
}

/** "Today", "Yesterday", "Tomorrow" or "Monday, November 4th". */
export function dayName(date, now = new Date()) {
  const near = nearDay(date, now);
  if (near) return near[0].toUpperCase() + near.slice(1);
  return ordinal(date, { weekday: "long" });
}

/** "just now", "4 minutes ago", "in 2 hours". */
export function ago(date, now = new Date()) {
  const seconds = Math.round((date - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 10) return "just now";
  const format = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  if (size < 60) return format.format(seconds, "second");
  if (size < 3600) return format.format(Math.trunc(seconds / 60), "minute");
  if (size < 86_400) return format.format(Math.trunc(seconds / 3600), "hour");
  return format.format(Math.trunc(seconds / 86_400), "day");
}

/**
 * The text of Slack's date token: <!date^SECONDS^FORMAT|...>. Null when the seconds are not a moment, and then
 * Slack shows the fallback. Names in braces that Slack does not know stay as they are.
 */
export function formatToken(seconds, format, now = new Date()) {
  if (!/^-?\d+$/.test(String(seconds))) return null;
  const date = fromTs(seconds);
  if (Number.isNaN(date.getTime())) return null;
  return format.replace(/\{([a-z_]+)\}/g, (whole, name) => (Object.hasOwn(TOKENS, name) ? TOKENS[name](date, now) : whole));
}

const TOKENS = {
  date_num: (date) => [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join("-"),
  date_slash: (date) => [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join("/"),
  date: (date) => ordinal(date),
  date_short: (date) => date.toLocaleDateString("en-US", SHORT),
  date_long: (date) => ordinal(date, { weekday: "long" }),
  date_pretty: (date, now) => nearDay(date, now) ?? ordinal(date),
  date_short_pretty: (date, now) => nearDay(date, now) ?? date.toLocaleDateString("en-US", SHORT),
  date_long_pretty: (date, now) => nearDay(date, now) ?? ordinal(date, { weekday: "long" }),
  day_divider_pretty: (date, now) => nearDay(date, now) ?? ordinal(date, { weekday: "long" }),
  time: clock,
  time_secs: clockSeconds,
  ago,
};

function ordinal(date, extra = {}) {
  const parts = new Intl.DateTimeFormat("en-US", { ...LONG, ...extra }).formatToParts(date);
  return parts.map(({ type, value }) => (type === "day" ? value + suffix(Number(value)) : value)).join("");
}

function suffix(day) {
  if (day >= 11 && day <= 13) return "th";
  return { 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th";
}

function nearDay(date, now) {
  const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
  const days = Math.round((midnight(date) - midnight(now)) / DAY_MS);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? null;
}

function pad(number) {
  return String(number).padStart(2, "0");
}
