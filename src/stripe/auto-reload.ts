import type Stripe from 'stripe';
import { GatewayError } from '../lib/errors.js';
import { describeFault } from '../lib/logger.js';
import { formatUsd, parseUsd } from '../lib/money.js';
import { NANO_PER_CENT } from './cents.js';
import { ACCOUNT_FIELD, type Customers, KIND_FIELD, type PaymentKind } from './customers.js';
import type { AutoReloadEvent, BillingSettings } from './options.js';
import {
  choiceEntries,
  choiceOf,
  failureEntries,
  failuresOf,
  type ReloadChoice,
  readChoice,
} from './reload-settings.js';
import { creditPayment } from './webhook.js';

/** After the first decline; doubled with each further one, up to a day. */
const FIRST_BACK_OFF_MS = 15 * 60_000;
const LONGEST_BACK_OFF_MS = 24 * 60 * 60_000;
const MOVEMENTS_PER_PAGE = 200;

/**
 * Charges the saved card of accounts whose balance fell below the threshold that they chose.
 *
 * What an account chose, and its declines, are kept in the metadata of its Stripe customer, so that all processes see
 * the same. A payment's idempotency key is made of the account, the day, and how many payments the day has seen: however
 * many processes see the same crossing, Stripe makes one payment of it.
 */
export class AutoReload {
  readonly #settings: BillingSettings;
  readonly #customers: Customers;
  /** One look per account at a time; `again`: the account was charged while it was looked at. */
  readonly #looks = new Map<string, { readonly done: Promise<void>; again: boolean }>();

  constructor(settings: BillingSettings, customers: Customers) {
    this.#settings = settings;
    this.#customers = customers;
  }

  /** Looks at an account after it was charged; never rejects, and never keeps a request waiting. */
  notice(accountId: string): Promise<void> {
    const running = this.#looks.get(accountId);
    if (running) {
      running.again = true;
      return running.done;
    }
    const look = { again: false, done: Promise.resolve() };
    look.done = this.#lookUntilQuiet(accountId, look);
    this.#looks.set(accountId, look);
    return look.done;
  }

  async #lookUntilQuiet(accountId: string, look: { again: boolean }): Promise<void> {
    try {
      do {
        look.again = false;
        await this.#reloadWhenLow(accountId);
      } while (look.again);
    } catch (thrown) {
      this.#settings.logger.error({ accountId, fault: describeFault(thrown) }, 'auto-reload failed');
    } finally {
      this.#looks.delete(accountId);
    }
  }

  /**
   * Keeps what an account chose.
   *
   * @throws {GatewayError} `invalid_value` that names the field; `conflict` when there is no card to charge.
   */
  async choose(accountId: string, email: string | undefined, body: Record<string, unknown>): Promise<void> {
    const { stripe } = this.#settings;
    const choice = readChoice(body, this.#settings);
    const customer = await this.#customers.ensure(accountId, email);
    if (choice && !(await savedCard(stripe, customer)))
      throw new GatewayError('conflict', {
        message: 'There is no saved card yet. Add credit by card once, then turn this on.',
      });
    // Declines stay counted: a try whose idempotency key was declined is declined again, whatever the card is by then.
    const declines = failuresOf(customer).count;
    const metadata = { ...choiceEntries(choice), ...failureEntries({ count: declines, retryAt: 0 }) };
    await stripe.customers.update(customer.id, { metadata });
    if (choice) void this.notice(accountId);
  }

  async #reloadWhenLow(accountId: string): Promise<void> {
    const { autoReload, gateway } = this.#settings;
    if (!autoReload) return;
    // Stripe is only asked about accounts that may be below their threshold.
    if (!(await this.#isBelow(accountId, autoReload.maxThreshold))) return;
    const { billing } = await gateway.accounts.overview(accountId);
    if (billing === 'metered') return;
    const customer = await this.#customers.find(accountId);
    const choice = customer && choiceOf(customer);
    if (!customer || !choice || failuresOf(customer).retryAt > this.#settings.now()) return;
    const day = new Date(this.#settings.now()).toISOString().slice(0, 10);
    const earlier = await this.#paymentsOf(accountId, day);
    // After the payments were counted: another process may have paid since the first look.
    if (!(await this.#isBelow(accountId, choice.threshold))) return;
    if (earlier.total + choice.amount > choice.dailyLimit) return;
    await this.#pay(accountId, customer, choice, `${day}:${earlier.count}`);
  }

  async #isBelow(accountId: string, threshold: bigint): Promise<boolean> {
    const { balance } = await this.#settings.gateway.accounts.overview(accountId);
    return parseUsd(balance) < threshold;
  }

  /** The automatic payments of a day that were credited. */
  async #paymentsOf(accountId: string, day: string): Promise<{ readonly count: number; readonly total: bigint }> {
    let [count, total] = [0, 0n];
    let before: string | undefined;
    const dayStart = Date.parse(`${day}T00:00:00Z`);
    for (;;) {
      const page = { limit: MOVEMENTS_PER_PAGE, ...(before !== undefined && { before }) };
      const movements = await this.#settings.gateway.credits.history(accountId, page);
      for (const { kind, note, amount } of movements) {
        if (kind !== 'top_up' || note !== `auto-reload ${day}`) continue;
        count += 1;
        total += parseUsd(amount);
      }
      const last = movements.at(-1);
      if (!last || movements.length < MOVEMENTS_PER_PAGE || last.at.getTime() < dayStart) return { count, total };
      before = last.id;
    }
  }

  async #pay(accountId: string, customer: Stripe.Customer, choice: ReloadChoice, number: string): Promise<void> {
    const { stripe, productName } = this.#settings;
    const card = await savedCard(stripe, customer);
    if (!card) return;
    const cents = Number(choice.amount / NANO_PER_CENT);
    const failures = failuresOf(customer).count;
    const [day = ''] = number.split(':');
    try {
      const payment = await stripe.paymentIntents.create(
        {
          amount: cents,
          currency: 'usd',
          customer: customer.id,
          payment_method: card.id,
          off_session: true,
          confirm: true,
          description: productName,
          metadata: {
            [ACCOUNT_FIELD]: accountId,
            [KIND_FIELD]: 'auto_reload' satisfies PaymentKind,
            metask_day: day,
          },
        },
        { idempotencyKey: `metask-reload:${accountId}:${number}:${failures}:${cents}` },
      );
      if (payment.status !== 'succeeded') return;
      await creditPayment(this.#settings, payment, { accountId, kind: 'auto_reload' });
      if (failures > 0)
        await stripe.customers.update(customer.id, { metadata: failureEntries({ count: 0, retryAt: 0 }) });
      await this.#announce({ type: 'auto_reload.succeeded', accountId, amount: formatUsd(choice.amount) });
    } catch (thrown) {
      const declineCode = declineOf(thrown);
      if (declineCode === undefined) throw thrown;
      await this.#backOff(accountId, customer, choice, declineCode);
    }
  }

  async #backOff(
    accountId: string,
    customer: Stripe.Customer,
    choice: ReloadChoice,
    declineCode: string,
  ): Promise<void> {
    const { stripe, now, logger } = this.#settings;
    const count = failuresOf(customer).count + 1;
    const retryAt = now() + Math.min(FIRST_BACK_OFF_MS * 2 ** (count - 1), LONGEST_BACK_OFF_MS);
    await stripe.customers.update(customer.id, { metadata: failureEntries({ count, retryAt }) });
    logger.warn(
      { accountId, declineCode, retryAt: new Date(retryAt).toISOString() },
      'an automatic payment was declined',
    );
    const amount = formatUsd(choice.amount);
    await this.#announce({ type: 'auto_reload.declined', accountId, amount, declineCode, retryAt: new Date(retryAt) });
  }

  async #announce(event: AutoReloadEvent): Promise<void> {
    try {
      await this.#settings.onAutoReload?.(event);
    } catch (thrown) {
      this.#settings.logger.error({ fault: describeFault(thrown) }, 'onAutoReload threw');
    }
  }
}

/** The card that is charged: the customer's default, else the one that was saved last. */
export async function savedCard(stripe: Stripe, customer: Stripe.Customer): Promise<Stripe.PaymentMethod | undefined> {
  const { data } = await stripe.customers.listPaymentMethods(customer.id, { type: 'card', limit: 100 });
  const preferred = customer.invoice_settings?.default_payment_method;
  const id = typeof preferred === 'string' ? preferred : preferred?.id;
  return data.find((method) => method.id === id) ?? data.toSorted((a, b) => b.created - a.created)[0];
}

/**
 * Stripe's reason why a card was not charged; undefined for any other error.
 *
 * Source: https://docs.stripe.com/error-handling#payment-errors
 */
function declineOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { type, decline_code, code } = thrown as Readonly<Record<'type' | 'decline_code' | 'code', unknown>>;
  if (type !== 'StripeCardError') return undefined;
  const reason = decline_code ?? code;
  return typeof reason === 'string' ? reason : 'card_declined';
}
