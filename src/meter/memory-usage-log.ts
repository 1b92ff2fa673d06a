import type { Page, UsageDimension, UsageEvent, UsageLog, UsageQuery, UsageRange, UsageTotals } from './meter.js';
import type { NanoUsd } from './money.js';
import type { TokenCounts } from './usage.js';

const HOUR_MS = 3_600_000;

type Sums = { -readonly [K in keyof TokenCounts]: number } & { requests: number; cost: NanoUsd };

/** One hour of one account: exact sums per key and model, and the events for queries that cut through the hour. */
interface HourRollup {
  readonly byKey: Map<string, Map<string, Sums>>;
  readonly events: UsageEvent[];
}

interface AccountUsage {
  readonly hours: Map<number, HourRollup>;
  /** Positions in the log of all events, ascending. */
  readonly positions: number[];
}

/** The usage log of a memory meter: events in the order of their settlement, and rollups kept as they arrive. */
export class MemoryUsageLog implements UsageLog {
  readonly #events: UsageEvent[] = [];
  readonly #accounts = new Map<string, AccountUsage>();
  readonly #positionOf: (id: string) => number | undefined;

  /** @param positionOf finds the position that `record` returned for an event id, while it is remembered. */
  constructor(positionOf: (id: string) => number | undefined) {
    this.#positionOf = positionOf;
  }

  /** Adds an event; returns its position. */
  record(event: UsageEvent): number {
    const position = this.#events.push(event) - 1;
    const account = getOrAdd(this.#accounts, event.accountId, newAccount);
    account.positions.push(position);
    const hour = getOrAdd(account.hours, Math.floor(event.at / HOUR_MS), newHour);
    hour.events.push(event);
    addEvent(getOrAdd(getOrAdd(hour.byKey, event.keyId, newMap), event.model, newSums), event);
    return position;
  }

  /** The account of the event at a position. */
  accountAt(position: number): string | undefined {
    return this.#events[position]?.accountId;
  }

  events(query: UsageRange, page: Page): UsageEvent[] {
    const end = page.before === undefined ? this.#events.length : this.#find(page.before);
    const positions = query.accountId === undefined ? undefined : this.#accounts.get(query.accountId)?.positions;
    if (query.accountId !== undefined && !positions) return [];
    const found: UsageEvent[] = [];
    for (let i = (positions ?? this.#events).length - 1; i >= 0 && found.length < page.limit; i--) {
      const position = positions ? (positions[i] ?? 0) : i;
      const event = this.#events[position];
      if (event && position < end && matches(event, query)) found.push(event);
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
          for (const event of rollup.events)
            if (matches(event, query)) addEvent(groupOf(accountId, hour, event.keyId, event.model), event);
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
    return (
      this.#positionOf(id) ??
      Math.max(
        0,
        this.#events.findIndex((event) => event.id === id),
      )
    );
  }
}

function addRollup(rollup: HourRollup, query: UsageRange, groupOf: (keyId: string, model: string) => Sums): void {
  for (const [keyId, models] of rollup.byKey) {
    if (query.keyId !== undefined && query.keyId !== keyId) continue;
    for (const [model, sums] of models)
      if (query.model === undefined || query.model === model) addSums(groupOf(keyId, model), sums);
  }
}

function matches(event: UsageEvent, query: UsageRange): boolean {
  return (
    (query.keyId === undefined || event.keyId === query.keyId) &&
    (query.model === undefined || event.model === query.model) &&
    (query.from === undefined || event.at >= query.from) &&
    (query.to === undefined || event.at < query.to)
  );
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
  return { byKey: new Map(), events: [] };
}

function newMap(): Map<string, Sums> {
  return new Map();
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
