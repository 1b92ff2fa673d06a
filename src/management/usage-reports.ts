import { mapInTurns } from '../lib/in-turns.js';
import { formatUsd, type NanoUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import { type Counts, completionTokens, promptTokens, type UnitCounts, type UsageSource } from '../lib/usage.js';
import { largestGroups } from '../meter/largest-groups.js';
import type {
  AccountUsage,
  Charge,
  Meter,
  UsageDimension,
  UsageEvent,
  UsageRange,
  UsageTotals,
  Via,
} from '../meter/meter.js';
import {
  invalid,
  type ManagementDeps,
  type PageOptions,
  readAccountId,
  readName,
  readOptions,
  type Time,
} from './management.js';
import { readIds, readLimit, readPage, readTime } from './queries.js';

/** Which usage to report. */
export interface UsageFilter {
  /** @default all accounts: the operator's view */
  readonly accountId?: string;
  readonly keyId?: string | undefined;
  readonly model?: string | undefined;
  /** Inclusive. */
  readonly from?: Time | undefined;
  /** Exclusive. */
  readonly to?: Time | undefined;
  /** The id of one request. */
  readonly id?: string | undefined;
}

const FILTER: OptionNames<UsageFilter> = { accountId: true, keyId: true, model: true, from: true, to: true, id: true };

export interface UsageReportQuery extends UsageFilter {
  /** @default one row with the totals */
  readonly groupBy?: readonly UsageDimension[] | undefined;
  /** Only these keys; with `key` in `groupBy`. */
  readonly keyIds?: readonly string[] | undefined;
  /** Only this many groups, those that cost the most first; each row then says in `groups` how many there are in all. */
  readonly top?: number | undefined;
}

const SINCE: OptionNames<{ readonly from?: Time | undefined }> = { from: true };
const QUERY: OptionNames<UsageReportQuery> = { ...FILTER, groupBy: true, keyIds: true, top: true };

/** Token counts, as every report shows them. */
export interface ShownTokens {
  /** All input tokens, cached and cache-written ones included. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  /** All output tokens, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** `inputTokens + outputTokens`. */
  readonly totalTokens: number;
  /** What was used in addition to text tokens, by name; absent where there is nothing. */
  readonly units?: UnitCounts;
}

/** What the operator pays and earns, in USD: only in reports over all accounts; null where it is not known. */
export interface Margin {
  readonly providerCost?: string | null;
  readonly margin?: string | null;
}

/** Sums of one group; `accountId`, `model`, `keyId`, `day`, `hour`, … are there when grouped by. */
export interface UsageRow extends ShownTokens, Margin {
  readonly accountId?: string;
  readonly model?: string;
  /** Null for requests without a key. */
  readonly keyId?: string | null;
  /** UTC day: `2026-11-21`. */
  readonly day?: string;
  /** UTC hour: `2026-11-21T14`. */
  readonly hour?: string;
  /** Null for requests that name none; the same goes for `session` and the values of `tags`. */
  readonly endUser?: string | null;
  readonly session?: string | null;
  readonly tags?: Readonly<Record<string, string | null>>;
  readonly via?: Via;
  /** With `top`: how many groups there are in all. */
  readonly groups?: number;
  readonly requests: number;
  /** Decimal string in USD. */
  readonly cost: string;
}

/** What one account used: zeros for nothing. */
export interface AccountUsageRow extends Margin {
  readonly accountId: string;
  readonly requests: number;
  /** Decimal string in USD. */
  readonly cost: string;
  /** When its newest request was charged, also before `from`; null: there is none. */
  readonly lastAt: Date | null;
}

/** One request, with the prices its cost was made from. */
export interface UsageRecord
  extends Omit<UsageEvent, 'at' | 'cost' | 'price' | 'usage' | 'charged' | 'providerCost'>,
    Margin {
  readonly at: Date;
  readonly usage: ShownTokens & { readonly source: UsageSource };
  readonly cost: string;
  /** Where the cost came from; empty where nothing was charged. */
  readonly charged: readonly ShownCharge[];
  /** Pico-USD per token, those of `units` per unit, and the plan's multiplier in millionths, as decimal strings. */
  readonly price: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** What one source paid of a request. */
export interface ShownCharge {
  readonly source: Charge['source'];
  /** Of the grant. */
  readonly id?: string;
  readonly amount: string;
}

/** Reports of what was used. Every method rejects with a `GatewayError` for bad input. */
export interface UsageReports {
  query(query: UsageReportQuery): Promise<UsageRow[]>;
  /**
   * What each of these accounts used since an instant, in their order, and when its newest request was charged: the operator's
   * view of a page of accounts, in a few statements however many accounts there are.
   */
  ofAccounts(accountIds: readonly string[], options?: { readonly from?: Time | undefined }): Promise<AccountUsageRow[]>;
  /** Single requests, newest first. */
  events(filter: UsageFilter, page?: PageOptions): Promise<UsageRecord[]>;
  /**
   * Calls `listener` after each recorded request of this process, as `onUsage` is called. A throw or rejection is logged and
   * changes nothing.
   *
   * @returns a function that ends the subscription.
   */
  subscribe(listener: (event: UsageEvent) => void): () => void;
}

const DIMENSIONS: readonly string[] = ['account', 'model', 'key', 'day', 'hour', 'endUser', 'session', 'via'];

function isDimension(value: unknown): value is UsageDimension {
  return typeof value === 'string' && (DIMENSIONS.includes(value) || /^tag:\P{Cc}{1,128}$/u.test(value));
}

/** @throws {GatewayError} `invalid_value` that names `param`, as the caller calls it. */
export function readDimensions(groupBy: unknown, param: string): readonly UsageDimension[] {
  if (!Array.isArray(groupBy)) throw invalid(param, 'it must be an array');
  if (groupBy.every(isDimension)) return groupBy;
  throw invalid(param, `it must be of ${DIMENSIONS.join(', ')}, tag:NAME`);
}

export function usageReportsOf({ meter, usageListeners }: ManagementDeps): UsageReports {
  return {
    query: (query) => queryUsage(meter, query),

    async ofAccounts(accountIds, options = {}) {
      const { from } = readOptions('usage.ofAccounts', options, SINCE);
      const ids = readIds(accountIds, 'accountIds');
      const used = await usageOfAll(meter, ids, from === undefined ? undefined : readTime(from, 'from'));
      return ids.map((accountId, i) => {
        const { totals, lastAt } = used[i] ?? {};
        return {
          accountId,
          requests: totals?.requests ?? 0,
          cost: formatUsd(totals?.cost ?? 0n),
          ...shownMargin(totals?.providerCost, totals?.margin),
          lastAt: lastAt === undefined ? null : new Date(lastAt),
        };
      });
    },

    async events(filter, page) {
      const range = readFilter(readOptions('usage.events', filter, FILTER));
      const events = await meter.events(range, readPage('usage.events', page));
      return events.map((event) => usageRecord(event, range.accountId === undefined));
    },

    subscribe(listener) {
      if (typeof listener !== 'function') throw invalid('listener', 'it must be a function');
      return usageListeners.add(listener);
    },
  };
}

async function queryUsage(meter: Meter, query: UsageReportQuery): Promise<UsageRow[]> {
  const { groupBy = [], keyIds, top, ...filter } = readOptions('usage.query', query, QUERY);
  readDimensions(groupBy, 'groupBy');
  const range = readFilter(filter);
  const keys = keyIds === undefined ? undefined : readKeyIds(keyIds, groupBy);
  const asked = {
    ...{ ...range, groupBy },
    ...(keys && { keyIds: [...keys] }),
    ...(top !== undefined && { top: readLimit(top, 'top') }),
  };
  const summed = await meter.usage(asked);
  // A store of the host's own may know nothing of `keyIds`.
  const rows = keys ? summed.filter(({ keyId }) => keys.has(keyId ?? '')) : summed;
  // A store of the host's own may know nothing of `top`.
  const largest = rows[0]?.groups === undefined ? largestGroups(rows, asked) : rows;
  return mapInTurns(largest, (row) => usageRow(row, range.accountId === undefined));
}

async function usageOfAll(meter: Meter, ids: readonly string[], from?: number): Promise<readonly AccountUsage[]> {
  if (ids.length === 0) return [];
  if (meter.usageOfAll) return meter.usageOfAll(ids, from);
  const since = from !== undefined && { from };
  return Promise.all(
    ids.map(async (accountId) => {
      const [totals] = await meter.usage({ accountId, ...since, groupBy: [] });
      const [newest] = await meter.events({ accountId }, { limit: 1 });
      return { ...(totals && { totals }), ...(newest && { lastAt: newest.at }) };
    }),
  );
}

/** @throws {GatewayError} where the rows would not say which key they are of. */
function readKeyIds(keyIds: readonly string[], groupBy: readonly UsageDimension[]): ReadonlySet<string> {
  if (!Array.isArray(keyIds)) throw invalid('keyIds', 'it must be an array');
  if (!groupBy.includes('key')) throw invalid('keyIds', "it needs 'key' in groupBy");
  return new Set(keyIds.map((id) => readName(id, 'keyIds')));
}

function readFilter(filter: UsageFilter): UsageRange {
  const { accountId, keyId, model, from, to, id } = filter;
  // An `accountId` that is given but undefined must not open every account.
  if ('accountId' in filter && accountId === undefined) throw invalid('accountId', 'it is undefined');
  return {
    ...(accountId !== undefined && { accountId: readAccountId(accountId) }),
    ...(keyId !== undefined && { keyId: readName(keyId, 'keyId') }),
    ...(model !== undefined && { model: readName(model, 'model') }),
    ...(from !== undefined && { from: readTime(from, 'from') }),
    ...(to !== undefined && { to: readTime(to, 'to') }),
    ...(id !== undefined && { id: readName(id, 'id') }),
  };
}

/** @param operator true: of all accounts, so that what the operator pays is shown. */
function usageRow(totals: UsageTotals, operator: boolean): UsageRow {
  const { cost, providerCost, margin, requests } = totals;
  const group: Record<string, unknown> = {};
  for (const name of GROUP_NAMES) if (totals[name] !== undefined) group[name] = totals[name];
  return {
    ...(group as Partial<UsageRow>),
    requests,
    ...shownTokens(totals),
    cost: formatUsd(cost),
    ...(operator && shownMargin(providerCost, margin)),
  };
}

const GROUP_NAMES = [
  ...(['accountId', 'model', 'keyId', 'day', 'hour', 'endUser', 'session', 'via', 'tags', 'groups'] as const),
] as const;

function usageRecord(event: UsageEvent, operator: boolean): UsageRecord {
  const { at, cost, price, usage, charged = [], providerCost, ...rest } = event;
  const { units, ...rates } = price;
  const texts = (amounts: object) =>
    Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, String(value)]));
  return {
    ...rest,
    at: new Date(at),
    usage: { ...shownTokens(usage), source: usage.source },
    cost: formatUsd(cost),
    charged: charged.map(({ source, id, amount }) => ({
      source,
      ...(id !== undefined && { id }),
      amount: formatUsd(amount),
    })),
    price: { ...texts(rates), ...(units && { units: texts(units) }) },
    ...(operator && shownMargin(providerCost, providerCost === undefined ? undefined : cost - providerCost)),
  };
}

function shownTokens(counts: Counts): ShownTokens {
  const [inputTokens, outputTokens] = [promptTokens(counts), completionTokens(counts)];
  return {
    inputTokens,
    cachedInputTokens: counts.cachedInputTokens,
    cacheWriteTokens: counts.cacheWriteTokens + counts.cacheWrite1hTokens,
    outputTokens,
    reasoningTokens: counts.reasoningTokens,
    totalTokens: inputTokens + outputTokens,
    ...(counts.units && { units: counts.units }),
  };
}

function shownMargin(providerCost: NanoUsd | undefined, margin: NanoUsd | undefined): Margin {
  const shown = (amount: NanoUsd | undefined) => (amount === undefined ? null : formatUsd(amount));
  return { providerCost: shown(providerCost), margin: shown(margin) };
}
