import type Stripe from 'stripe';
import { GatewayError } from '../lib/errors.js';
import { describeFault } from '../lib/logger.js';
import { usdOfCents } from './cents.js';
import { ACCOUNT_FIELD, type Customers, KIND_FIELD, type PaymentKind } from './customers.js';
import type { BillingSettings } from './options.js';
import type { PlanOffer, PlanPrices } from './plan-prices.js';
import { isInvalid } from './stripe-errors.js';
import { openSubscription, planOf } from './subscriptions.js';

/** What a customer wants to buy: one of the packs, or a plan by its name or Stripe price id. */
export interface CheckoutOrder {
  readonly pack?: unknown;
  readonly plan?: unknown;
}

/** Who buys, and where Stripe's page sends them afterwards. */
export interface Buyer {
  readonly accountId: string;
  readonly email: string | undefined;
  /** Absolute. */
  readonly returnUrl: string;
}

/**
 * Opens a page of Stripe on which the order is paid. Amounts and prices come from the options, never from the client.
 *
 * @returns the page's address.
 * @throws {GatewayError} `missing_required_parameter` or `invalid_value` for what is not for sale.
 */
export async function checkout(
  settings: BillingSettings,
  { customers, prices }: { readonly customers: Customers; readonly prices: PlanPrices },
  order: CheckoutOrder,
  buyer: Buyer,
): Promise<string> {
  const { pack, plan } = order;
  if (pack !== undefined && plan !== undefined)
    throw new GatewayError('invalid_value', { message: "Send either 'pack' or 'plan'.", param: 'plan' });
  if (pack !== undefined) return buyPack(settings, customers, pack, buyer);
  if (plan !== undefined) return buyPlan(settings, { customers, prices }, plan, buyer);
  throw new GatewayError('missing_required_parameter', { message: "Send 'pack' or 'plan'.", param: 'pack' });
}

async function buyPack(settings: BillingSettings, customers: Customers, pack: unknown, buyer: Buyer): Promise<string> {
  const { packs, productName, autoReload, stripe } = settings;
  const cents = packs.find((amount) => usdOfCents(amount) === normalized(pack));
  if (cents === undefined) throw notForSale('pack', packs.map(usdOfCents));
  const metadata = { [ACCOUNT_FIELD]: buyer.accountId, [KIND_FIELD]: 'top_up' satisfies PaymentKind };
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    ...(await partsFor(customers, buyer)),
    line_items: [
      { quantity: 1, price_data: { currency: 'usd', unit_amount: cents, product_data: { name: productName } } },
    ],
    metadata,
    // The card is kept for auto-reload, which charges it while its owner is away.
    payment_intent_data: { metadata, ...(autoReload && { setup_future_usage: 'off_session' as const }) },
  });
  return addressOf(session);
}

async function buyPlan(
  settings: BillingSettings,
  { customers, prices }: { readonly customers: Customers; readonly prices: PlanPrices },
  plan: unknown,
  buyer: Buyer,
): Promise<string> {
  const { plans, stripe } = settings;
  const wanted = [...plans].filter(([id, name]) => id === plan || name === plan).map(([id]) => id);
  // What can't be asked now is no reason to sell nothing: Stripe itself refuses a price that it does not sell.
  const offers = await prices.offers().catch((): readonly PlanOffer[] => []);
  const offered = wanted.find((id) => offers.some((offer) => offer.price === id));
  const price = offered ?? wanted[0];
  if (price === undefined) throw notForSale('plan', [...new Set(plans.values())]);
  const parts = await partsFor(customers, buyer);
  await expirePages(settings, parts.customer);
  try {
    const current = await openSubscription(settings, parts.customer);
    if (current) return await changePlan(settings, current, price, buyer);
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      ...parts,
      line_items: [{ price, quantity: 1 }],
      subscription_data: { metadata: { [ACCOUNT_FIELD]: buyer.accountId } },
    });
    return addressOf(session);
  } catch (thrown) {
    if (offered !== undefined || !isInvalid(thrown)) throw thrown;
    throw notForSale('plan', [...new Set(offers.map((offer) => offer.plan))]);
  }
}

/**
 * Pages that are open in other tabs would sell a second subscription. One that was paid meanwhile is found as such afterwards,
 * and one that can't be closed is logged: it must not keep the customer from buying.
 */
async function expirePages({ stripe, logger }: BillingSettings, customer: string): Promise<void> {
  try {
    const { data } = await stripe.checkout.sessions.list({ customer, status: 'open', limit: 100 });
    const selling = data.filter(({ mode }) => mode === 'subscription');
    await Promise.all(selling.map(({ id }) => stripe.checkout.sessions.expire(id).catch(unlessInvalid)));
  } catch (thrown) {
    logger.error({ customer, fault: describeFault(thrown) }, 'pages that sell a plan could not be closed');
  }
}

/** Source: https://docs.stripe.com/api/checkout/sessions/expire: only open ones can be. */
function unlessInvalid(thrown: unknown): void {
  if (!isInvalid(thrown)) throw thrown;
}

/** A second subscription would be paid in addition to the first one: the customer confirms a change instead. */
async function changePlan(
  { plans, stripe }: BillingSettings,
  current: Stripe.Subscription,
  price: string,
  { returnUrl }: Buyer,
): Promise<string> {
  const item = planOf(current, plans)?.item;
  const flow: Stripe.BillingPortal.SessionCreateParams.FlowData | undefined =
    item && item.price.id !== price
      ? {
          type: 'subscription_update_confirm',
          subscription_update_confirm: { subscription: current.id, items: [{ id: item.id, price, quantity: 1 }] },
        }
      : undefined;
  const customer = typeof current.customer === 'string' ? current.customer : current.customer.id;
  // Stripe refuses to confirm what changes nothing: whoever has the plan already is shown it.
  const session = await stripe.billingPortal.sessions.create({
    customer,
    return_url: returnUrl,
    ...(flow && { flow_data: flow }),
  });
  return session.url;
}

async function partsFor(customers: Customers, { accountId, email, returnUrl }: Buyer) {
  return {
    customer: (await customers.ensure(accountId, email)).id,
    client_reference_id: accountId,
    success_url: returnUrl,
    cancel_url: returnUrl,
  };
}

function addressOf(session: Stripe.Checkout.Session): string {
  if (session.url === null) throw new Error(`Stripe gave the checkout session ${session.id} no address`);
  return session.url;
}

/** `10`, `'10'` and `'10.00'` are the same pack. */
function normalized(pack: unknown): string | undefined {
  const text = typeof pack === 'number' ? String(pack) : pack;
  if (typeof text !== 'string' || !/^\d{1,9}(\.\d{1,2})?$/.test(text)) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  return usdOfCents(Number(whole) * 100 + Number(fraction.padEnd(2, '0')));
}

function notForSale(param: string, offers: readonly string[]): GatewayError {
  const choices = offers.length === 0 ? 'Nothing is offered.' : `Choose one of: ${offers.join(', ')}.`;
  return new GatewayError('invalid_value', { message: `Invalid value for '${param}'. ${choices}`, param });
}
