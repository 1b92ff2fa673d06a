import { deepEqual, equal } from 'node:assert/strict';
import type { CreditResult, FullMeter, HoldResult, RedeemResult } from '../meter/meter.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { holdOf, SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { uniqueName } from './suite.js';

/** One step of a random story; accounts, keys, requests, payments and codes are small numbers. */
export type MeterCommand =
  | {
      readonly type: 'reserve';
      readonly request: number;
      readonly amount: number;
      readonly minimum: number;
      readonly budget: number | undefined;
    }
  | { readonly type: 'settle'; readonly request: number; readonly tokens: number }
  | { readonly type: 'release'; readonly request: number }
  | { readonly type: 'expire'; readonly after: number }
  | { readonly type: 'credit'; readonly account: number; readonly payment: number; readonly amount: number }
  | { readonly type: 'redeem'; readonly account: number; readonly code: number };

export const MODEL_ACCOUNTS = 3;
const MODEL_CODES = [1, 2, 3];

interface ModelHold {
  readonly held: number;
  readonly budgeted: boolean;
  readonly expiresAt: number;
}

/**
 * A small model of the Meter contract: plays each command on a meter and on plain numbers, and compares the two.
 *
 * A request always belongs to the same account (its number modulo three), has one key per account, and its key's
 * budget is kept in one window.
 */
export class MeterModel {
  readonly accounts = Array.from({ length: MODEL_ACCOUNTS }, () => uniqueName('account'));
  readonly #meter: FullMeter;
  readonly #requests = new Map<number, string>();
  readonly #codes = MODEL_CODES.map(() => uniqueName('CODE'));
  readonly #balance = this.accounts.map(() => 0);
  readonly #spent = this.accounts.map(() => 0);
  readonly #open = new Map<number, ModelHold>();
  readonly #ended = new Map<number, 'settled' | 'released' | 'expired'>();
  readonly #payments = new Map<string, number>();
  readonly #redeemed = new Set<string>();

  constructor(meter: FullMeter) {
    this.#meter = meter;
  }

  /** Creates the promo codes: code 0 may be redeemed once, code 1 twice, code 2 three times. */
  async start(): Promise<void> {
    for (const [index, code] of this.#codes.entries())
      await this.#meter.createPromoCode({ code, amount: 7n, maxRedemptions: index + 1, createdAt: SAMPLE_TIME });
  }

  /** Plays one command. @throws an AssertionError when the meter answers other than the model. */
  async play(command: MeterCommand): Promise<void> {
    if (command.type === 'reserve') deepEqual(await this.#reserve(command), this.#expectReserve(command));
    else if (command.type === 'settle') equal(await this.#settle(command), this.#expectSettle(command));
    else if (command.type === 'release') await this.#release(command.request);
    else if (command.type === 'expire') await this.#expire(SAMPLE_TIME + command.after);
    else if (command.type === 'credit') equal(await this.#credit(command), this.#expectCredit(command));
    else equal(await this.#redeem(command), this.#expectRedeem(command));
    for (const [index, account] of this.accounts.entries())
      deepEqual(await this.#meter.balance(account), {
        balance: BigInt(this.#balance[index] ?? 0),
        held: BigInt(this.#heldBy(index)),
      });
  }

  /** Ends every open hold and checks the books. */
  async finish(): Promise<void> {
    await assertAccountsBalance(this.#meter, this.accounts, { idle: false });
    for (const request of [...this.#open.keys()]) await this.#release(request);
    await assertAccountsBalance(this.#meter, this.accounts);
  }

  #hold(request: number, amount: number, more: { minimum?: number; budget?: number | undefined } = {}) {
    const account = this.accounts[request % MODEL_ACCOUNTS] as string;
    const id = this.#requests.get(request) ?? uniqueName('request');
    this.#requests.set(request, id);
    return holdOf(account, BigInt(amount), {
      id,
      minimum: BigInt(more.minimum ?? amount),
      expiresAt: SAMPLE_TIME + request,
      ...(more.budget !== undefined && { budget: { window: 'total', limit: BigInt(more.budget) } }),
    });
  }

  async #reserve(command: MeterCommand & { type: 'reserve' }): Promise<HoldResult> {
    return this.#meter.reserve(this.#hold(command.request, command.amount, command));
  }

  #expectReserve({ request, amount, minimum, budget }: MeterCommand & { type: 'reserve' }): HoldResult {
    if (this.#open.has(request) || this.#ended.has(request)) return { ok: false, reason: 'duplicate' };
    const account = request % MODEL_ACCOUNTS;
    const available = (this.#balance[account] ?? 0) - this.#heldBy(account);
    if (available < minimum) return { ok: false, reason: 'balance', available: BigInt(available) };
    const left = budget === undefined ? amount : budget - (this.#spent[account] ?? 0) - this.#budgetHeldBy(account);
    if (left < minimum)
      return { ok: false, reason: 'budget', available: BigInt(left), subject: `key:${this.accounts[account]}-key` };
    const held = Math.min(amount, available, left);
    this.#open.set(request, { held, budgeted: budget !== undefined, expiresAt: SAMPLE_TIME + request });
    return { ok: true, held: BigInt(held) };
  }

  async #settle({ request, tokens }: MeterCommand & { type: 'settle' }): Promise<boolean> {
    const budget = this.#open.get(request)?.budgeted ? 1_000 : undefined;
    return (await this.#meter.settle(settlementOf(this.#hold(request, 0, { budget }), tokens))).recorded;
  }

  #expectSettle({ request, tokens }: MeterCommand & { type: 'settle' }): boolean {
    const end = this.#ended.get(request);
    if (end === 'settled' || end === 'released') return false;
    const account = request % MODEL_ACCOUNTS;
    this.#balance[account] = (this.#balance[account] ?? 0) - tokens;
    if (this.#open.get(request)?.budgeted) this.#spent[account] = (this.#spent[account] ?? 0) + tokens;
    this.#open.delete(request);
    this.#ended.set(request, 'settled');
    return true;
  }

  async #release(request: number): Promise<void> {
    await this.#meter.release(this.#hold(request, 0));
    if (this.#open.delete(request)) this.#ended.set(request, 'released');
  }

  async #expire(now: number): Promise<void> {
    await this.#meter.expire(now);
    for (const [request, hold] of this.#open) {
      if (hold.expiresAt >= now) continue;
      this.#open.delete(request);
      this.#ended.set(request, 'expired');
    }
  }

  async #credit({ account, payment, amount }: MeterCommand & { type: 'credit' }): Promise<string> {
    const result: CreditResult = await this.#meter.credit({
      accountId: this.accounts[account] as string,
      kind: amount < 0 ? 'adjustment' : 'top_up',
      amount: BigInt(amount),
      idempotencyKey: `payment-${payment}`,
      now: SAMPLE_TIME,
    });
    return result.ok ? (result.duplicate ? 'duplicate' : 'ok') : result.reason;
  }

  #expectCredit({ account, payment, amount }: MeterCommand & { type: 'credit' }): string {
    const earlier = this.#payments.get(`${account}/${payment}`);
    if (earlier !== undefined) return earlier === amount ? 'duplicate' : 'conflict';
    const balance = this.#balance[account] ?? 0;
    if (amount < 0 && balance - this.#heldBy(account) + amount < 0) return 'insufficient';
    this.#payments.set(`${account}/${payment}`, amount);
    this.#balance[account] = balance + amount;
    return 'ok';
  }

  async #redeem({ account, code }: MeterCommand & { type: 'redeem' }): Promise<string> {
    const result: RedeemResult = await this.#meter.redeem({
      accountId: this.accounts[account] as string,
      code: this.#codes[code] as string,
      now: SAMPLE_TIME,
    });
    return result.ok ? 'ok' : result.reason;
  }

  #expectRedeem({ account, code }: MeterCommand & { type: 'redeem' }): string {
    if (this.#redeemed.has(`${code}/${account}`)) return 'already_used';
    const used = [...this.#redeemed].filter((redemption) => redemption.startsWith(`${code}/`)).length;
    if (used > code) return 'exhausted';
    this.#redeemed.add(`${code}/${account}`);
    this.#balance[account] = (this.#balance[account] ?? 0) + 7;
    return 'ok';
  }

  #heldBy(account: number): number {
    return this.#sum(account, () => true);
  }

  #budgetHeldBy(account: number): number {
    return this.#sum(account, (hold) => hold.budgeted);
  }

  #sum(account: number, counts: (hold: ModelHold) => boolean): number {
    let sum = 0;
    for (const [request, hold] of this.#open)
      if (request % MODEL_ACCOUNTS === account && counts(hold)) sum += hold.held;
    return sum;
  }
}
