import type Stripe from 'stripe';
import { decimalOf } from './cents.js';
import type { BillingSettings } from './options.js';
import { isMissing } from './stripe-errors.js';

/** A plan and what Stripe charges for it. */
export interface PlanOffer {
  /** Stripe's id of the price, which `POST checkout` takes as `plan` where a plan has several. */
  readonly price: string;
  readonly plan: string;
  /** Per payment, in `currency`; null where the price itself does not say it: in tiers, or chosen by the customer. */
  readonly amount: string | null;
  readonly currency: string;
  /** `day`, `week`, `month` or `year`. */
  readonly interval: string;
  /** Intervals from one payment to the next: 3 with `month` is once a quarter. */
  readonly intervalCount: number;
}

/** Prices change rarely, and a page asks for them every time it is opened. */
const KEPT_MS = 5 * 60_000;

/** What Stripe charges for the plans, asked for at most every five minutes. */
export class PlanPrices {
  readonly #settings: BillingSettings;
  #last: { readonly offers: Promise<readonly PlanOffer[]>; readonly at: number } | undefined;

  constructor(settings: BillingSettings) {
    this.#settings = settings;
  }

  /**
   * What can be bought, in the order of the options. A price that Stripe does not know, or takes only once, is left out and
   * logged; one that was archived is left out, as it is still paid by those who have it.
   *
   * @throws what Stripe answered, which is asked again the next time.
   */
  offers(): Promise<readonly PlanOffer[]> {
    const at = this.#settings.now();
    if (this.#last && at - this.#last.at < KEPT_MS) return this.#last.offers;
    const last = { offers: this.#ask(), at };
    this.#last = last;
    last.offers.catch(() => {
      if (this.#last === last) this.#last = undefined;
    });
    return last.offers;
  }

  async #ask(): Promise<readonly PlanOffer[]> {
    const asked = [...this.#settings.plans].map(([id, plan]) => this.#offerOf(id, plan));
    return (await Promise.all(asked)).filter((offer) => offer !== undefined);
  }

  async #offerOf(id: string, plan: string): Promise<PlanOffer | undefined> {
    const price = await this.#retrieve(id, plan);
    if (price === undefined || price.active === false) return undefined;
    const { unit_amount, unit_amount_decimal, currency, recurring } = price;
    // Source: https://docs.stripe.com/api/prices/object: null where `type` is `one_time`, which no subscription takes.
    if (!recurring) return this.#leaveOut(id, plan, 'a price is paid once, so that the plan can not be subscribed to');
    // Fractions of a cent stand in the decimal form alone.
    const units = unit_amount ?? unit_amount_decimal ?? undefined;
    return {
      price: id,
      plan,
      amount: units === undefined ? null : decimalOf(String(units), currency),
      currency,
      interval: recurring.interval,
      intervalCount: recurring.interval_count ?? 1,
    };
  }

  async #retrieve(id: string, plan: string): Promise<Stripe.Price | undefined> {
    try {
      return await this.#settings.stripe.prices.retrieve(id);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      return this.#leaveOut(id, plan, 'Stripe knows no such price, so that the plan is not for sale');
    }
  }

  #leaveOut(price: string, plan: string, why: string): undefined {
    this.#settings.logger.error({ price, plan }, why);
  }
}
