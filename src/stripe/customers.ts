import type Stripe from 'stripe';
import type { BillingSettings } from './options.js';
import { isMissing } from './stripe-errors.js';

/** The entry in the metadata of our customers, subscriptions and payments that names the account. */
export const ACCOUNT_FIELD = 'metask_account';

/** The entry in the metadata of our payments that says what was bought. */
export const KIND_FIELD = 'metask_kind';

/** Kinds of payments whose amount is credited to the balance. */
export type PaymentKind = 'top_up' | 'auto_reload';

/** Finds and creates the Stripe customer of an account. */
export class Customers {
  readonly #settings: BillingSettings;
  /** Bounded: the oldest entry goes when it is full. */
  readonly #known = new Map<string, string>();
  static readonly #MAX_KNOWN = 10_000;

  constructor(settings: BillingSettings) {
    this.#settings = settings;
  }

  /** The customer of an account as Stripe has it now; undefined when it never paid, or its customer was deleted. */
  async find(accountId: string): Promise<Stripe.Customer | undefined> {
    const known = this.#known.get(accountId);
    if (known !== undefined) {
      const customer = await this.retrieve(known);
      if (customer) return customer;
      this.#known.delete(accountId);
    }
    const { customers, stripe } = this.#settings;
    const candidates = customers ? [await customers.get(accountId)] : await search(stripe, accountId);
    for (const id of candidates) {
      const customer = id ? await this.retrieve(id) : undefined;
      if (!customer) continue;
      this.#remember(accountId, customer.id);
      return customer;
    }
    return undefined;
  }

  /**
   * The customer of an account, created when it is missing or was deleted. One that the host made for itself is told whose it
   * is: events of its subscriptions name the customer alone.
   */
  async ensure(accountId: string, email: string | undefined): Promise<Stripe.Customer> {
    const found = await this.find(accountId);
    if (found?.metadata?.[ACCOUNT_FIELD]) return found;
    if (found) return this.#settings.stripe.customers.update(found.id, { metadata: { [ACCOUNT_FIELD]: accountId } });
    const customer = await this.#create(accountId, email);
    await this.#settings.customers?.set(accountId, customer.id);
    this.#remember(accountId, customer.id);
    return customer;
  }

  /**
   * Stripe's search lags behind by a minute: within it, the idempotency key answers the same customer again. For a day it
   * also answers one that was deleted since, whose id then makes the key of the one that replaces it.
   */
  async #create(accountId: string, email: string | undefined): Promise<Stripe.Customer> {
    const { stripe } = this.#settings;
    let deleted = '';
    for (;;) {
      const { id } = await stripe.customers.create(
        { ...(email !== undefined && { email }), metadata: { [ACCOUNT_FIELD]: accountId } },
        { idempotencyKey: `metask-customer:${accountId}${deleted}` },
      );
      const customer = await this.retrieve(id);
      if (customer) return customer;
      deleted = `:${id}`;
    }
  }

  /** The account that a customer of ours stands for; undefined for customers that the host created for itself. */
  async accountOf(customer: string | Stripe.Customer | Stripe.DeletedCustomer | null): Promise<string | undefined> {
    if (customer === null) return undefined;
    const whole = typeof customer === 'string' ? await this.retrieve(customer) : customer;
    return !whole || whole.deleted ? undefined : whole.metadata?.[ACCOUNT_FIELD];
  }

  /** The customer as Stripe has it now; undefined when it was deleted, or is one of another Stripe account or mode. */
  async retrieve(id: string): Promise<Stripe.Customer | undefined> {
    const { stripe, logger } = this.#settings;
    try {
      const customer = await stripe.customers.retrieve(id);
      return customer.deleted ? undefined : customer;
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      logger.warn({ customer: id }, 'Stripe knows no such customer: is it of another account, or of test mode?');
      return undefined;
    }
  }

  #remember(accountId: string, customerId: string): void {
    if (this.#known.size >= Customers.#MAX_KNOWN) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(accountId, customerId);
  }
}

/** Oldest first. Source: https://docs.stripe.com/search#search-query-language, where quotes are escaped by a backslash. */
async function search(stripe: Stripe, accountId: string): Promise<string[]> {
  const escaped = accountId.replace(/[\\']/g, '\\$&');
  const { data } = await stripe.customers.search({ query: `metadata['${ACCOUNT_FIELD}']:'${escaped}'`, limit: 10 });
  return data.toSorted((a, b) => a.created - b.created).map(({ id }) => id);
}
