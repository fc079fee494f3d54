// The server behind the page: one state, one stream of changes, one door for everything a person does.

const REOPEN_MS = 1000;

/** The workspace as one person sees it; `person` null lets the server choose whom. */
export async function fetchState(person) {
  const reply = await fetch(`/page/state${as(person)}`, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`The sandbox answered ${reply.status}: ${await reply.text()}`);
  return reply.json();
}

/** Does one thing as a person; the reply is {ok, errors?, error?}, where error is Slack's own sentence. */
export async function post(person, kind, fields) {
  const body = JSON.stringify({ as: person, kind, ...fields });
  try {
    const reply = await fetch("/page/do", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const text = await reply.text();
    return isJson(reply) ? JSON.parse(text) : { ok: false, error: `The sandbox answered ${reply.status}: ${text.slice(0, 200)}` };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, error: "The sandbox did not answer. Is it still running in your terminal?" };
  }
}

function isJson(reply) {
  return reply.headers.get("Content-Type")?.startsWith("application/json") ?? false;
}

/** The changes as one person may see them, reconnecting for ever. Stop with the returned function. */
export function listen(person, { changed, connected, lost }) {
  let stream = null;
  let timer = null;
  const open = () => {
    stream = new EventSource(`/page/events${as(person)}`);
    stream.addEventListener("open", connected);
    stream.addEventListener("message", (event) => changed(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      lost();
      if (stream.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    stream.close();
  };
}

/** A file's address for this person; null for an address outside this server. */
export function fileUrl(address, person) {
  if (!URL.canParse(address, location.href)) return null;
  const url = new URL(address, location.href);
  if (url.origin !== location.origin) return null;
  if (!url.searchParams.has("as")) url.searchParams.set("as", person);
  return url.pathname + url.search;
}

function as(person) {
  return person ? `?as=${encodeURIComponent(person)}` : "";
}
