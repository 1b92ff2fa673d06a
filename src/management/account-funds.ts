import type { AllowanceRule, BudgetRule, Plan } from '../catalog/catalog.js';
import type { AllowanceOptions } from '../catalog/catalog-options.js';
import type { Account } from '../keys/key-store.js';
import { formatUsd, type NanoUsd } from '../lib/money.js';
import { type AllowanceRoom, allowanceRoom, availableOf } from '../meter/decisions.js';
import type { AccountStanding, BudgetUse, Funds } from '../meter/ledger.js';
import type { Meter } from '../meter/meter.js';
import { beginsWithUse, budgetWindowAt } from '../meter/windows.js';
import { allowanceWindow } from '../pipeline/payment.js';

/** What an account can draw on; amounts are decimal strings in USD. */
export interface AccountFunds {
  /** What one request could draw now; null on a metered plan without a budget, which refuses nothing. */
  readonly available: string | null;
  readonly allowances: readonly AllowanceInfo[];
  /** Soonest expiry first. */
  readonly grants: readonly GrantInfo[];
}

/** An allowance of the account's plan in the window that runs. */
export interface AllowanceInfo {
  readonly amount: string;
  readonly used: string;
  /** What is neither used nor held. */
  readonly left: string;
  readonly per: AllowanceOptions['per'];
  /** Null: all models. */
  readonly models: readonly string[] | null;
  /** Null: the window begins with the next request. */
  readonly resetsAt: Date | null;
}

/** Money that may expire. */
export interface GrantInfo {
  readonly id: string;
  readonly left: string;
  readonly expiresAt: Date | null;
  readonly reason: string | null;
}

/** What is read of an account before its funds. */
type Bounded = Pick<Account, 'id' | 'budget'>;

/**
 * Reads balance and open holds of accounts, and all else that they can draw on, in their order.
 *
 * @param rules the configured budgets.
 */
export async function readStandings(
  meter: Meter,
  accounts: readonly Bounded[],
  rules: readonly BudgetRule[],
  now: number,
): Promise<readonly AccountStanding[]> {
  const windowsOf = (account: Bounded) => bounds(account, rules).map(({ period }) => budgetWindowAt(period, now));
  if (meter.fundsOfAll && accounts.length > 1) {
    const windows = new Set(accounts.flatMap(windowsOf));
    const ids = accounts.map(({ id }) => id);
    return meter.fundsOfAll(ids, [...windows], now);
  }
  return Promise.all(
    accounts.map(async (account) => {
      const funds = (await meter.funds?.(account.id, now)) ?? {
        ...(await meter.balance(account.id)),
        grants: [],
        allowances: [],
      };
      const budgets = new Map<string, BudgetUse>();
      for (const window of windowsOf(account)) {
        const use = await meter.budget?.(account.id, 'account', window);
        if (use) budgets.set(window, use);
      }
      return { ...funds, budgets };
    }),
  );
}

/** The account's own budget, and those configured for every account. */
function bounds({ budget }: Bounded, rules: readonly BudgetRule[]): Pick<BudgetRule, 'limit' | 'period'>[] {
  const own = budget ? [{ limit: BigInt(budget.amount), period: budget.period }] : [];
  return [...own, ...rules.filter(({ subject }) => subject === 'account')];
}

/** Describes what an account can draw on under a plan. @param rules the configured budgets. */
export function accountFunds(
  account: Pick<Account, 'id' | 'planSince' | 'createdAt' | 'budget'>,
  plan: Plan | undefined,
  rules: readonly BudgetRule[],
  funds: AccountStanding,
  now: number,
): AccountFunds {
  const anchor = account.planSince ?? account.createdAt;
  const rooms = (plan?.allowances ?? []).map((rule) => ({ rule, room: roomOf(rule, funds, anchor, now) }));
  return {
    available: least(sourcesNow(plan, rooms, funds), budgetLeft(account, rules, funds, now)),
    allowances: rooms.map(({ rule, room }) => allowanceInfo(rule, room, funds, now)),
    grants: funds.grants.map(({ id, left, expiresAt, reason }) => ({
      id,
      left: formatUsd(left),
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
      reason: reason ?? null,
    })),
  };
}

/** What the sources of an account have for one request; undefined on a metered plan. */
function sourcesNow(
  plan: Plan | undefined,
  rooms: readonly { readonly rule: AllowanceRule; readonly room: AllowanceRoom }[],
  funds: Funds,
): NanoUsd | undefined {
  if (!plan?.prepaid) return undefined;
  // A request for a model without an allowance of its own draws only on the allowances for all models.
  const general = rooms.filter(({ rule }) => rule.models === undefined);
  const standing = {
    balance: funds.balance - funds.held,
    grants: funds.grants.map((grant) => ({ id: grant.id, amount: grant.left })),
    allowances: (general.length > 0 ? general : rooms).map(({ room }) => room),
    budgets: [],
  };
  return availableOf({ prepaid: true, overflow: plan.overflow, creditLimit: plan.creditLimit }, standing);
}

/** What the account's own budget and those configured for every account leave; undefined without a budget. */
function budgetLeft(
  account: Bounded,
  rules: readonly BudgetRule[],
  { budgets }: AccountStanding,
  now: number,
): NanoUsd | undefined {
  let left: NanoUsd | undefined;
  for (const { limit, period } of bounds(account, rules)) {
    const use = budgets.get(budgetWindowAt(period, now));
    const rest = limit - (use ? use.spent + use.held : 0n);
    if (left === undefined || rest < left) left = rest;
  }
  return left;
}

/** The smaller amount, not below zero, as it is shown; null when there is neither. */
function least(one: NanoUsd | undefined, other: NanoUsd | undefined): string | null {
  if (one === undefined && other === undefined) return null;
  const smaller = one === undefined || (other !== undefined && other < one) ? other : one;
  return formatUsd(smaller !== undefined && smaller > 0n ? smaller : 0n);
}

function roomOf(rule: AllowanceRule, funds: Funds, anchor: number, now: number): AllowanceRoom {
  const running = funds.allowances.find(({ id }) => id === rule.id);
  return allowanceRoom(allowanceWindow(rule, anchor, now), running, now);
}

function allowanceInfo(rule: AllowanceRule, { window, left }: AllowanceRoom, funds: Funds, now: number): AllowanceInfo {
  const running = funds.allowances.find(({ id }) => id === rule.id);
  const begun = running !== undefined || window.startsAt !== now || !beginsWithUse(rule.per);
  return {
    amount: formatUsd(rule.limit),
    used: formatUsd(running?.used ?? 0n),
    left: formatUsd(left > 0n ? left : 0n),
    per: rule.per,
    models: rule.modelNames ?? null,
    resetsAt: begun ? new Date(window.endsAt) : null,
  };
}
