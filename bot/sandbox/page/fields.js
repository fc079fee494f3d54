// What a person has filled in, on one message, Home or modal: read as Slack's state.values, kept across redraws.

const TEXT_INPUTS = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "number" };

/** The open inputs of one surface, by block_id and action_id. */
export class Fields {
  #fields = new Map();

  /** Registers an input: `read()` gives Slack's value object, `write(value)` puts one back, `node` takes the focus. */
  add(blockId, actionId, field) {
    this.#fields.set(JSON.stringify([blockId, actionId]), { blockId, actionId, ...field });
  }

  /** {block_id: {action_id: value}}, the state.values of a block_actions or view_submission payload. */
  values() {
    const values = {};
    for (const { blockId, actionId, read } of this.#fields.values()) (values[blockId] ??= {})[actionId] = read();
    return values;
  }

  /** Puts values back into inputs that kept their block_id and action_id, as Slack does on views.update. */
  restore(values) {
    for (const { blockId, actionId, write } of this.#fields.values()) {
      const value = values?.[blockId]?.[actionId];
      if (value) write(value);
    }
  }

  /** The node of the first input of a block, or of the first input that asks for focus, or of the first of all. */
  node(blockId) {
    const fields = [...this.#fields.values()];
    const wanted = blockId ? fields.find((field) => field.blockId === blockId) : fields.find((field) => field.element?.focus_on_load);
    return (wanted ?? (blockId ? undefined : fields[0]))?.node;
  }
}

/** The HTML input type of a text element, or undefined when the element is not one. */
export function inputType(element) {
  return TEXT_INPUTS[element.type];
}
