import { isObject } from '../lib/is-object.js';
import type { OptionNames } from '../lib/option-names.js';
import type { ChangeLog, ChangeRecord } from '../stores/change-log.js';
import { invalid, isGiven, type PageOptions, readAccountId, readName, readOptions } from './management.js';
import { readPage } from './queries.js';

/** What an operator did. */
export interface ChangeOptions {
  /** Who did it, by the host's own id. */
  readonly operator: string;
  /** What was done: `account.plan`, `key.revoke`, … */
  readonly action: string;
  /** The account that it was done to. @default none */
  readonly accountId?: string;
  /** The key, request or code that it was done to. @default none */
  readonly subject?: string | undefined;
  /** The values that were set, as JSON. @default none */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

const RECORD: OptionNames<ChangeOptions> = {
  operator: true,
  action: true,
  accountId: true,
  subject: true,
  details: true,
};

/** Which changes to list. */
export interface ChangeFilter {
  /** @default all accounts, and what belongs to none */
  readonly accountId?: string;
}

const FILTER: OptionNames<ChangeFilter> = { accountId: true };

/** One change by an operator. */
export interface ChangeInfo extends Omit<ChangeRecord, 'at'> {
  readonly at: Date;
}

/** What operators did. Every method rejects with a `GatewayError` for bad input. */
export interface Changes {
  /** Records what an operator has done; the dashboard calls it by itself. Does nothing where the store keeps no changes. */
  record(change: ChangeOptions): Promise<void>;
  /** Newest first; null where the store keeps no changes. */
  list(filter?: ChangeFilter, page?: PageOptions): Promise<ChangeInfo[] | null>;
}

export function changesOf(log: ChangeLog | undefined, now: () => number): Changes {
  return {
    async record(options) {
      const { operator, action, accountId, subject, details } = readOptions('changes.record', options, RECORD);
      await log?.append({
        id: `chg_${crypto.randomUUID().replaceAll('-', '')}`,
        at: now(),
        operator: readAccountId(operator, 'operator'),
        action: readName(action, 'action'),
        ...(accountId !== undefined && { accountId: readAccountId(accountId) }),
        ...(subject !== undefined && { subject: readName(subject, 'subject', 512) }),
        ...(isGiven(details) && { details: readDetails(details) }),
      });
    },
    async list(filter = {}, page) {
      const { accountId } = readOptions('changes.list', filter, FILTER);
      // An `accountId` that is given but undefined must not open every account.
      if ('accountId' in filter && accountId === undefined) throw invalid('accountId', 'it is undefined');
      const rows = readPage('changes.list', page);
      const range = accountId === undefined ? {} : { accountId: readAccountId(accountId) };
      const found = await log?.list(range, rows);
      return found?.map((change) => ({ ...change, at: new Date(change.at) })) ?? null;
    },
  };
}

/** A copy, so that every store gives back the same whatever the caller does with the values. */
function readDetails(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (isObject(details)) {
    try {
      return JSON.parse(JSON.stringify(details)) as Record<string, unknown>;
    } catch {
      // It refers to itself, or holds what JSON has no form for.
    }
  }
  throw invalid('details', 'it must be an object that can be written as JSON');
}
