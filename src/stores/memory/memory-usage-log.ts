import type { NanoUsd } from '../../lib/money.js';
import { addUnits, BUCKET_NAMES, countsOf, type TokenCounts, type UnitCounts } from '../../lib/usage.js';
import { largestGroups } from '../../meter/largest-groups.js';
import type {
  Charge,
  Page,
  UsageDimension,
  UsageEvent,
  UsageLog,
  UsageQuery,
  UsageRange,
  UsageTotals,
} from '../../meter/usage-log.js';
import { namedGroups } from '../usage-groups.js';
import { type EventTable, PIECE } from './event-table.js';

const HOUR_MS = 3_600_000;

type Sums = { -readonly [K in keyof TokenCounts]: number } & {
  requests: number;
  cost: NanoUsd;
  units?: UnitCounts;
  providerCost?: NanoUsd;
  margin?: NanoUsd;
};

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

  /**
   * Forgets the oldest events when there are more than a number of them, a piece of the table at a time; their sums stay.
   *
   * @param fold is called before, with each account of the events that go and the position of the first that stays.
   */
  forget(mostEvents: number, fold: (accountId: string, first: number) => void): void {
    const { first, length } = this.#table;
    if (length - first < mostEvents + PIECE) return;
    const hours = new Map<string, Set<number>>();
    for (let position = first; position < first + PIECE; position++) {
      const { accountId } = this.#table.kind(position);
      getOrAdd(hours, accountId, newSet).add(Math.floor(this.#table.at(position) / HOUR_MS));
    }
    for (const accountId of hours.keys()) fold(accountId, first + PIECE);
    this.#table.forget();
    for (const [accountId, touched] of hours) this.#forgetPositions(accountId, touched);
  }

  #forgetPositions(accountId: string, hours: ReadonlySet<number>): void {
    const account = this.#accounts.get(accountId);
    if (!account) return;
    const { first } = this.#table;
    for (const { positions } of [account, ...[...hours].flatMap((hour) => account.hours.get(hour) ?? [])]) {
      const kept = positions.findIndex((position) => position >= first);
      positions.splice(0, kept < 0 ? positions.length : kept);
    }
  }

  /** Adds an event; returns its position. @throws {RangeError} for a cost that does not fit in 64 bits. */
  record(settlement: UsageEvent): number {
    const account = getOrAdd(this.#accounts, settlement.accountId, newAccount);
    const hour = getOrAdd(account.hours, Math.floor(settlement.at / HOUR_MS), newHour);
    const rollup = getOrAdd(getOrAdd(hour.byKey, settlement.keyId ?? '', newMap), settlement.model, newRollup);
    const like = rollup.newest !== undefined && rollup.newest >= this.#table.first ? rollup.newest : undefined;
    const position = this.#table.add(settlement, like);
    rollup.newest = position;
    account.positions.push(position);
    hour.positions.push(position);
    addEvent(rollup.sums, settlement);
    return position;
  }

  events(query: UsageRange, page: Page): UsageEvent[] {
    const end = page.before === undefined ? this.#table.length : (this.positionOf(page.before) ?? 0);
    const positions = query.accountId === undefined ? undefined : this.#accounts.get(query.accountId)?.positions;
    if (query.accountId !== undefined && !positions) return [];
    const found: UsageEvent[] = [];
    const begin = positions ? 0 : this.#table.first;
    for (let i = (positions ?? this.#table).length - 1; i >= begin && found.length < page.limit; i--) {
      const position = positions ? (positions[i] ?? 0) : i;
      if (position < end && this.#matches(position, query)) found.push(this.#table.event(position));
    }
    return found;
  }

  usage(query: UsageQuery): UsageTotals[] {
    const groups = new Map<string, { readonly values: readonly (string | null)[]; readonly sums: Sums }>();
    const sumsOf = (values: readonly (string | null)[]): Sums =>
      getOrAdd(groups, JSON.stringify(values), () => ({ values, sums: newSums() })).sums;
    const groupOf = (accountId: string, hour: number, keyId: string, model: string): Sums =>
      sumsOf(query.groupBy.map((dimension) => rollupValue(dimension, { accountId, hour, keyId, model })));
    const keys = query.keyIds && new Set(query.keyIds);
    const ofKey = (keyId: string) => (keys?.has(keyId) ?? true) && (query.keyId === undefined || keyId === query.keyId);
    const inRollups = query.id === undefined && query.groupBy.every((dimension) => ROLLED_UP.has(dimension));
    for (const [accountId, account] of this.#accountsOf(query)) {
      for (const [hour, rollup] of account.hours) {
        const start = hour * HOUR_MS;
        if (start + HOUR_MS <= (query.from ?? -Infinity) || start >= (query.to ?? Infinity)) continue;
        const whole = start >= (query.from ?? -Infinity) && start + HOUR_MS <= (query.to ?? Infinity);
        if (whole && inRollups)
          addRollup(rollup, query, ofKey, (keyId, model) => groupOf(accountId, hour, keyId, model));
        else
          for (const position of rollup.positions) {
            if (!this.#matches(position, query) || !ofKey(this.#table.kind(position).keyId ?? '')) continue;
            const event = this.#table.event(position);
            addEvent(sumsOf(query.groupBy.map((dimension) => eventValue(dimension, event))), event);
          }
      }
    }
    const rows = [...groups.values()]
      .sort((a, b) => compareLists(a.values, b.values))
      .map(({ values, sums }) => ({ ...namedGroups(query.groupBy, values), ...sums }));
    return largestGroups(rows, query);
  }

  #accountsOf(query: UsageRange): Iterable<[string, AccountUsage]> {
    if (query.accountId === undefined) return this.#accounts;
    const account = this.#accounts.get(query.accountId);
    return account ? [[query.accountId, account]] : [];
  }

  /** Where the event of a request is; undefined when it is not kept. */
  positionOf(id: string): number | undefined {
    const known = this.#positionOf(id);
    if (known !== undefined) return known >= this.#table.first ? known : undefined;
    for (let position = this.#table.first; position < this.#table.length; position++) {
      if (this.#table.id(position) === id) return position;
    }
    return undefined;
  }

  /** True of an account with an event. */
  hasUsed(accountId: string): boolean {
    return this.#accounts.has(accountId);
  }

  /** Notes where the cost of an event came from, when that is not the balance alone. */
  setCharged(position: number, charged: readonly Charge[]): void {
    this.#table.setCharged(position, charged);
  }

  #matches(position: number, query: UsageRange): boolean {
    const { keyId, model } = this.#table.kind(position);
    const at = this.#table.at(position);
    return (
      (query.id === undefined || this.#table.id(position) === query.id) &&
      (query.keyId === undefined || keyId === query.keyId) &&
      (query.model === undefined || model === query.model) &&
      (query.from === undefined || at >= query.from) &&
      (query.to === undefined || at < query.to)
    );
  }
}

function addRollup(
  rollup: HourRollup,
  query: UsageRange,
  ofKey: (keyId: string) => boolean,
  groupOf: (keyId: string, model: string) => Sums,
): void {
  for (const [keyId, models] of rollup.byKey) {
    if (!ofKey(keyId)) continue;
    for (const [model, { sums }] of models)
      if (query.model === undefined || query.model === model) addSums(groupOf(keyId, model), sums);
  }
}

function addEvent(sums: Sums, event: UsageEvent): void {
  add(sums, event.usage, 1, event.cost);
  const { units } = event.usage;
  if (units) sums.units = addUnits(sums.units, units) ?? units;
  if (event.providerCost !== undefined) addMargin(sums, event.providerCost, event.cost - event.providerCost);
}

function addSums(sums: Sums, more: Sums): void {
  add(sums, more, more.requests, more.cost);
  if (more.units) sums.units = addUnits(sums.units, more.units) ?? more.units;
  if (more.providerCost !== undefined) addMargin(sums, more.providerCost, more.margin ?? 0n);
}

function addMargin(sums: Sums, providerCost: NanoUsd, margin: NanoUsd): void {
  sums.providerCost = (sums.providerCost ?? 0n) + providerCost;
  sums.margin = (sums.margin ?? 0n) + margin;
}

function add(sums: Sums, tokens: TokenCounts, requests: number, cost: NanoUsd): void {
  sums.requests += requests;
  sums.cost += cost;
  for (const name of BUCKET_NAMES) sums[name] += tokens[name];
}

/** What the sums of an hour are kept by. */
const ROLLED_UP: ReadonlySet<UsageDimension> = new Set(['account', 'model', 'key', 'day', 'hour']);

function rollupValue(
  dimension: UsageDimension,
  row: { readonly accountId: string; readonly hour: number; readonly keyId: string; readonly model: string },
): string | null {
  if (dimension === 'account') return row.accountId;
  if (dimension === 'key') return row.keyId === '' ? null : row.keyId;
  if (dimension === 'model') return row.model;
  return new Date(row.hour * HOUR_MS).toISOString().slice(0, dimension === 'day' ? 10 : 13);
}

function eventValue(dimension: UsageDimension, event: UsageEvent): string | null {
  if (dimension === 'endUser' || dimension === 'session') return event[dimension] ?? null;
  if (dimension === 'via') return event.via ?? 'key';
  if (dimension.startsWith('tag:')) {
    const name = dimension.slice('tag:'.length);
    return event.tags && Object.hasOwn(event.tags, name) ? (event.tags[name] ?? null) : null;
  }
  const { accountId, keyId, model, at } = event;
  return rollupValue(dimension, { accountId, hour: Math.floor(at / HOUR_MS), keyId: keyId ?? '', model });
}

function compareLists(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] ?? null, b[i] ?? null];
    if (left === right) continue;
    if (left === null || right === null) return left === null ? -1 : 1;
    return left < right ? -1 : 1;
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

function newSet(): Set<number> {
  return new Set();
}

function newMap(): Map<string, Rollup> {
  return new Map();
}

function newRollup(): Rollup {
  return { sums: newSums(), newest: undefined };
}

function newSums(): Sums {
  return { ...countsOf(() => 0), requests: 0, cost: 0n };
}
