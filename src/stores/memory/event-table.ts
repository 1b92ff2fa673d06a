import type { NanoUsd } from '../../lib/money.js';
import { type Settlement, type UsageEvent, usageEvent } from '../../meter/meter.js';

/** What many events have in common: kept once for all of them. */
type Kind = Omit<UsageEvent, 'id' | 'at' | 'cost'>;

/** Rows of one piece of the table. */
const ROWS = 1_024;
/** Instant, the six token counts, and the number of the ledger entry. */
const COLUMNS = 8;
const ENTRY_NUMBER = 7;

interface Chunk {
  readonly ids: string[];
  readonly kinds: Kind[];
  readonly numbers: Float64Array;
  readonly costs: BigInt64Array;
  readonly balances: BigInt64Array;
}

/**
 * The usage events of a memory meter, by position, with the ledger entries of their charges.
 *
 * In columns: as objects they cost the garbage collector more than the requests cost that made them, since it copies
 * each of them twice and looks at all of them again and again.
 */
export class EventTable {
  readonly #chunks: Chunk[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /**
   * Adds an event; returns its position.
   *
   * @param like an event that may be of the same kind.
   * @throws {RangeError} for a cost that does not fit in 64 bits.
   */
  add(settlement: Settlement, like: number | undefined): number {
    const { id, at, usage, cost } = settlement;
    if (!fits(cost)) throw new RangeError(`a charge beyond 64 bits: ${cost}`);
    const position = this.#length;
    const row = position % ROWS;
    if (row === 0) this.#chunks.push(newChunk());
    this.#length += 1;
    const { ids, kinds, numbers, costs } = this.#chunk(position);
    ids[row] = id;
    kinds[row] = this.#kindOf(settlement, like);
    costs[row] = cost;
    const start = row * COLUMNS;
    numbers[start] = at;
    numbers[start + 1] = usage.inputTokens;
    numbers[start + 2] = usage.cachedInputTokens;
    numbers[start + 3] = usage.cacheWriteTokens;
    numbers[start + 4] = usage.cacheWrite1hTokens;
    numbers[start + 5] = usage.outputTokens;
    numbers[start + 6] = usage.reasoningTokens;
    return position;
  }

  event(position: number): UsageEvent {
    const { ids, numbers, costs } = this.#chunk(position);
    const row = position % ROWS;
    const [at = 0, inputTokens = 0, cached = 0, written = 0, written1h = 0, outputTokens = 0, reasoningTokens = 0] =
      numbers.subarray(row * COLUMNS, (row + 1) * COLUMNS);
    const { usage, ...kind } = this.kind(position);
    const counts = { inputTokens, cachedInputTokens: cached, cacheWriteTokens: written, cacheWrite1hTokens: written1h };
    return {
      id: ids[row] ?? '',
      at,
      ...kind,
      usage: { ...counts, outputTokens, reasoningTokens, source: usage.source },
      cost: costs[row] ?? 0n,
    };
  }

  /** Of its `usage` only the source holds for the event. */
  kind(position: number): Kind {
    const kind = this.#chunk(position).kinds[position % ROWS];
    if (!kind) throw new RangeError(`no event ${position}`);
    return kind;
  }

  id(position: number): string {
    return this.#chunk(position).ids[position % ROWS] ?? '';
  }

  at(position: number): number {
    return this.#chunk(position).numbers[(position % ROWS) * COLUMNS] ?? 0;
  }

  cost(position: number): NanoUsd {
    return this.#chunk(position).costs[position % ROWS] ?? 0n;
  }

  /** Notes the ledger entry of an event's charge. */
  setEntry(position: number, number: number, balanceAfter: NanoUsd): void {
    const { numbers, balances } = this.#chunk(position);
    const row = position % ROWS;
    numbers[row * COLUMNS + ENTRY_NUMBER] = number;
    balances[row] = balanceAfter;
  }

  entryNumber(position: number): number {
    return this.#chunk(position).numbers[(position % ROWS) * COLUMNS + ENTRY_NUMBER] ?? 0;
  }

  balanceAfter(position: number): NanoUsd {
    return this.#chunk(position).balances[position % ROWS] ?? 0n;
  }

  #chunk(position: number): Chunk {
    const chunk = this.#chunks[Math.floor(position / ROWS)];
    if (!chunk) throw new RangeError(`no event ${position}`);
    return chunk;
  }

  #kindOf(settlement: Settlement, like: number | undefined): Kind {
    const known = like === undefined ? undefined : this.kind(like);
    if (known && isOfKind(settlement, known)) return known;
    const { id: _id, at: _at, cost: _cost, ...kind } = usageEvent(settlement);
    return kind;
  }
}

function isOfKind(event: UsageEvent, kind: Kind): boolean {
  return (
    event.accountId === kind.accountId &&
    event.keyId === kind.keyId &&
    event.model === kind.model &&
    event.provider === kind.provider &&
    event.upstreamModel === kind.upstreamModel &&
    event.usage.source === kind.usage.source &&
    event.price === kind.price &&
    event.outcome === kind.outcome &&
    (event.flags === kind.flags || event.flags.length + kind.flags.length === 0)
  );
}

function newChunk(): Chunk {
  return {
    ids: new Array<string>(ROWS),
    kinds: new Array<Kind>(ROWS),
    numbers: new Float64Array(ROWS * COLUMNS),
    costs: new BigInt64Array(ROWS),
    balances: new BigInt64Array(ROWS),
  };
}

/** True for an amount of at most 64 bits, as in all other stores. */
export function fits(amount: NanoUsd): boolean {
  return BigInt.asIntN(64, amount) === amount;
}
