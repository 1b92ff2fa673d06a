import type { AllowanceWindow, BudgetWindow, PaymentTerms } from '../meter/holds.js';
import type { Charge } from '../meter/usage-log.js';

/** What is counted in one place: a window, a grant, the balance, a budget. */
interface Pot {
  used: bigint;
  held: bigint;
}

/** An amount of one source, and the pots that it counts in. */
export interface Part {
  readonly source: Charge['source'];
  /** Of the grant. */
  readonly id?: string;
  readonly pots: readonly string[];
  /** Of an allowance. */
  readonly windows?: readonly AllowanceWindow[];
  readonly amount: bigint;
}

/** A source that a request can draw on, with its room. */
export type Source = Omit<Part, 'amount'> & { readonly room: bigint };

export interface ReferenceGrant {
  readonly id: string;
  readonly amount: bigint;
  readonly expiresAt: number | undefined;
  /** What is left lapsed. */
  lapsed: boolean;
  announced: boolean;
}

const BALANCE: Omit<Part, 'amount'> = { source: 'balance', pots: ['balance'] };

/** One account of the reference: pots with what is used and held of each, and nothing derived. */
export class ReferenceAccount {
  /** All that was ever added to the balance. */
  added = 0n;
  empty = false;
  events = 0;
  /** True: has paid or redeemed something. */
  hasPaid = false;
  readonly grants: ReferenceGrant[] = [];
  readonly #pots = new Map<string, Pot>();
  /** The windows of each allowance that were begun. */
  readonly #windows = new Map<string, AllowanceWindow[]>();

  get balance(): bigint {
    return this.added - this.pot('balance').used;
  }

  pot(name: string): Pot {
    let pot = this.#pots.get(name);
    if (!pot) {
      pot = { used: 0n, held: 0n };
      this.#pots.set(name, pot);
    }
    return pot;
  }

  grantLeft({ id, amount, lapsed }: ReferenceGrant): bigint {
    const { used, held } = this.pot(grantPot(id));
    return lapsed ? 0n : amount - used - held;
  }

  /** Grants that can be drawn on, in order. */
  openGrants(now: number): ReferenceGrant[] {
    const end = ({ expiresAt }: ReferenceGrant) => expiresAt ?? Number.POSITIVE_INFINITY;
    const open = this.grants.filter((grant) => {
      const { used } = this.pot(grantPot(grant.id));
      return !grant.lapsed && used < grant.amount && end(grant) > now;
    });
    // A stable sort: of those with one end the older goes first.
    return open.sort((a, b) => (end(a) === end(b) ? 0 : end(a) - end(b)));
  }

  /** The window of each allowance that runs, by the allowance's id. */
  runningWindows(now: number): AllowanceWindow[] {
    return [...this.#windows.keys()].sort().flatMap((id) => this.#running(id, now) ?? []);
  }

  /** The allowance of some terms as a source; undefined: they have none. */
  allowance({ allowances = [] }: PaymentTerms, now: number): Source | undefined {
    if (allowances.length === 0) return undefined;
    const windows = allowances.map((asked) => {
      const running = this.#running(asked.id, now);
      return running ? { ...running, limit: asked.limit } : asked;
    });
    const rooms = windows.map((window) => (window.endsAt > now ? this.#roomOf(window) : 0n));
    const room = rooms.reduce((least, one) => (one < least ? one : least));
    return { source: 'allowance', pots: windows.map(windowPot), windows, room: room > 0n ? room : 0n };
  }

  /** What the windows that are too small for an amount wait for. */
  resetOf({ allowances = [] }: PaymentTerms, now: number, minimum: bigint): number | undefined {
    const full = allowances.flatMap((asked) => {
      const window = { ...(this.#running(asked.id, now) ?? asked), limit: asked.limit };
      return this.#roomOf(window) < minimum ? [window.endsAt] : [];
    });
    return full.length > 0 ? Math.max(...full) : undefined;
  }

  grantSources(now: number): Source[] {
    return this.openGrants(now).map((grant) => ({
      source: 'grant',
      id: grant.id,
      pots: [grantPot(grant.id)],
      room: this.grantLeft(grant),
    }));
  }

  budgetLeft(budget: BudgetWindow): bigint {
    const { used, held } = this.pot(budgetPot(budget));
    return budget.limit - used - held;
  }

  /** Notes windows that something was drawn on. */
  begin(windows: readonly AllowanceWindow[]): void {
    for (const window of windows) {
      const known = this.#windows.get(window.id) ?? [];
      if (!known.some(({ endsAt }) => endsAt === window.endsAt)) known.push(window);
      this.#windows.set(window.id, known);
    }
  }

  #roomOf(window: AllowanceWindow): bigint {
    const { used, held } = this.pot(windowPot(window));
    return window.limit - used - held;
  }

  #running(id: string, now: number): AllowanceWindow | undefined {
    const open = (this.#windows.get(id) ?? []).filter(({ endsAt }) => endsAt > now);
    return open.sort((a, b) => b.endsAt - a.endsAt)[0];
  }
}

const ORDER: readonly Part['source'][] = ['allowance', 'grant', 'balance'];

/** Adds up the parts of one source, in the order in which sources are drawn on. */
export function merged(parts: readonly Part[]): Part[] {
  const bySource = new Map<string, Part>();
  for (const part of parts) {
    const name = `${part.source} ${part.id}`;
    const known = bySource.get(name);
    bySource.set(name, known ? { ...known, amount: known.amount + part.amount } : part);
  }
  return [...bySource.values()].sort((a, b) => ORDER.indexOf(a.source) - ORDER.indexOf(b.source));
}

/** Takes an amount from sources in order; what is left over comes from the balance, or, without it, from nowhere. */
export function drawFrom(sources: readonly Source[], amount: bigint, withBalance: boolean): Part[] {
  const parts: Part[] = [];
  let rest = amount;
  for (const { room, ...source } of sources) {
    const part = room < rest ? room : rest;
    if (part <= 0n) continue;
    parts.push({ ...source, amount: part });
    rest -= part;
  }
  if (withBalance && rest > 0n) parts.push({ ...BALANCE, amount: rest });
  return parts;
}

export function windowPot({ id, endsAt }: Pick<AllowanceWindow, 'id' | 'endsAt'>): string {
  return `allowance ${id} until ${endsAt}`;
}

export function grantPot(id: string): string {
  return `grant ${id}`;
}

export function budgetPot({ subject, window }: Pick<BudgetWindow, 'subject' | 'window'>): string {
  return `budget ${subject} ${window}`;
}

/** Adds parts to what is used or held of their pots, or takes them away. */
export function move(account: ReferenceAccount, parts: readonly Part[], column: 'used' | 'held', sign: 1n | -1n): void {
  for (const { pots, windows, amount } of parts) {
    if (windows) account.begin(windows);
    for (const pot of pots) account.pot(pot)[column] += sign * amount;
  }
}
