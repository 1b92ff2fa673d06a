import { deepEqual } from 'node:assert/strict';
import type { BudgetWindow, Charge, FullMeter, Funds, Notice } from '../meter/meter.js';
import { budgetPot, type Part, windowPot } from './reference-account.js';
import type { ExpectedNotice, ReferenceMeter } from './reference-meter.js';

/** Compares everything an account can draw on. @throws an AssertionError that shows both. */
export function compareFunds(funds: Funds, reference: ReferenceMeter, accountId: string, now: number): void {
  const account = reference.account(accountId);
  const { held } = account.pot('balance');
  const expected = {
    balance: account.balance,
    held,
    grants: account.openGrants(now).map((grant) => [grant.id, account.grantLeft(grant)]),
    allowances: account.runningWindows(now).map((window) => {
      const { used, held: taken } = account.pot(windowPot(window));
      return [window.id, window.startsAt, window.endsAt, used, taken];
    }),
  };
  const grants = funds.grants.map(({ id, left }) => [id, left]);
  const windows = funds.allowances.map((one) => [one.id, one.startsAt, one.endsAt, one.used, one.held]);
  const allowances = windows.sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  deepEqual({ balance: funds.balance, held: funds.held, grants, allowances }, expected);
}

/** Compares budgets of an account. @throws an AssertionError that shows both. */
export async function compareBudgets(
  meter: FullMeter,
  reference: ReferenceMeter,
  accountId: string,
  budgets: readonly BudgetWindow[] = [],
): Promise<void> {
  for (const budget of budgets) {
    const { used, held } = reference.account(accountId).pot(budgetPot(budget));
    const { subject, window } = budget;
    const seen = await meter.budget(accountId, subject, window);
    deepEqual({ subject, window, ...seen }, { subject, window, spent: used, held });
  }
}

/** Compares the split of a charge; its amounts must add up to the cost where the plan covers all of it. */
export function compareCharges(charged: readonly Charge[] | undefined, parts: readonly Part[] = []): void {
  const expected = parts.map(({ source, id, amount }) => ({ source, id, amount }));
  deepEqual(
    (charged ?? []).map(({ source, id, amount }) => ({ source, id, amount })),
    expected,
  );
}

/** What a notice is about, as the reference names it. */
export function aboutNotice({ type, data }: Pick<Notice, 'type' | 'data'>): string {
  if (type === 'balance.empty') return String(data['requestId']);
  if (type === 'budget.reached') return `${data['subject']} ${data['window']} ${data['threshold']}`;
  if (type === 'allowance.reached') return `${data['allowance']} ${data['resetsAt']} ${data['threshold']}`;
  if (type === 'balance.low') return String(data['threshold']);
  return String(data[type === 'grant.expiring' ? 'grant' : 'reference']);
}

/** Compares notices, in no order. @throws an AssertionError that lists those that are missing or too many. */
export function compareNotices(seen: readonly Notice[], expected: readonly ExpectedNotice[]): void {
  const names = (list: readonly { accountId: string; type: string; about: string }[]) =>
    list.map(({ accountId, type, about }) => `${accountId}: ${type} ${about}`).sort();
  deepEqual(names(seen.map((notice) => ({ ...notice, about: aboutNotice(notice) }))), names(expected));
}
