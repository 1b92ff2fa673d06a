import { fitsInBalance, formatUsd } from '../lib/money.js';
import type { HoldRequest, HoldResult, Settlement } from '../meter/holds.js';
import type { Credit, Grant, PromoCode, RedeemRefusal, Redemption, Refund } from '../meter/ledger.js';
import {
  budgetPot,
  drawFrom,
  grantPot,
  merged,
  move,
  type Part,
  ReferenceAccount,
  windowPot,
} from './reference-account.js';
import { ReferenceCodes } from './reference-codes.js';

interface ReferenceHold {
  readonly request: HoldRequest;
  readonly held: bigint;
  readonly parts: readonly Part[];
  expiresAt: number;
}

/** A notice that must have been made: its type and what it is about. */
export interface ExpectedNotice {
  readonly accountId: string;
  readonly type: string;
  readonly about: string;
}

/**
 * The contract of a Meter in its plainest form, for one thread and without storage: what each call must answer, and what
 * every source must hold afterwards. Slow on purpose, and written apart from the stores' own decisions.
 */
export class ReferenceMeter {
  readonly open = new Map<string, ReferenceHold>();
  readonly notices: ExpectedNotice[] = [];
  readonly #accounts = new Map<string, ReferenceAccount>();
  readonly #ended = new Map<string, 'settled' | 'released' | 'expired'>();
  readonly #charges = new Map<string, { readonly accountId: string; readonly parts: readonly Part[]; back: boolean }>();
  readonly #credits = new Map<string, bigint>();
  readonly #codes = new ReferenceCodes();

  account(id: string): ReferenceAccount {
    let account = this.#accounts.get(id);
    if (!account) {
      account = new ReferenceAccount();
      this.#accounts.set(id, account);
    }
    return account;
  }

  /** What a settled request was charged; undefined: it was not settled. */
  chargesOf(id: string): readonly Part[] | undefined {
    return this.#charges.get(id)?.parts;
  }

  reserve(request: HoldRequest): HoldResult {
    const { id, accountId, amount, minimum, now, prepaid, overflow, budgets = [] } = request;
    if (this.open.has(id) || this.#ended.has(id)) return { ok: false, reason: 'duplicate' };
    const account = this.account(accountId);
    const allowance = account.allowance(request, now);
    const room = allowance?.room ?? 0n;
    const grants = prepaid && overflow !== 'refuse' ? account.grantSources(now) : [];
    let most = amount;
    if (prepaid && overflow === 'refuse') {
      if (!allowance || room < minimum) {
        const resetsAt = account.resetOf(request, now, minimum);
        return { ok: false, reason: 'allowance', available: room, ...(resetsAt !== undefined && { resetsAt }) };
      }
      most = smaller(most, room);
    } else if (prepaid) {
      const others = grants.reduce((sum, grant) => sum + grant.room, room);
      const own = account.balance - account.pot('balance').held + (request.creditLimit ?? 0n);
      const available = others > 0n ? others + (own > 0n ? own : 0n) : own;
      if (available < minimum) {
        if (request.notifyEmpty && !account.empty) this.#notice(accountId, 'balance.empty', id);
        account.empty ||= request.notifyEmpty === true;
        return { ok: false, reason: 'balance', available };
      }
      most = smaller(most, available);
    }
    for (const budget of budgets) {
      const left = account.budgetLeft(budget);
      if (left < minimum) return { ok: false, reason: 'budget', available: left, subject: budget.subject };
      most = smaller(most, left);
    }
    const parts = drawFrom([...(allowance ? [allowance] : []), ...grants], most, prepaid);
    move(account, parts, 'held', 1n);
    for (const budget of budgets) account.pot(budgetPot(budget)).held += most;
    this.open.set(id, { request, held: most, parts, expiresAt: request.expiresAt });
    return { ok: true, held: most };
  }

  /** True when it is recorded. */
  settle(settlement: Settlement): boolean {
    const { id, accountId, cost, budgets = [], thresholds = {} } = settlement;
    const end = this.#ended.get(id);
    if (end === 'settled' || end === 'released') return false;
    const account = this.account(accountId);
    const balanceBefore = account.balance;
    const hold = this.open.get(id);
    if (hold) this.#release(id, hold);
    this.#ended.set(id, 'settled');
    const covered = hold
      ? drawFrom(
          hold.parts.map(({ amount, ...part }) => ({ ...part, room: amount })),
          cost,
          false,
        )
      : [];
    move(account, covered, 'used', 1n);
    const beyond = this.#beyond(account, settlement, covered);
    move(account, beyond, 'used', 1n);
    const parts = merged([...covered, ...beyond]);
    account.events++;
    this.#charges.set(id, { accountId, parts, back: false });

    for (const budget of budgets) {
      const pot = account.pot(budgetPot(budget));
      pot.used += cost;
      const about = `${budget.subject} ${budget.window}`;
      this.#crossed(accountId, 'budget.reached', about, pot.used, cost, budget.limit, thresholds.budget);
    }
    for (const { source, windows = [], amount } of parts) {
      for (const window of windows) {
        const { used } = account.pot(windowPot(window));
        const about = `${window.id} ${new Date(window.endsAt).toISOString()}`;
        this.#crossed(accountId, 'allowance.reached', about, used, amount, window.limit, thresholds.allowance);
      }
      if (source !== 'balance') continue;
      for (const threshold of thresholds.balance ?? [])
        if (balanceBefore > threshold && account.balance <= threshold)
          this.#notice(accountId, 'balance.low', formatUsd(threshold));
    }
    return true;
  }

  release(id: string): void {
    const hold = this.open.get(id);
    if (!hold) return;
    this.#release(id, hold);
    this.#ended.set(id, 'released');
  }

  extend(ids: readonly string[], expiresAt: number): void {
    for (const id of ids) {
      const hold = this.open.get(id);
      if (hold) hold.expiresAt = expiresAt;
    }
  }

  /** How many holds lapsed. */
  expire(now: number, grantsExpiringMs?: number): number {
    const lapsed = [...this.open].filter(([, { expiresAt }]) => expiresAt < now);
    for (const [id, hold] of lapsed) {
      this.#release(id, hold);
      this.#ended.set(id, 'expired');
    }
    for (const [accountId, account] of this.#accounts)
      for (const grant of account.grants) {
        const { used, held } = account.pot(grantPot(grant.id));
        if (grant.lapsed || used >= grant.amount || grant.expiresAt === undefined) continue;
        if (grant.expiresAt <= now) grant.lapsed = held === 0n;
        else if (grantsExpiringMs !== undefined && !grant.announced && grant.expiresAt <= now + grantsExpiringMs) {
          grant.announced = true;
          this.#notice(accountId, 'grant.expiring', grant.id);
        }
      }
    return lapsed.length;
  }

  credit(credit: Credit): 'added' | 'duplicate' | 'conflict' | 'insufficient' | 'too_large' {
    const { accountId, amount, idempotencyKey, allowNegative, notify } = credit;
    const key = `credit ${accountId} ${idempotencyKey}`;
    const earlier = this.#credits.get(key);
    if (earlier !== undefined) return earlier === amount ? 'duplicate' : 'conflict';
    const account = this.account(accountId);
    const free = account.balance - account.pot('balance').held;
    if (amount < 0n && !allowNegative && free + amount < 0n) return 'insufficient';
    if (!fitsInBalance(account.balance + amount)) return 'too_large';
    this.#credits.set(key, amount);
    account.added += amount;
    if (credit.kind === 'top_up') account.hasPaid = true;
    this.#cameIn(account, accountId, amount, idempotencyKey, notify);
    return 'added';
  }

  /** @param id what the meter calls the grant. */
  grant(grant: Grant, id: string): 'added' | 'duplicate' | 'conflict' | 'expired' {
    const { accountId, amount, expiresAt, idempotencyKey, now, notify } = grant;
    const key = `grant ${accountId} ${idempotencyKey}`;
    const earlier = this.#credits.get(key);
    if (earlier !== undefined) return earlier === amount ? 'duplicate' : 'conflict';
    if (expiresAt !== undefined && expiresAt <= now) return 'expired';
    this.#credits.set(key, amount);
    this.#give(accountId, { id, amount, expiresAt }, idempotencyKey, notify);
    return 'added';
  }

  /** What goes back to each source, in the order of the charge; a string says why nothing does. */
  refund({ requestId, now }: Refund): readonly string[] | 'unknown' | 'already_refunded' {
    const charge = this.#charges.get(requestId);
    if (!charge) return 'unknown';
    if (charge.back) return 'already_refunded';
    charge.back = true;
    const account = this.account(charge.accountId);
    const given: string[] = [];
    let rest = 0n;
    for (const { source, id, windows = [], amount } of charge.parts) {
      const pots = source === 'allowance' ? windows.filter(({ endsAt }) => endsAt > now).map(windowPot) : [];
      const grant = account.grants.find((one) => one.id === id);
      if (grant && (grant.expiresAt === undefined || grant.expiresAt > now)) pots.push(grantPot(grant.id));
      for (const pot of pots) account.pot(pot).used -= amount;
      if (pots.length > 0) given.push(`${source} ${amount}`);
      else rest += amount;
    }
    account.added += rest;
    if (rest > 0n) given.push(`balance ${rest}`);
    if (given.length > 0) account.empty = false;
    return given;
  }

  createPromoCode(promo: PromoCode): void {
    this.#codes.create(promo);
  }

  /** @param id what the meter calls the grant, where the code gives one. */
  redeem({ accountId, code, now, notify }: Redemption, id: string): RedeemRefusal | 'added' {
    const account = this.account(accountId);
    const redeemed = this.#codes.redeem(code, accountId, account, now);
    if (typeof redeemed === 'string') return redeemed;
    account.hasPaid = true;
    const { amount, creditExpiresAfterMs } = redeemed;
    if (creditExpiresAfterMs !== undefined)
      this.#give(accountId, { id, amount, expiresAt: now + creditExpiresAfterMs }, code, notify);
    else {
      account.added += amount;
      this.#cameIn(account, accountId, amount, code, notify);
    }
    return 'added';
  }

  /** What a request costs beyond its hold: from the sources as they stand, and the last of it from the balance. */
  #beyond(account: ReferenceAccount, settlement: Settlement, covered: readonly Part[]): Part[] {
    const { cost, prepaid, overflow, at } = settlement;
    const rest = cost - covered.reduce((sum, { amount }) => sum + amount, 0n);
    const allowance = account.allowance(settlement, at);
    const drawn = covered.find(({ source }) => source === 'allowance');
    const same = !drawn || drawn.pots.toSorted().join() === allowance?.pots.toSorted().join();
    const grants = prepaid && overflow !== 'refuse' ? account.grantSources(at) : [];
    return drawFrom([...(allowance && same ? [allowance] : []), ...grants], rest, prepaid);
  }

  #release(id: string, { request, held, parts }: ReferenceHold): void {
    this.open.delete(id);
    const account = this.account(request.accountId);
    move(account, parts, 'held', -1n);
    for (const budget of request.budgets ?? []) account.pot(budgetPot(budget)).held -= held;
  }

  #give(
    accountId: string,
    grant: { readonly id: string; readonly amount: bigint; readonly expiresAt: number | undefined },
    reference: string,
    notify: boolean | undefined,
  ): void {
    const account = this.account(accountId);
    account.grants.push({ ...grant, lapsed: false, announced: false });
    this.#cameIn(account, accountId, grant.amount, reference, notify);
  }

  #cameIn(account: ReferenceAccount, accountId: string, amount: bigint, about: string, notify = false): void {
    if (amount <= 0n) return;
    account.empty = false;
    if (notify) this.#notice(accountId, 'credit.added', about);
  }

  #crossed(
    accountId: string,
    type: string,
    about: string,
    used: bigint,
    added: bigint,
    limit: bigint,
    shares: readonly number[] = [],
  ): void {
    const reached = (sum: bigint, share: number) => sum * 1_000_000n >= limit * BigInt(share);
    for (const share of shares)
      if (reached(used, share) && !reached(used - added, share))
        this.#notice(accountId, type, `${about} ${share / 1_000_000}`);
  }

  #notice(accountId: string, type: string, about: string): void {
    this.notices.push({ accountId, type, about });
  }
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
