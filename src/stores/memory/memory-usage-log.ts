import type { NanoUsd } from '../../lib/money.js';
import type { TokenCounts } from '../../lib/usage.js';
import type {
  Page,
  Settlement,
  UsageDimension,
  UsageEvent,
  UsageLog,
  UsageQuery,
  UsageRange,
  UsageTotals,
} from '../../meter/meter.js';
import type { EventTable } from './event-table.js';

const HOUR_MS = 3_600_000;

type Sums = { -readonly [K in keyof TokenCounts]: number } & { requests: number; cost: NanoUsd };

/** One hour of one account: exact sums per key and model, and the events for queries that cut through the hour. */
interface HourRollup {
  readonly byKey: Map<string, Map<string, Rollup>>;
  /** Positions of its events. */
  readonly positions: number[];
}

interface Rollup {
  readonly sums: Sums;
  /** The newest event in it. */
  newest: number | undefined;
}

interface AccountUsage {
  readonly hours: Map<number, HourRollup>;
  /** Positions in the log of all events, ascending. */
  readonly positions: number[];
}

/** The usage log of a memory meter: events in the order of their settlement, and rollups kept as they arrive. */
export class MemoryUsageLog implements UsageLog {
  readonly #table: EventTable;
  readonly #accounts = new Map<string, AccountUsage>();
  readonly #positionOf: (id: string) => number | undefined;

  /** @param positionOf finds the position that `record` returned for an event id, while it is remembered. */
  constructor(table: EventTable, positionOf: (id: string) => number | undefined) {
    this.#table = table;
    this.#positionOf = positionOf;
  }

  /** Adds an event; returns its position. @throws {RangeError} for a cost that does not fit in 64 bits. */
  record(settlement: Settlement): number {
    const account = getOrAdd(this.#accounts, settlement.accountId, newAccount);
    const hour = getOrAdd(account.hours, Math.floor(settlement.at / HOUR_MS), newHour);
    const rollup = getOrAdd(getOrAdd(hour.byKey, settlement.keyId ?? '', newMap), settlement.model, newRollup);
    const position = this.#table.add(settlement, rollup.newest);
    rollup.newest = position;
    account.positions.push(position);
    hour.positions.push(position);
    addEvent(rollup.sums, settlement);
    return position;
  }

  events(query: UsageRange, page: Page): UsageEvent[] {
    const end = page.before === undefined ? this.#table.length : this.#find(page.before);
    const positions = query.accountId === undefined ? undefined : this.#accounts.get(query.accountId)?.positions;
    if (query.accountId !== undefined && !positions) return [];
    const found: UsageEvent[] = [];
    for (let i = (positions ?? this.#table).length - 1; i >= 0 && found.length < page.limit; i--) {
      const position = positions ? (positions[i] ?? 0) : i;
      if (position < end && this.#matches(position, query)) found.push(this.#table.event(position));
    }
    return found;
  }

  usage(query: UsageQuery): UsageTotals[] {
    const groups = new Map<string, { readonly values: readonly string[]; readonly sums: Sums }>();
    const groupOf = (accountId: string, hour: number, keyId: string, model: string): Sums => {
      const values = query.groupBy.map((dimension) => groupValue(dimension, { accountId, hour, keyId, model }));
      return getOrAdd(groups, JSON.stringify(values), () => ({ values, sums: newSums() })).sums;
    };
    for (const [accountId, account] of this.#accountsOf(query)) {
      for (const [hour, rollup] of account.hours) {
        const start = hour * HOUR_MS;
        if (start + HOUR_MS <= (query.from ?? -Infinity) || start >= (query.to ?? Infinity)) continue;
        const whole = start >= (query.from ?? -Infinity) && start + HOUR_MS <= (query.to ?? Infinity);
        if (whole) addRollup(rollup, query, (keyId, model) => groupOf(accountId, hour, keyId, model));
        else
          for (const position of rollup.positions) {
            if (!this.#matches(position, query)) continue;
            const event = this.#table.event(position);
            addEvent(groupOf(accountId, hour, event.keyId ?? '', event.model), event);
          }
      }
    }
    return [...groups.values()]
      .sort((a, b) => compareLists(a.values, b.values))
      .map(({ values, sums }) => ({ ...named(query.groupBy, values), ...sums }));
  }

  #accountsOf(query: UsageRange): Iterable<[string, AccountUsage]> {
    if (query.accountId === undefined) return this.#accounts;
    const account = this.#accounts.get(query.accountId);
    return account ? [[query.accountId, account]] : [];
  }

  #find(id: string): number {
    const known = this.#positionOf(id);
    if (known !== undefined) return known;
    for (let position = 0; position < this.#table.length; position++) {
      if (this.#table.id(position) === id) return position;
    }
    return 0;
  }

  #matches(position: number, query: UsageRange): boolean {
    const { keyId, model } = this.#table.kind(position);
    const at = this.#table.at(position);
    return (
      (query.keyId === undefined || keyId === query.keyId) &&
      (query.model === undefined || model === query.model) &&
      (query.from === undefined || at >= query.from) &&
      (query.to === undefined || at < query.to)
    );
  }
}

function addRollup(rollup: HourRollup, query: UsageRange, groupOf: (keyId: string, model: string) => Sums): void {
  for (const [keyId, models] of rollup.byKey) {
    if (query.keyId !== undefined && query.keyId !== keyId) continue;
    for (const [model, { sums }] of models)
      if (query.model === undefined || query.model === model) addSums(groupOf(keyId, model), sums);
  }
}

function addEvent(sums: Sums, event: UsageEvent): void {
  add(sums, event.usage, 1, event.cost);
}

function addSums(sums: Sums, more: Sums): void {
  add(sums, more, more.requests, more.cost);
}

function add(sums: Sums, tokens: TokenCounts, requests: number, cost: NanoUsd): void {
  sums.requests += requests;
  sums.cost += cost;
  sums.inputTokens += tokens.inputTokens;
  sums.cachedInputTokens += tokens.cachedInputTokens;
  sums.cacheWriteTokens += tokens.cacheWriteTokens;
  sums.cacheWrite1hTokens += tokens.cacheWrite1hTokens;
  sums.outputTokens += tokens.outputTokens;
  sums.reasoningTokens += tokens.reasoningTokens;
}

function groupValue(
  dimension: UsageDimension,
  row: { readonly accountId: string; readonly hour: number; readonly keyId: string; readonly model: string },
): string {
  if (dimension === 'account') return row.accountId;
  if (dimension === 'key') return row.keyId;
  if (dimension === 'model') return row.model;
  return new Date(row.hour * HOUR_MS).toISOString().slice(0, dimension === 'day' ? 10 : 13);
}

const FIELDS = { account: 'accountId', model: 'model', key: 'keyId', day: 'day', hour: 'hour' } as const;

function named(dimensions: readonly UsageDimension[], values: readonly string[]): Partial<UsageTotals> {
  return Object.fromEntries(dimensions.map((dimension, i) => [FIELDS[dimension], values[i]]));
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const [left = '', right = ''] = [a[i], b[i]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

function newAccount(): AccountUsage {
  return { hours: new Map(), positions: [] };
}

function newHour(): HourRollup {
  return { byKey: new Map(), positions: [] };
}

function newMap(): Map<string, Rollup> {
  return new Map();
}

function newRollup(): Rollup {
  return { sums: newSums(), newest: undefined };
}

function newSums(): Sums {
  return {
    requests: 0,
    inputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    cost: 0n,
  };
}
