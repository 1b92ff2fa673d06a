import type { KeyBudget, KeyRecord } from '../keys/key-store.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import { BUDGET_PERIODS, type BudgetPeriod, budgetEndsAt, budgetWindowAt } from '../meter/windows.js';
import { invalid, type ManagementDeps, partOf, readAccountId, readName, readOptions } from './management.js';

/** Which budget to look at. */
export interface BudgetQuery {
  readonly accountId: string;
  /** `account`, `endUser`, `session`, `tag:NAME` or `key`. */
  readonly subject: string;
  /** The end user, session, tag value, or the id of a key or session token; not for `account`. */
  readonly value?: string;
  /** @default what is configured for the subject, else the account's own, else `month` */
  readonly period?: BudgetPeriod;
}

/** A budget as it stands; amounts are decimal strings in USD. */
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
}

const QUERY: OptionNames<BudgetQuery> = { accountId: true, subject: true, value: true, period: true };

export function budgetsOf({ keys, meter, catalog, now }: ManagementDeps): Budgets {
  /** The smallest limit that holds for a subject, of the period asked for or else of the first there is. */
  function limitOf({ subject, period }: BudgetQuery, own: KeyBudget | undefined) {
    const rules: { readonly period: BudgetPeriod; readonly limit: bigint }[] = catalog.budgets.filter(
      (rule) => rule.subject === subject,
    );
    const all = own ? [...rules, { period: own.period, limit: BigInt(own.amount) }] : rules;
    const wanted = period ?? all[0]?.period ?? 'month';
    const limits = all.filter((rule) => rule.period === wanted).map(({ limit }) => limit);
    return { period: wanted, limit: limits.length > 0 ? limits.reduce((a, b) => (a < b ? a : b)) : undefined };
  }

  /** A key or session token of the account; unknown ones have no budget. */
  async function keyOf({ accountId, subject, value }: BudgetQuery): Promise<KeyRecord | undefined> {
    return subject === 'key' && value !== undefined ? keys.updateKey(value, {}, accountId) : undefined;
  }

  return {
    async get(options) {
      const query = readOptions('budgets.get', options, QUERY);
      const accountId = readAccountId(query.accountId);
      const subject = subjectOf(query);
      if (query.period !== undefined && !BUDGET_PERIODS.includes(query.period))
        throw invalid('period', `it must be one of ${BUDGET_PERIODS.join(', ')}`);
      const key = await keyOf(query);
      const own = query.subject === 'account' ? (await keys.getAccount(accountId))?.budget : key?.budget;
      const { period, limit } = limitOf(query, own);
      const at = now();
      // All keys of a rotation are counted under the first of them.
      const counted = key?.details?.rootId === undefined ? subject : `key:${key.details.rootId}`;
      const { spent, held } = await partOf(meter, 'budget')(accountId, counted, budgetWindowAt(period, at));
      const resetsAt = budgetEndsAt(period, at);
      return {
        amount: limit === undefined ? null : formatUsd(limit),
        period,
        spent: formatUsd(spent),
        held: formatUsd(held),
        resetsAt: resetsAt === undefined ? null : new Date(resetsAt),
      };
    },
  };
}

/** The subject as the meter names it. */
function subjectOf({ subject, value }: BudgetQuery): string {
  if (subject === 'account') return subject;
  if (!/^(?:key|endUser|session|tag:.{1,128})$/.test(String(subject)))
    throw invalid('subject', "it must be 'account', 'key', 'endUser', 'session' or 'tag:NAME'");
  return `${subject}:${readName(value, 'value', 256)}`;
}
