import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import { completionTokens, promptTokens } from '../lib/usage.js';
import type { UsageDimension, UsageEvent, UsageRange, UsageTotals } from '../meter/meter.js';
import {
  invalid,
  type ManagementDeps,
  type PageOptions,
  readAccountId,
  readName,
  readOptions,
  readPage,
  readTime,
  type Time,
} from './management.js';

/** Which usage to report. */
export interface UsageFilter {
  /** @default all accounts: the operator's view */
  readonly accountId?: string;
  readonly keyId?: string;
  readonly model?: string;
  /** Inclusive. */
  readonly from?: Time;
  /** Exclusive. */
  readonly to?: Time;
}

const FILTER: OptionNames<UsageFilter> = { accountId: true, keyId: true, model: true, from: true, to: true };

export interface UsageReportQuery extends UsageFilter {
  /** @default one row with the totals */
  readonly groupBy?: readonly UsageDimension[];
}

const QUERY: OptionNames<UsageReportQuery> = { ...FILTER, groupBy: true };

/** Sums of one group; `accountId`, `model`, `keyId`, `day`, `hour` are there when grouped by. */
export interface UsageRow {
  readonly accountId?: string;
  readonly model?: string;
  /** Null for requests without a key. */
  readonly keyId?: string | null;
  /** UTC day: `2026-11-21`. */
  readonly day?: string;
  /** UTC hour: `2026-11-21T14`. */
  readonly hour?: string;
  readonly requests: number;
  /** All input tokens, cached and cache-written ones included. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  /** All output tokens, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** `inputTokens + outputTokens`. */
  readonly totalTokens: number;
  /** Decimal string in USD. */
  readonly cost: string;
}

/** One request, with the disjoint token counts and the prices its cost was made from. */
export interface UsageRecord extends Omit<UsageEvent, 'at' | 'cost' | 'price'> {
  readonly at: Date;
  readonly cost: string;
  /** Pico-USD per token, and the plan's multiplier in millionths, as decimal strings. */
  readonly price: Readonly<Record<string, string>>;
}

/** Reports of what was used. Every method rejects with a `GatewayError` for bad input. */
export interface UsageReports {
  query(query: UsageReportQuery): Promise<UsageRow[]>;
  /** Single requests, newest first. */
  events(filter: UsageFilter, page?: PageOptions): Promise<UsageRecord[]>;
  /**
   * Calls `listener` after each recorded request of this process, as `onUsage` is called. A throw is logged and changes
   * nothing.
   *
   * @returns a function that ends the subscription.
   */
  subscribe(listener: (event: UsageEvent) => void): () => void;
}

const DIMENSIONS: readonly UsageDimension[] = ['account', 'model', 'key', 'day', 'hour'];

export function usageReportsOf({ meter, usageListeners }: ManagementDeps): UsageReports {
  return {
    async query(query) {
      const { groupBy = [], ...filter } = readOptions('usage.query', query, QUERY);
      if (!Array.isArray(groupBy)) throw invalid('groupBy', 'it must be an array');
      for (const dimension of groupBy) {
        if (!DIMENSIONS.includes(dimension)) throw invalid('groupBy', `it must be of ${DIMENSIONS.join(', ')}`);
      }
      return (await meter.usage({ ...readFilter(filter), groupBy })).map(usageRow);
    },

    async events(filter, page) {
      return (
        await meter.events(readFilter(readOptions('usage.events', filter, FILTER)), readPage('usage.events', page))
      ).map(usageRecord);
    },

    subscribe: (listener) => usageListeners.add(listener),
  };
}

function readFilter(filter: UsageFilter): UsageRange {
  const { accountId, keyId, model, from, to } = filter;
  // A host that passes on an id it does not have would be shown every account.
  if ('accountId' in filter && accountId === undefined) throw invalid('accountId', 'it is undefined');
  return {
    ...(accountId !== undefined && { accountId: readAccountId(accountId) }),
    ...(keyId !== undefined && { keyId: readName(keyId, 'keyId') }),
    ...(model !== undefined && { model: readName(model, 'model') }),
    ...(from !== undefined && { from: readTime(from, 'from') }),
    ...(to !== undefined && { to: readTime(to, 'to') }),
  };
}

function usageRow(totals: UsageTotals): UsageRow {
  const { cacheWrite1hTokens, cacheWriteTokens, cost, ...rest } = totals;
  const [inputTokens, outputTokens] = [promptTokens(totals), completionTokens(totals)];
  return {
    ...rest,
    inputTokens,
    outputTokens,
    cacheWriteTokens: cacheWriteTokens + cacheWrite1hTokens,
    totalTokens: inputTokens + outputTokens,
    cost: formatUsd(cost),
  };
}

function usageRecord({ at, cost, price, ...event }: UsageEvent): UsageRecord {
  const prices = Object.fromEntries(Object.entries(price).map(([name, value]) => [name, String(value)]));
  return { ...event, at: new Date(at), cost: formatUsd(cost), price: prices };
}
