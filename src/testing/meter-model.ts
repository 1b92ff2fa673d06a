import { deepEqual, equal } from 'node:assert/strict';
import type { BudgetWindow, FullMeter, HoldRequest, Notice, PaymentTerms, Thresholds } from '../meter/meter.js';
import { budgetWindowAt, type WindowLength, windowAt } from '../meter/windows.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { holdOf, settlementOf } from './meter-samples.js';
import { compareBudgets, compareCharges, compareFunds, compareNotices } from './reference-comparison.js';
import { ReferenceMeter } from './reference-meter.js';
import { uniqueName } from './suite.js';

/** One step of a random story; accounts, requests, payments, plans and codes are small numbers. */
export type MeterCommand =
  | { readonly type: 'reserve'; readonly request: number; readonly amount: number; readonly minimum: number }
  | { readonly type: 'settle'; readonly request: number; readonly tokens: number; readonly fresh: boolean }
  | { readonly type: 'release'; readonly request: number }
  | { readonly type: 'extend'; readonly request: number }
  | { readonly type: 'expire' }
  | { readonly type: 'pass'; readonly minutes: number }
  | { readonly type: 'credit'; readonly account: number; readonly payment: number; readonly amount: number }
  | { readonly type: 'grant'; readonly account: number; readonly payment: number; readonly hours: number | undefined }
  | { readonly type: 'refund'; readonly request: number }
  | { readonly type: 'redeem'; readonly account: number; readonly code: number }
  | { readonly type: 'plan'; readonly account: number; readonly plan: number }
  | { readonly type: 'budget'; readonly account: number; readonly limit: number | undefined };

export const MODEL_ACCOUNTS = 3;
export const MODEL_PLANS = 6;
const MODEL_CODES = 3;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Two minutes before the last day of a leap February ends. */
const START = Date.UTC(2028, 1, 29, 23, 58);
const THRESHOLDS: Thresholds = { balance: [50n, 10n], budget: [500_000, 1_000_000], allowance: [800_000] };
const GRANTS_EXPIRING_MS = 3 * HOUR;

type Allowance = readonly [per: WindowLength, limit: bigint, anchor?: number];

interface ModelPlan extends Omit<PaymentTerms, 'allowances' | 'budgets'> {
  readonly allowances?: readonly Allowance[];
}

const PLANS: readonly ModelPlan[] = [
  { prepaid: true },
  {
    prepaid: true,
    allowances: [
      ['month', 120n],
      ['5h', 45n],
    ],
  },
  { prepaid: true, overflow: 'refuse', allowances: [['day', 60n]] },
  {
    prepaid: true,
    creditLimit: 70n,
    allowances: [
      ['month', 80n],
      ['week', 50n],
    ],
  },
  { prepaid: false, allowances: [['month', 90n, Date.UTC(2028, 0, 31, 12)]] },
  { prepaid: false },
];

/**
 * Plays random stories on a meter and on the reference of its contract, and compares the two after every step: answers,
 * balance, grants, windows, budgets and splits; at the end the books and every notice.
 *
 * A request always belongs to the same account, which is its number modulo three; its end user is its number modulo two.
 */
export class MeterModel {
  readonly accounts = Array.from({ length: MODEL_ACCOUNTS }, () => uniqueName('account'));
  readonly #meter: FullMeter;
  readonly #reference = new ReferenceMeter();
  readonly #codes = Array.from({ length: MODEL_CODES }, () => uniqueName('CODE'));
  readonly #plans = this.accounts.map((_, index) => index);
  readonly #limits: (bigint | undefined)[] = this.accounts.map(() => undefined);
  readonly #requests = new Map<number, HoldRequest>();
  #now = START;

  constructor(meter: FullMeter) {
    this.#meter = meter;
  }

  /** Creates the promo codes: code 0 may be redeemed once, 1 twice, 2 three times and its money is a grant. */
  async start(): Promise<void> {
    for (const [index, code] of this.#codes.entries()) {
      const grant = index === 2 && { creditExpiresAfterMs: 4 * HOUR };
      const promo = { code, amount: 17n, maxRedemptions: index + 1, createdAt: START, ...grant };
      await this.#meter.createPromoCode(promo);
      this.#reference.createPromoCode(promo);
    }
  }

  /** Plays one command. @throws an AssertionError when the meter answers other than the reference. */
  async play(command: MeterCommand): Promise<void> {
    if (command.type === 'reserve') await this.#reserve(command);
    else if (command.type === 'settle') await this.#settle(command);
    else if (command.type === 'release') await this.#release(command.request);
    else if (command.type === 'extend') await this.#extend(command.request);
    else if (command.type === 'expire') await this.#expire();
    else if (command.type === 'pass') this.#now += command.minutes * MINUTE;
    else if (command.type === 'credit') await this.#credit(command);
    else if (command.type === 'grant') await this.#grant(command);
    else if (command.type === 'refund') await this.#refund(command.request);
    else if (command.type === 'redeem') await this.#redeem(command);
    else if (command.type === 'plan') this.#plans[command.account] = command.plan;
    else this.#limits[command.account] = command.limit === undefined ? undefined : BigInt(command.limit);
    for (const account of this.#touchedBy(command))
      compareFunds(await this.#meter.funds(account, this.#now), this.#reference, account, this.#now);
  }

  /** Ends every open hold and checks the books and the notices. */
  async finish(): Promise<void> {
    await assertAccountsBalance(this.#meter, this.accounts, { idle: false });
    for (const [request, { id }] of this.#requests) if (this.#reference.open.has(id)) await this.#release(request);
    await assertAccountsBalance(this.#meter, this.accounts);
    compareNotices(await this.#noticesOfAccounts(), this.#reference.notices);
  }

  #touchedBy(command: MeterCommand): readonly string[] {
    if ('request' in command) return [this.accounts[command.request % MODEL_ACCOUNTS] as string];
    return 'account' in command ? [this.accounts[command.account] as string] : this.accounts;
  }

  #termsOf(request: number): PaymentTerms {
    const account = request % MODEL_ACCOUNTS;
    const { allowances, ...plan } = PLANS[this.#plans[account] ?? 0] as ModelPlan;
    const limit = this.#limits[account];
    const budget = (subject: string, period: 'day' | 'month' | 'total', most: bigint): BudgetWindow => ({
      subject,
      window: budgetWindowAt(period, this.#now),
      limit: most,
    });
    return {
      ...plan,
      ...(allowances && {
        allowances: allowances.map(([per, most, anchor]) => ({
          id: per,
          limit: most,
          ...windowAt(per, this.#now, anchor),
        })),
      }),
      ...(limit !== undefined && {
        budgets: [budget('account', 'month', limit), budget(`endUser:${request % 2}`, 'day', limit / 2n)],
      }),
    };
  }

  #hold(request: number, amount: number, minimum: number): HoldRequest {
    const known = this.#requests.get(request);
    if (known) return known;
    const hold = holdOf(this.accounts[request % MODEL_ACCOUNTS] as string, BigInt(amount), {
      minimum: BigInt(minimum),
      now: this.#now,
      expiresAt: this.#now + (1 + (request % 5)) * MINUTE,
      notifyEmpty: true,
      ...this.#termsOf(request),
    });
    this.#requests.set(request, hold);
    return hold;
  }

  async #reserve({ request, amount, minimum }: MeterCommand & { type: 'reserve' }): Promise<void> {
    const hold = this.#hold(request, amount, minimum);
    // A refused request leaves nothing behind: the next one with its number is another.
    const expected = this.#reference.reserve(hold);
    deepEqual(await this.#meter.reserve(hold), expected);
    if (!expected.ok && expected.reason !== 'duplicate') this.#requests.delete(request);
    await compareBudgets(this.#meter, this.#reference, hold.accountId, hold.budgets);
  }

  async #settle({ request, tokens, fresh }: MeterCommand & { type: 'settle' }): Promise<void> {
    const hold = this.#hold(request, 0, 0);
    const { allowances } = this.#termsOf(request);
    const changes = {
      at: this.#now,
      thresholds: THRESHOLDS,
      ...(fresh && hold.allowances && allowances && { allowances }),
    };
    const settlement = settlementOf(hold, tokens, changes);
    equal((await this.#meter.settle(settlement)).recorded, this.#reference.settle(settlement));
    const [event] = await this.#meter.events({ accountId: hold.accountId, id: hold.id }, { limit: 1 });
    compareCharges(event?.charged, this.#reference.chargesOf(hold.id));
    await compareBudgets(this.#meter, this.#reference, hold.accountId, hold.budgets);
  }

  async #release(request: number): Promise<void> {
    const hold = this.#hold(request, 0, 0);
    await this.#meter.release(hold);
    this.#reference.release(hold.id);
    await compareBudgets(this.#meter, this.#reference, hold.accountId, hold.budgets);
  }

  async #extend(request: number): Promise<void> {
    const hold = this.#hold(request, 0, 0);
    await this.#meter.extend([hold], this.#now + 5 * MINUTE);
    this.#reference.extend([hold.id], this.#now + 5 * MINUTE);
  }

  /** Other accounts of a shared database may have holds that lapse, so that the number says nothing. */
  async #expire(): Promise<void> {
    await this.#meter.expire(this.#now, { grantsExpiringMs: GRANTS_EXPIRING_MS });
    this.#reference.expire(this.#now, GRANTS_EXPIRING_MS);
  }

  async #credit({ account, payment, amount }: MeterCommand & { type: 'credit' }): Promise<void> {
    const credit = {
      accountId: this.accounts[account] as string,
      kind: amount < 0 ? 'adjustment' : 'top_up',
      amount: BigInt(amount),
      idempotencyKey: `payment-${payment}`,
      now: this.#now,
      notify: true,
    } as const;
    const result = await this.#meter.credit(credit);
    equal(result.ok ? (result.duplicate ? 'duplicate' : 'added') : result.reason, this.#reference.credit(credit));
  }

  async #grant({ account, payment, hours }: MeterCommand & { type: 'grant' }): Promise<void> {
    const grant = {
      accountId: this.accounts[account] as string,
      amount: BigInt(20 + payment),
      idempotencyKey: `grant-${payment}`,
      now: this.#now,
      notify: true,
      ...(hours !== undefined && { expiresAt: this.#now + hours * HOUR }),
    };
    const result = await this.#meter.grant(grant);
    const id = result.ok ? (result.entry.sourceId ?? '') : '';
    equal(result.ok ? (result.duplicate ? 'duplicate' : 'added') : result.reason, this.#reference.grant(grant, id));
  }

  async #refund(request: number): Promise<void> {
    const { id, accountId } = this.#hold(request, 0, 0);
    const refund = { accountId, requestId: id, now: this.#now };
    const result = await this.#meter.refund(refund);
    const given = result.ok ? result.entries.map(({ source, amount }) => `${source} ${amount}`) : result.reason;
    deepEqual(given, this.#reference.refund(refund));
  }

  async #redeem({ account, code }: MeterCommand & { type: 'redeem' }): Promise<void> {
    const redemption = {
      accountId: this.accounts[account] as string,
      code: this.#codes[code] as string,
      now: this.#now,
      notify: true,
    };
    const result = await this.#meter.redeem(redemption);
    const id = result.ok ? (result.entry.sourceId ?? '') : '';
    equal(result.ok ? 'added' : result.reason, this.#reference.redeem(redemption, id));
  }

  async #noticesOfAccounts(): Promise<Notice[]> {
    const far = this.#now + 1_000 * HOUR;
    const all: Notice[] = [];
    for (;;) {
      const taken = await this.#meter.takeNotices(far, far + HOUR, 500);
      all.push(...taken.filter(({ accountId }) => this.accounts.includes(accountId)));
      if (taken.length < 500) break;
    }
    for (const notice of all) await this.#meter.endNotice(notice);
    return all;
  }
}
