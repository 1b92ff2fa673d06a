import type { AccountStanding, BudgetUse } from '../meter/ledger.js';
import type { AllowanceRecord } from '../meter/meter.js';
import { ALLOWANCE_COLUMNS, BUDGET_COLUMNS, GRANT_COLUMNS, toAllowance, toBudget, toGrant } from './ledger-rows.js';
import { money, text } from './row-values.js';

type Row = Readonly<Record<string, unknown>>;

/** What differs between the databases: conditions on a list of texts, and on whether a grant is open. */
export interface StandingSql {
  readonly accounts: string;
  readonly windows: string;
  readonly now: string;
  readonly open: string;
  /** How the names of the tables of allowance windows and budgets begin. */
  readonly view: string;
}

/** Statements that read what many accounts can draw on: each takes the accounts first. */
export function standingStatements({ accounts, windows, now, open, view }: StandingSql) {
  return {
    balances: `SELECT account_id, CAST(balance AS TEXT) AS balance, CAST(held AS TEXT) AS held FROM gateway_balances
      WHERE account_id ${accounts}`,
    grants: `SELECT account_id, ${GRANT_COLUMNS} FROM gateway_grants g WHERE account_id ${accounts} AND ${open}
      AND (g.expires_at IS NULL OR g.expires_at > ${now}) ORDER BY account_id, g.expires_at NULLS LAST, seq`,
    // Of several windows of one allowance the one that ends last counts, and comes last.
    allowances: `SELECT account_id, ${ALLOWANCE_COLUMNS} FROM ${view}_allowances a
      WHERE account_id ${accounts} AND a.ends_at > ${now} ORDER BY account_id, allowance, a.ends_at`,
    budgets: `SELECT account_id, ${BUDGET_COLUMNS} FROM ${view}_budgets
      WHERE account_id ${accounts} AND subject = 'account' AND budget_window ${windows}`,
  };
}

/** The rows of the four statements. */
export interface StandingRows {
  readonly balances: readonly Row[];
  readonly grants: readonly Row[];
  readonly allowances: readonly Row[];
  readonly budgets: readonly Row[];
}

/** What each account can draw on, in the order of the ids. */
export function toStandings(accountIds: readonly string[], rows: StandingRows): AccountStanding[] {
  const [balances, grants] = [byAccount(rows.balances), byAccount(rows.grants)];
  const [allowances, budgets] = [byAccount(rows.allowances), byAccount(rows.budgets)];
  return accountIds.map((id) => {
    const [balance] = balances.get(id) ?? [];
    return {
      balance: money(balance?.['balance'] ?? 0),
      held: money(balance?.['held'] ?? 0),
      grants: (grants.get(id) ?? []).map(toGrant),
      allowances: newestWindows((allowances.get(id) ?? []).map(toAllowance)),
      budgets: new Map((budgets.get(id) ?? []).map(budgetOf)),
    };
  });
}

/** The window of each allowance that ends last, of windows in the order of their ends. */
export function newestWindows(windows: readonly AllowanceRecord[]): AllowanceRecord[] {
  return [...new Map(windows.map((window) => [window.id, window])).values()];
}

function budgetOf(row: Row): [string, BudgetUse] {
  const { window, spent, held } = toBudget(row);
  return [window, { spent, held }];
}

function byAccount(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const id = text(row['account_id']);
    const group = groups.get(id);
    if (group) group.push(row);
    else groups.set(id, [row]);
  }
  return groups;
}
