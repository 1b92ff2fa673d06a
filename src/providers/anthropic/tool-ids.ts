const VALID = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * Gives every tool call of one conversation an id that Anthropic accepts (`^[a-zA-Z0-9_-]+$`, unique), and its result the
 * same one. Ids from other providers may be empty, repeated, too long or hold other characters.
 *
 * Calls and results must be given in conversation order; the same conversation always gets the same ids, so that a
 * cached prefix stays valid.
 */
export class ToolIds {
  readonly #taken = new Set<string>();
  /** Native ids of the current assistant turn by the client's id, in call order. */
  #open = new Map<string, string[]>();

  /** A new assistant turn begins: results that follow belong to its calls. */
  startTurn(): void {
    this.#open = new Map();
  }

  forCall(id: string): string {
    const native = this.#unique(sanitized(id));
    const sameId = this.#open.get(id);
    if (sameId) sameId.push(native);
    else this.#open.set(id, [native]);
    return native;
  }

  forResult(id: string): string {
    const natives = this.#open.get(id);
    if (natives === undefined) return sanitized(id);
    return (natives.length > 1 ? natives.shift() : natives[0]) ?? sanitized(id);
  }

  #unique(wanted: string): string {
    let id = wanted;
    for (let n = 2; this.#taken.has(id); n++) id = `${wanted.slice(0, 58)}_${n}`;
    this.#taken.add(id);
    return id;
  }
}

function sanitized(id: string): string {
  if (VALID.test(id)) return id;
  return id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'call';
}
