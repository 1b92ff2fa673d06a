import type Stripe from 'stripe';
import { formatUsd } from '../lib/money.js';
import { savedCard } from './auto-reload.js';
import { decimalOf, usdOfCents } from './cents.js';
import type { Customers } from './customers.js';
import type { BillingSettings } from './options.js';
import type { PlanOffer, PlanPrices } from './plan-prices.js';
import { choiceOf, failuresOf } from './reload-settings.js';
import { openSubscription, planOf } from './subscriptions.js';

/** What `GET state` answers: all that a billing page shows. Amounts are decimal strings, in USD unless a currency stands beside them. */
export interface BillingState {
  /** Amounts of credit that can be bought. */
  readonly packs: readonly string[];
  /** Plans that can be subscribed to. */
  readonly plans: readonly PlanOffer[];
  readonly subscription: SubscriptionState | null;
  readonly card: { readonly brand: string; readonly last4: string } | null;
  readonly autoReload: AutoReloadState;
  /** The newest payments, newest first. */
  readonly receipts: readonly Receipt[];
}

/** The subscription that pays for the account's plan. */
export interface SubscriptionState {
  readonly plan: string;
  /** Stripe's id of the price that is paid. */
  readonly price: string;
  /** As Stripe names it: `active`, `trialing`, `past_due`. */
  readonly status: string;
  /** ISO 8601; when the paid period ends. */
  readonly currentPeriodEnd: string | null;
  readonly cancelAtPeriodEnd: boolean;
}

/** The account's settings, and the bounds they must be within. */
export interface AutoReloadState {
  /** False: the host does not offer it. */
  readonly offered: boolean;
  readonly enabled: boolean;
  readonly threshold: string | null;
  readonly amount: string | null;
  readonly dailyLimit: string | null;
  readonly maxThreshold: string | null;
  readonly maxDailyLimit: string | null;
  /** ISO 8601; set after a declined payment until the next try. */
  readonly pausedUntil: string | null;
}

/** One payment. */
export interface Receipt {
  readonly id: string;
  readonly amount: string;
  readonly currency: string;
  /** ISO 8601. */
  readonly at: string;
  readonly refunded: string;
  /** Stripe's page for it. */
  readonly url: string | null;
}

const MAX_RECEIPTS = 24;

/** What Stripe knows of an account. */
export async function billingState(
  settings: BillingSettings,
  { customers, prices }: { readonly customers: Customers; readonly prices: PlanPrices },
  accountId: string,
): Promise<BillingState> {
  const { stripe, plans } = settings;
  const offers = { packs: settings.packs.map(usdOfCents), plans: await prices.offers() };
  const customer = await customers.find(accountId);
  if (!customer) {
    return { ...offers, subscription: null, card: null, autoReload: reloadState(settings, undefined), receipts: [] };
  }
  const [open, card, receipts] = await Promise.all([
    openSubscription(settings, customer.id),
    savedCard(stripe, customer),
    receiptsOf(stripe, customer.id),
  ]);
  return {
    ...offers,
    subscription: open ? subscriptionState(open, plans) : null,
    card: card?.card ? { brand: card.card.brand, last4: card.card.last4 } : null,
    autoReload: reloadState(settings, customer),
    receipts,
  };
}

function subscriptionState(open: Stripe.Subscription, plans: ReadonlyMap<string, string>): SubscriptionState {
  const paid = planOf(open, plans);
  const end = paid?.item.current_period_end;
  return {
    plan: paid?.plan ?? '',
    price: paid?.item.price.id ?? '',
    status: open.status,
    currentPeriodEnd: end === undefined ? null : isoOf(end),
    cancelAtPeriodEnd: open.cancel_at_period_end,
  };
}

function reloadState({ autoReload, now }: BillingSettings, customer: Stripe.Customer | undefined): AutoReloadState {
  const choice = customer && choiceOf(customer);
  const retryAt = customer ? failuresOf(customer).retryAt : 0;
  return {
    offered: autoReload !== undefined,
    enabled: autoReload !== undefined && choice !== undefined,
    threshold: choice ? formatUsd(choice.threshold) : null,
    amount: choice ? formatUsd(choice.amount) : null,
    dailyLimit: choice ? formatUsd(choice.dailyLimit) : null,
    maxThreshold: autoReload ? formatUsd(autoReload.maxThreshold) : null,
    maxDailyLimit: autoReload ? formatUsd(autoReload.dailyLimit) : null,
    pausedUntil: retryAt > now() ? new Date(retryAt).toISOString() : null,
  };
}

async function receiptsOf(stripe: Stripe, customer: string): Promise<Receipt[]> {
  const { data } = await stripe.charges.list({ customer, limit: MAX_RECEIPTS });
  return data
    .filter(({ paid }) => paid)
    .map((charge) => ({
      id: charge.id,
      amount: decimalOf(charge.amount, charge.currency),
      currency: charge.currency,
      at: isoOf(charge.created),
      refunded: decimalOf(charge.amount_refunded, charge.currency),
      url: charge.receipt_url,
    }));
}

/** Stripe's times are seconds since the epoch. */
function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
