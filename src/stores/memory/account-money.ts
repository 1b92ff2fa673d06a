import type { NanoUsd } from '../../lib/money.js';
import { type AllowanceRoom, allowanceRoom, NOTHING, type Standing } from '../../meter/decisions.js';
import type { AllowanceWindow, BudgetWindow, Draw, PaymentTerms } from '../../meter/holds.js';
import type { LedgerEntry } from '../../meter/ledger.js';
import type { AllowanceRecord } from '../../meter/meter.js';

/** An entry that is kept whole: its id is its number. */
export interface WholeEntry extends Omit<LedgerEntry, 'id'> {
  readonly number: number;
  /** Of a charge: the position of its event. */
  readonly position?: number;
  /** Of charges that were made one: how many requests they were of. */
  readonly requests?: number;
}

/** An entry as it is kept. A charge of the balance alone is the position of its event instead. */
export type KeptEntry = WholeEntry | number;

export interface GrantState {
  readonly id: string;
  readonly number: number;
  readonly amount: NanoUsd;
  readonly expiresAt: number | undefined;
  readonly reason: string | undefined;
  used: NanoUsd;
  held: NanoUsd;
  /** False: nothing of it can be drawn on any more. */
  open: boolean;
  /** True: its expiry has been announced. */
  announced: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type AllowanceState = Writable<AllowanceRecord>;

export interface BudgetState {
  spent: NanoUsd;
  held: NanoUsd;
}

const NONE: readonly never[] = [];

/** One account's money, by source. What few accounts have is made when it is first used. */
export class AccountMoney {
  balance: NanoUsd = 0n;
  held: NanoUsd = 0n;
  /** True: a refusal for lack of money has been announced since the last credit. */
  empty = false;
  readonly entries: KeptEntry[] = [];
  readonly credits = new Map<string, LedgerEntry>();
  readonly redeemed = new Set<string>();
  /** In the order in which they are drawn on. */
  grants: GrantState[] | undefined;
  readonly grantsByKey = new Map<string, LedgerEntry>();
  /** By allowance, the windows in the order of their ends. */
  allowances: Map<string, AllowanceState[]> | undefined;
  /** By subject and window. */
  budgets: Map<string, BudgetState> | undefined;

  /** What a request could draw on. */
  standing({ allowances, budgets }: PaymentTerms, now: number): Standing {
    const balance = this.balance - this.held;
    if (!allowances && !budgets && !this.grants) return { balance, grants: NONE, allowances: NONE, budgets: NONE };
    return {
      balance,
      grants: this.openGrants(now).map(({ id, amount, used, held }) => ({ id, amount: amount - used - held })),
      allowances: (allowances ?? []).map((window) => this.#roomOf(window, now)),
      budgets: (budgets ?? []).map((budget) => {
        const { spent, held } = this.budgets?.get(budgetKey(budget)) ?? NO_USE;
        return { subject: budget.subject, left: budget.limit - spent - held };
      }),
    };
  }

  openGrants(now: number): GrantState[] {
    return (this.grants ?? []).filter(({ open, expiresAt }) => open && (expiresAt === undefined || expiresAt > now));
  }

  /** Adds a grant at its place in the order: soonest expiry first, then the older one. */
  addGrant(grant: GrantState): void {
    const end = ({ expiresAt }: GrantState) => expiresAt ?? Number.POSITIVE_INFINITY;
    this.grants ??= [];
    const place = this.grants.findIndex((other) => end(other) > end(grant));
    this.grants.splice(place < 0 ? this.grants.length : place, 0, grant);
  }

  /** Adds a draw to what is held of every source; `sign` −1 releases it. */
  hold(draw: Draw, sign: 1n | -1n): void {
    this.held += sign * draw.balance;
    if (draw === NOTHING || (draw.allowance === 0n && draw.grants.length === 0)) return;
    for (const window of draw.windows) this.#window(window).held += sign * draw.allowance;
    for (const { id, amount } of draw.grants) this.grant(id).held += sign * amount;
  }

  /** Takes an amount out of a window of each allowance and parts of grants for good. */
  use(draw: Draw): void {
    for (const window of draw.windows) this.#window(window).used += draw.allowance;
    for (const { id, amount } of draw.grants) {
      const grant = this.grant(id);
      grant.used += amount;
      if (grant.used >= grant.amount) grant.open = false;
    }
  }

  grant(id: string): GrantState {
    const grant = this.grants?.find((one) => one.id === id);
    if (!grant) throw new RangeError(`no grant ${id}`);
    return grant;
  }

  /** The window of an allowance that ends then, if it is known. */
  window({ id, endsAt }: Pick<AllowanceWindow, 'id' | 'endsAt'>): AllowanceState | undefined {
    return this.allowances?.get(id)?.find((one) => one.endsAt === endsAt);
  }

  budget(budget: Pick<BudgetWindow, 'subject' | 'window'>): BudgetState {
    this.budgets ??= new Map();
    const key = budgetKey(budget);
    let state = this.budgets.get(key);
    if (!state) {
      state = { spent: 0n, held: 0n };
      this.budgets.set(key, state);
    }
    return state;
  }

  #roomOf(asked: AllowanceWindow, now: number): AllowanceRoom {
    const last = this.allowances?.get(asked.id)?.at(-1);
    return allowanceRoom(asked, last && last.endsAt > now ? last : undefined, now);
  }

  #window(asked: AllowanceWindow): AllowanceState {
    const known = this.window(asked);
    if (known) return known;
    const { id, startsAt, endsAt } = asked;
    const state: AllowanceState = { id, startsAt, endsAt, used: 0n, held: 0n };
    this.allowances ??= new Map();
    const windows = this.allowances.get(id) ?? [];
    windows.push(state);
    this.allowances.set(
      id,
      windows.sort((a, b) => a.endsAt - b.endsAt),
    );
    return state;
  }
}

const NO_USE: Readonly<BudgetState> = { spent: 0n, held: 0n };

function budgetKey({ subject, window }: Pick<BudgetWindow, 'subject' | 'window'>): string {
  return `${window}\n${subject}`;
}
