import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { FailureCount, RequestLog, RequestRange } from '../requests/request-log.js';
import type { RequestRecord } from '../requests/request-record.js';
import { invalid, type PageOptions, readAccountId, readName, readOptions, type Time } from './management.js';
import { readIds, readPage, readTime } from './queries.js';

/** Which requests to list. */
export interface RequestFilter {
  /** @default all accounts: the operator's view */
  readonly accountId?: string;
  readonly keyId?: string | undefined;
  readonly model?: string | undefined;
  /** An HTTP status, or `'failed'` for everything from 400 on. */
  readonly status?: number | 'failed' | undefined;
  /** An error code. */
  readonly code?: string | undefined;
  /** Inclusive. */
  readonly from?: Time | undefined;
  /** Exclusive. */
  readonly to?: Time | undefined;
}

const FILTER: OptionNames<RequestFilter> = {
  accountId: true,
  keyId: true,
  model: true,
  status: true,
  code: true,
  from: true,
  to: true,
};

/** Which failures to count. */
export type FailureFilter = Pick<RequestFilter, 'accountId' | 'from' | 'to'>;

const FAILURES: OptionNames<FailureFilter> = { accountId: true, from: true, to: true };

/** Binds a look-up to one account: another account's request is not found. */
export interface RequestScope {
  readonly accountId?: string;
}

const SCOPE: OptionNames<RequestScope> = { accountId: true };

/** One request: answered, refused or failed. `cost` is a decimal string in USD. */
export interface RequestInfo extends Omit<RequestRecord, 'at' | 'cost'> {
  readonly at: Date;
  readonly cost: string;
}

/** The request log. Every method rejects with a `GatewayError` for bad input, and when `requestLog` is not set. */
export interface Requests {
  /** The request with this `x-request-id`. @throws {GatewayError} `not_found`. */
  get(id: string, scope?: RequestScope): Promise<RequestInfo>;
  /** Newest first. */
  list(filter?: RequestFilter, page?: PageOptions): Promise<RequestInfo[]>;
  /** When the newest request of each of these accounts was, refused ones included; accounts without any are left out. */
  newestOf(accountIds: readonly string[]): Promise<ReadonlyMap<string, Date>>;
  /**
   * How many requests were answered with status 500 or above, by model, as far back as the log reaches; null where the
   * request log of the store does not count them.
   */
  countFailures(filter?: FailureFilter): Promise<FailureCount[] | null>;
}

/** The log to read from, and how to flush what is still to be written; undefined: `requestLog` is not set. */
export interface ReadableRequestLog {
  readonly log: RequestLog;
  readonly flush: () => Promise<void>;
}

export function requestsOf(readable: ReadableRequestLog | undefined): Requests {
  const opened = async (): Promise<RequestLog> => {
    if (!readable) {
      const message = 'Requests are not logged: createGateway was called without the option requestLog.';
      throw new GatewayError('conflict', { message });
    }
    await readable.flush();
    return readable.log;
  };
  return {
    async get(id, scope = {}) {
      readOptions('requests.get', scope, SCOPE);
      const accountId = 'accountId' in scope ? readAccountId(scope.accountId) : undefined;
      const record = await (await opened()).find(readName(id, 'id'), accountId);
      if (!record) throw new GatewayError('not_found', { message: 'There is no such request.' });
      return requestInfo(record);
    },
    async list(filter = {}, page) {
      const range = readRange(readOptions('requests.list', filter, FILTER));
      const rows = readPage('requests.list', page);
      return (await (await opened()).list(range, rows)).map(requestInfo);
    },
    async newestOf(accountIds) {
      const ids = readIds(accountIds, 'accountIds');
      const newest = ids.length === 0 ? [] : await newestTimes(await opened(), ids);
      return new Map([...newest].map(([id, at]) => [id, new Date(at)]));
    },
    async countFailures(filter = {}) {
      const span = readRange(readOptions('requests.countFailures', filter, FAILURES));
      return (await (await opened()).countFailures?.(span)) ?? null;
    },
  };
}

async function newestTimes(log: RequestLog, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (log.newestOfAll) return log.newestOfAll(ids);
  const rows = await Promise.all(ids.map(async (accountId) => log.list({ accountId }, { limit: 1 })));
  return new Map(rows.flat().map(({ accountId, at }) => [accountId, at]));
}

function readRange(filter: RequestFilter): RequestRange {
  const { accountId, keyId, model, status, code, from, to } = filter;
  // An `accountId` that is given but undefined must not open every account.
  if ('accountId' in filter && accountId === undefined) throw invalid('accountId', 'it is undefined');
  if (status !== undefined && status !== 'failed' && !(Number.isInteger(status) && status >= 100 && status <= 599)) {
    throw invalid('status', "it must be an HTTP status or 'failed'");
  }
  return {
    ...(accountId !== undefined && { accountId: readAccountId(accountId) }),
    ...(keyId !== undefined && { keyId: readName(keyId, 'keyId') }),
    ...(model !== undefined && { model: readName(model, 'model', 512) }),
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code: readName(code, 'code') }),
    ...(from !== undefined && { from: readTime(from, 'from') }),
    ...(to !== undefined && { to: readTime(to, 'to') }),
  };
}

function requestInfo({ at, cost, ...record }: RequestRecord): RequestInfo {
  return { ...record, at: new Date(at), cost: formatUsd(cost) };
}
