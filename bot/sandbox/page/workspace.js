// The page's one truth: the server's state for the person one is, and where one stands in it.

import { Names } from "./names.js";
import { fetchState, listen, post } from "./server.js";

const KEPT_OUTSIDE = 600;

/** Fires "change" (state or place), "outside" (a call in the world outside), "link" (connected or not), "notice". */
export class Workspace extends EventTarget {
  state = null;
  place = null;
  connected = true;
  #close = () => {};
  #refreshing = null;
  #again = false;
  #late = [];

  get me() {
    return this.state.me;
  }

  get names() {
    return new Names(this.state);
  }

  /** The channel one stands in, or null at App Home. */
  get channel() {
    return this.state.channels.find((channel) => channel.id === this.place) ?? null;
  }

  /** Becomes a person (null: whom the server chooses) and follows what changes for them. */
  async enter(person) {
    this.#close();
    this.state = await fetchState(person);
    this.#settle();
    this.#close = listen(this.me.id, {
      connected: () => this.#link(true),
      lost: () => this.#link(false),
      changed: (event) => this.#receive(event),
    });
    this.#fire("change");
  }

  /** Goes to a channel id or to "home"; an id this person cannot see leads to their first channel. */
  go(place) {
    if (place === this.place) return;
    this.place = place;
    this.#settle();
    if (this.place === "home") this.do("open_home", {});
    this.#fire("change");
  }

  /** Does one thing as this person, shows Slack's sentence where it failed, and takes in what changed. */
  async do(kind, fields) {
    const reply = await post(this.me.id, kind, fields);
    await this.refresh();
    if (reply.error && kind !== "submit" && !this.#isSaid(reply.error)) this.notice(reply.error);
    return reply;
  }

  /** Reads the state again; many wishes at once cost two reads at most. */
  refresh() {
    this.#again = this.#refreshing !== null;
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  #isSaid(sentence) {
    return (this.state.messages[this.place] ?? []).some((message) => message.is_error && message.text === sentence);
  }

  notice(text) {
    this.dispatchEvent(new CustomEvent("notice", { detail: text }));
  }

  async #read() {
    do {
      this.#again = false;
      this.#late = [];
      const person = this.me.id;
      try {
        const state = await fetchState(person);
        if (this.me.id !== person) return;
        this.state = { ...state, outside: withCalls(state.outside, this.#late) };
      } catch {
        return this.#link(false);
      }
      this.#settle();
      this.#fire("change");
    } while (this.#again);
  }

  #receive(event) {
    if (event.type === "notice") return this.notice(event.text ?? event.error ?? "");
    if (event.type !== "outside") return this.refresh();
    this.#late.push(event.item); // a state that is being read right now may not have it yet
    this.state.outside = withCalls(this.state.outside, [event.item]);
    return this.#fire("outside");
  }

  #link(connected) {
    if (connected) this.refresh(); // also after the first connection: something may have changed before it
    this.connected = connected;
    this.#fire("link");
  }

  #settle() {
    const ids = this.state.channels.map((channel) => channel.id);
    if (this.place === "home" || ids.includes(this.place)) return;
    const first = this.state.channels.find((channel) => channel.name === "security" && channel.is_member);
    this.place = (first ?? this.state.channels.find((channel) => channel.is_member) ?? this.state.channels[0])?.id ?? "home";
  }

  #fire(name) {
    this.dispatchEvent(new Event(name));
  }
}

function withCalls(calls, more) {
  const known = new Set(calls.map((call) => call.seq));
  const fresh = more.filter((call) => !known.has(call.seq) && known.add(call.seq)); // also what is told twice
  return [...calls, ...fresh].slice(-KEPT_OUTSIDE);
}
