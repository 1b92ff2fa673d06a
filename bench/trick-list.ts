/** Code that is there for its speed alone: one file behind one call. */
export interface Trick {
  readonly name: string;
  readonly file: string;
  /** The kind of request that it is for. */
  readonly work: string;
  /** The file's source without the trick. */
  readonly plain: (source: string) => string;
}

export const TRICKS: readonly Trick[] = [
  {
    name: 'StringMap',
    file: 'src/lib/string-map.ts',
    work: 'json',
    plain: () => 'export class StringMap<V> extends Map<string, V> {}',
  },
  {
    name: 'IntrusiveList',
    file: 'src/lib/intrusive-list.ts',
    work: 'json',
    plain: () => `export class ListNode {}
      export class IntrusiveList<T extends ListNode> extends Set<T> {
        items() { return [...this]; }
      }`,
  },
  {
    name: 'Cancellation',
    file: 'src/lib/cancellation.ts',
    work: 'json',
    plain: (source) =>
      cut(
        source,
        'else if (!this.#first) this.#first = listener;',
        "else if (this.signal) this.signal.addEventListener('abort', listener);",
      ),
  },
  {
    name: 'remembered',
    file: 'src/lib/remembered.ts',
    work: 'json',
    plain: () => 'export const remembered = (find) => find;',
  },
  {
    name: 'newRequestId',
    file: 'src/lib/request-id.ts',
    work: 'json',
    plain: (source) => cut(source, 'IDS_AT_ONCE = 256', 'IDS_AT_ONCE = 1'),
  },
  {
    name: 'EventTable',
    file: 'src/stores/memory/event-table.ts',
    work: 'json',
    plain: () => EVENTS_AS_OBJECTS,
  },
  {
    name: 'JsonOutline',
    file: 'src/json/outline.ts',
    work: 'json-200k',
    plain: (source) =>
      cut(source, 'const bytes = Buffer.from', 'if (body) return undefined;\n    const bytes = Buffer.from'),
  },
  {
    name: 'kindOfText',
    file: 'src/json/text-scan.ts',
    work: 'json-200k',
    plain: (source) => cut(source, 'kindOf ??= withVectors();', 'kindOf ??= kindOfTextSlowly;'),
  },
  {
    name: 'endOfString',
    file: 'src/json/string-scan.ts',
    work: 'json-200k',
    plain: (source) => cut(source, 'last = size - 8', 'last = -1'),
  },
  {
    name: 'ChunkTemplate',
    file: 'src/providers/openai/chunk-template.ts',
    work: 'openai-burst',
    plain: () => 'export class ChunkTemplate { static of() { return undefined; } }',
  },
  {
    name: 'relayChunks head',
    file: 'src/providers/openai/to-chunks.ts',
    work: 'openai-choices',
    plain: (source) => cut(source, '(head && relayLike(head, data)) ??', ''),
  },
  {
    name: 'relayChunks',
    file: 'src/providers/openai/to-chunks.ts',
    work: 'openai-burst',
    plain: (source) => cut(source, 'template?.relay(data) ?? relayed(data)', 'undefined as string | undefined'),
  },
  {
    name: 'readWords',
    file: 'src/providers/anthropic/text-delta-fast-path.ts',
    work: 'anthropic-burst',
    plain: () => 'export const readWords = () => undefined;',
  },
  {
    name: 'readTextDelta',
    file: 'src/providers/google/text-delta-fast-path.ts',
    work: 'google-burst',
    plain: () => 'export const readTextDelta = () => undefined;',
  },
  {
    name: 'chunkEncoder',
    file: 'src/openai-api/chunk-encoder.ts',
    work: 'anthropic-burst',
    plain: () =>
      'export const chunkEncoder = (usage) => (chunk) => JSON.stringify(usage ? { ...chunk, usage: null } : chunk);',
  },
  {
    name: 'standsAt',
    file: 'src/json/text.ts',
    work: 'openai-burst',
    plain: (source) => cut(source, 'text.slice(start, start + part.length) === part', 'text.startsWith(part, start)'),
  },
];

const EVENTS_AS_OBJECTS = `
  export const PIECE = 1_024;
  export const fits = (amount) => BigInt.asIntN(64, amount) === amount;
  export class EventTable {
    #events = [];
    #first = 0;
    get length() { return this.#events.length; }
    get first() { return this.#first; }
    forget() {
      this.#events.fill(undefined, this.#first, this.#first + PIECE);
      this.#first += PIECE;
    }
    add(event) { return this.#events.push({ ...event, entryNumber: 0, balanceAfter: 0n }) - 1; }
    event(at) { return this.#events[at]; }
    kind(at) { return this.#events[at]; }
    id(at) { return this.#events[at].id; }
    at(at) { return this.#events[at].at; }
    cost(at) { return this.#events[at].cost; }
    charged(at) { return this.#events[at].charged; }
    setCharged(at, charged) { this.#events[at].charged = charged; }
    refund(at) {
      const before = this.#events[at].refunded;
      this.#events[at].refunded = true;
      return !before;
    }
    setEntry(at, number, balance) {
      this.#events[at].entryNumber = number;
      this.#events[at].balanceAfter = balance;
    }
    entryNumber(at) { return this.#events[at].entryNumber; }
    balanceAfter(at) { return this.#events[at].balanceAfter; }
  }`;

/** A source in which a piece is replaced. */
function cut(source: string, piece: string, by: string): string {
  if (!source.includes(piece)) throw new Error(`no longer in the source: ${piece}`);
  return source.replace(piece, by);
}
