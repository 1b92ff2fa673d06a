import type { KeyBudget, KeyRecord } from '../keys/key-store.js';
import { isObject } from '../lib/is-object.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { BudgetUse } from '../meter/ledger.js';
import type { Meter } from '../meter/meter.js';
import { BUDGET_PERIODS, type BudgetPeriod, budgetEndsAt, budgetWindowAt } from '../meter/windows.js';
import type { KeyInfo } from './keys.js';
import {
  invalid,
  isGiven,
  type ManagementDeps,
  readAccountId,
  readAmount,
  readName,
  readOptions,
} from './management.js';
import { partOf } from './queries.js';

/** Which budget to look at. */
export interface BudgetQuery {
  readonly accountId: string;
  /** `account`, `endUser`, `session`, `tag:NAME` or `key`. */
  readonly subject: string;
  /** The end user, session, tag value, or the id of a key or session token; not for `account`. */
  readonly value?: string | undefined;
  /** @default what is configured for the subject, else the account's own, else `month` */
  readonly period?: BudgetPeriod | undefined;
}

/** The current state of a budget; amounts are decimal strings in USD. */
export interface BudgetInfo {
  /** Null: none is configured for this subject and period. */
  readonly amount: string | null;
  readonly period: BudgetPeriod;
  readonly spent: string;
  readonly held: string;
  /** Null: never. */
  readonly resetsAt: Date | null;
}

/** What was spent of budgets. Every method rejects with a `GatewayError` for bad input. */
export interface Budgets {
  get(query: BudgetQuery): Promise<BudgetInfo>;
  /**
   * The budgets that an account's keys have of their own, by id of the key, revoked keys left out; in two statements.
   *
   * @param known keys of the account that were read already: their budgets alone, in one statement. @default all of its keys
   */
  ofKeys(accountId: string, known?: readonly KeyInfo[]): Promise<ReadonlyMap<string, BudgetInfo>>;
}

const QUERY: OptionNames<BudgetQuery> = { accountId: true, subject: true, value: true, period: true };

export function budgetsOf({ keys, meter, catalog, now }: ManagementDeps): Budgets {
  return {
    async get(options) {
      const query = readOptions('budgets.get', options, QUERY);
      const accountId = readAccountId(query.accountId);
      const subject = subjectOf(query);
      if (query.period !== undefined && !BUDGET_PERIODS.includes(query.period))
        throw invalid('period', `it must be one of ${BUDGET_PERIODS.join(', ')}`);
      const key = await keyOf(keys, query);
      const own = query.subject === 'account' ? (await keys.getAccount(accountId))?.budget : key?.budget;
      const { period, limit } = limitOf(catalog, query, own);
      const at = now();
      const counted = key === undefined ? subject : countedUnder(key.id, key.details?.rootId);
      const use = await partOf(meter, 'budget')(accountId, counted, budgetWindowAt(period, at));
      return budgetInfo(period, limit, use, at);
    },

    async ofKeys(id, known) {
      const accountId = readAccountId(id);
      const at = now();
      const budgeted = isGiven(known)
        ? readKeys(known).flatMap(ofInfo)
        : (await keys.listKeys(accountId)).flatMap(ofRecord);
      const bound = budgeted.map(({ id, budget, subject }) => {
        const { period, limit } = limitOf(catalog, { subject: 'key', period: budget.period }, budget);
        return { id, period, limit, subject, window: budgetWindowAt(period, at) };
      });
      const uses = await usesOf(meter, accountId, bound);
      return new Map(bound.map((one, i) => [one.id, budgetInfo(one.period, one.limit, uses[i] ?? UNUSED, at)]));
    },
  };
}

/** The smallest limit that holds for a subject, of the period asked for or else of the first there is. */
function limitOf(
  { budgets }: ManagementDeps['catalog'],
  { subject, period }: Pick<BudgetQuery, 'subject' | 'period'>,
  own: KeyBudget | undefined,
) {
  const rules: { readonly period: BudgetPeriod; readonly limit: bigint }[] = budgets.filter(
    (rule) => rule.subject === subject,
  );
  const all = own ? [...rules, { period: own.period, limit: BigInt(own.amount) }] : rules;
  const wanted = period ?? all[0]?.period ?? 'month';
  const limits = all.filter((rule) => rule.period === wanted).map(({ limit }) => limit);
  return { period: wanted, limit: limits.length > 0 ? limits.reduce((a, b) => (a < b ? a : b)) : undefined };
}

/** A key or session token of the account; unknown ones have no budget. */
async function keyOf(
  keys: ManagementDeps['keys'],
  { accountId, subject, value }: BudgetQuery,
): Promise<KeyRecord | undefined> {
  return subject === 'key' && value !== undefined ? keys.updateKey(value, {}, accountId) : undefined;
}

const UNUSED: BudgetUse = { spent: 0n, held: 0n };

/** The id that a key's spending is counted under: for all keys of a rotation, the first one's. */
function countedUnder(id: string, rootId: string | null | undefined): string {
  return `key:${rootId ?? id}`;
}

/** A key with a budget of its own that is not revoked, as stores keep it and as the host knows it. */
interface BudgetedKey {
  readonly id: string;
  readonly budget: KeyBudget;
  readonly subject: string;
}

function ofRecord({ id, budget, revokedAt, details }: KeyRecord): BudgetedKey[] {
  return budget && revokedAt === undefined ? [{ id, budget, subject: countedUnder(id, details?.rootId) }] : [];
}

function ofInfo({ id, budget, revokedAt, rootId }: KeyInfo): BudgetedKey[] {
  if (!budget || revokedAt) return [];
  const amount = readAmount(budget.amount, 'known').toString();
  return [{ id, budget: { ...budget, amount }, subject: countedUnder(id, rootId) }];
}

/** @throws {GatewayError} `invalid_value` for what is no list of keys. */
function readKeys(known: readonly KeyInfo[]): readonly KeyInfo[] {
  if (Array.isArray(known) && known.every((key) => isObject(key) && typeof key['id'] === 'string')) return known;
  throw invalid('known', 'it must be a list of keys as keys.list returns them');
}

interface Counted {
  readonly subject: string;
  readonly window: string;
}

/** What was used of budgets of an account, in their order. */
async function usesOf(meter: Meter, accountId: string, counted: readonly Counted[]): Promise<BudgetUse[]> {
  if (counted.length === 0) return [];
  if (!meter.budgetsOf) {
    const budget = partOf(meter, 'budget');
    return Promise.all(counted.map(async ({ subject, window }) => budget(accountId, subject, window)));
  }
  const names = (name: keyof Counted) => [...new Set(counted.map((one) => one[name]))];
  const used = await meter.budgetsOf(accountId, names('subject'), names('window'));
  const keyOf = ({ subject, window }: Counted) => `${subject}\0${window}`;
  const found = new Map(used.map((one) => [keyOf(one), one]));
  return counted.map((one) => found.get(keyOf(one)) ?? UNUSED);
}

function budgetInfo(
  period: BudgetPeriod,
  limit: bigint | undefined,
  { spent, held }: BudgetUse,
  at: number,
): BudgetInfo {
  const resetsAt = budgetEndsAt(period, at);
  return {
    amount: limit === undefined ? null : formatUsd(limit),
    period,
    spent: formatUsd(spent),
    held: formatUsd(held),
    resetsAt: resetsAt === undefined ? null : new Date(resetsAt),
  };
}

/** The subject as the meter names it. */
function subjectOf({ subject, value }: BudgetQuery): string {
  if (subject === 'account') return subject;
  if (!/^(?:key|endUser|session|tag:.{1,128})$/.test(String(subject)))
    throw invalid('subject', "it must be 'account', 'key', 'endUser', 'session' or 'tag:NAME'");
  return `${subject}:${readName(value, 'value', 256)}`;
}
