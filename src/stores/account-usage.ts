import type { AccountUsage } from '../meter/usage-log.js';
import { defined, integer, money, text } from './row-values.js';
import { totalsStatement } from './usage-rows.js';
import type { Statement, UsageSql } from './usage-sums.js';

type Row = Readonly<Record<string, unknown>>;

/** The statement that sums what each of these accounts used, from an instant on. */
export function accountTotals(accountIds: readonly string[], from: number | undefined, sql: UsageSql): Statement {
  return totalsStatement({ groupBy: ['account'], accountIds, ...(from !== undefined && { from }) }, sql);
}

/**
 * The statement that says when the newest row of each account was: one step down an index for each.
 *
 * @param accounts a table of the wanted accounts with a column `account_id`.
 * @param own the condition that a row is of the account `a.account_id`.
 */
export function newestStatement(
  table: 'gateway_events' | 'gateway_requests',
  accounts: string,
  own = 'account_id = a.account_id',
): string {
  return `SELECT a.account_id, (SELECT at FROM ${table} WHERE ${own} ORDER BY at DESC LIMIT 1) AS at FROM ${accounts}`;
}

/** The rows of `newestStatement`; accounts without any are left out. */
export function newestOf(rows: readonly Row[]): Map<string, number> {
  const known = rows.filter(({ at }) => at !== null && at !== undefined);
  return new Map(known.map((row) => [text(row['account_id']), integer(row['at'])]));
}

/** The rows of both statements, in the order of the ids. */
export function toAccountUsage(
  accountIds: readonly string[],
  totals: readonly Row[],
  newest: readonly Row[],
): AccountUsage[] {
  const [sums, last] = [new Map(totals.map((row) => [text(row['group_0']), row])), newestOf(newest)];
  return accountIds.map((id) => defined<AccountUsage>({ totals: sumsOf(sums.get(id)), lastAt: last.get(id) }));
}

function sumsOf(row: Row | undefined): AccountUsage['totals'] {
  if (!row) return undefined;
  const optional = (value: unknown) => (value === null || value === undefined ? undefined : money(value));
  return defined<NonNullable<AccountUsage['totals']>>({
    requests: integer(row['requests']),
    cost: money(row['cost']),
    providerCost: optional(row['provider_cost']),
    margin: optional(row['margin']),
  });
}
