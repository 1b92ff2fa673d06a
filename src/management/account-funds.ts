import type { AllowanceOptions, AllowanceRule, Plan } from '../catalog/catalog.js';
import type { Account } from '../keys/key-store.js';
import { formatUsd } from '../lib/money.js';
import { type AllowanceRoom, availableOf } from '../meter/decisions.js';
import type { Funds } from '../meter/ledger.js';
import type { Meter } from '../meter/meter.js';
import { budgetWindowAt } from '../meter/windows.js';
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

/** Reads balance and open holds of an account, and all else that it can draw on. */
export async function readFunds(meter: Meter, accountId: string, now: number): Promise<Funds> {
  if (meter.funds) return meter.funds(accountId, now);
  return { ...(await meter.balance(accountId)), grants: [], allowances: [] };
}

/** Describes what an account can draw on under a plan. */
export async function accountFunds(
  account: Pick<Account, 'id' | 'planSince' | 'createdAt' | 'budget'>,
  plan: Plan | undefined,
  funds: Funds,
  meter: Meter,
  now: number,
): Promise<AccountFunds> {
  const anchor = account.planSince ?? account.createdAt;
  const rooms = (plan?.allowances ?? []).map((rule) => ({ rule, room: roomOf(rule, funds, anchor, now) }));
  return {
    available: await availableNow(account, plan, rooms, funds, meter, now),
    allowances: rooms.map(({ rule, room }) => allowanceInfo(rule, room, funds, now)),
    grants: funds.grants.map(({ id, left, expiresAt, reason }) => ({
      id,
      left: formatUsd(left),
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
      reason: reason ?? null,
    })),
  };
}

async function availableNow(
  { id, budget }: Pick<Account, 'id' | 'budget'>,
  plan: Plan | undefined,
  rooms: readonly { readonly rule: AllowanceRule; readonly room: AllowanceRoom }[],
  funds: Funds,
  meter: Meter,
  now: number,
): Promise<string | null> {
  // A request of a model that no allowance is for draws on those for all models alone.
  const general = rooms.filter(({ rule }) => rule.models === undefined);
  const standing = {
    balance: funds.balance - funds.held,
    grants: funds.grants.map((grant) => ({ id: grant.id, amount: grant.left })),
    allowances: (general.length > 0 ? general : rooms).map(({ room }) => room),
    budgets: [],
  };
  const sources = plan?.prepaid
    ? availableOf({ prepaid: true, overflow: plan.overflow, creditLimit: plan.creditLimit }, standing)
    : undefined;
  const left = budget && BigInt(budget.amount) - (await committed(meter, id, budget.period, now));
  if (sources === undefined && left === undefined) return null;
  const least = sources === undefined || (left !== undefined && left < sources) ? left : sources;
  return formatUsd(least !== undefined && least > 0n ? least : 0n);
}

async function committed(
  meter: Meter,
  accountId: string,
  period: 'day' | 'month' | 'total',
  now: number,
): Promise<bigint> {
  const use = await meter.budget?.(accountId, 'account', budgetWindowAt(period, now));
  return use ? use.spent + use.held : 0n;
}

function roomOf(rule: AllowanceRule, funds: Funds, anchor: number, now: number): AllowanceRoom {
  const window = allowanceWindow(rule, anchor, now);
  const running = funds.allowances.find(({ id }) => id === rule.id);
  if (!running) return { window, left: rule.limit };
  const { startsAt, endsAt, used, held } = running;
  return { window: { ...window, startsAt, endsAt }, left: rule.limit - used - held };
}

function allowanceInfo(rule: AllowanceRule, { window, left }: AllowanceRoom, funds: Funds, now: number): AllowanceInfo {
  const running = funds.allowances.find(({ id }) => id === rule.id);
  const begun = running !== undefined || window.startsAt !== now || !/[hd]$/.test(rule.per);
  return {
    amount: formatUsd(rule.limit),
    used: formatUsd(running?.used ?? 0n),
    left: formatUsd(left > 0n ? left : 0n),
    per: rule.per,
    models: rule.modelNames ?? null,
    resetsAt: begun ? new Date(window.endsAt) : null,
  };
}
