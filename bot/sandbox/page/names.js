// What ids are called, for one person's view of the workspace.

/** Answers by id; null where this person may not know. */
export class Names {
  #state;

  constructor(state) {
    this.#state = state;
  }

  isMe(id) {
    return id === this.#state.me.id;
  }

  person(id) {
    return this.#state.people.find((person) => person.id === id) ?? null;
  }

  user(id) {
    const person = this.person(id);
    return person && displayName(person);
  }

  channel(id) {
    return this.#state.channels.find((channel) => channel.id === id)?.name ?? null;
  }

  group(id) {
    return this.#state.groups?.find((group) => group.id === id)?.handle ?? null;
  }

  peopleOptions() {
    return this.#state.people.map((person) => ({ key: person.id, label: displayName(person), value: person.id }));
  }

  channelOptions() {
    return this.#state.channels.map((channel) => ({ key: channel.id, label: `#${channel.name}`, value: channel.id }));
  }
}

/** The name shown beside a person's messages. */
export function displayName(person) {
  return person.real_name || person.name;
}

/** Two letters for a face: "Dana Reyes" is "DR", "s3incident" is "S3". */
export function initials(name) {
  const words = String(name).trim().split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words.at(-1)[0] : (words[0] ?? "?").slice(0, 2);
  return letters.toUpperCase();
}
