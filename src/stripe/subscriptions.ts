import type Stripe from 'stripe';
import { ACCOUNT_FIELD, type Customers } from './customers.js';
import type { BillingSettings } from './options.js';

/** States in which a subscription pays for a plan; `past_due` does while Stripe tries the card again. */
const PAYING: ReadonlySet<string> = new Set<Stripe.Subscription.Status>(['active', 'trialing', 'past_due']);

/** The entry in the metadata of a customer that keeps the plan from before the first subscription. */
const PLAN_BEFORE_FIELD = 'metask_plan_before';

/** How often a plan is set again when the subscription changes meanwhile. */
const MAX_ROUNDS = 3;

/** The newest paying subscription to one of our plans; undefined without one. */
export async function openSubscription(
  { stripe, plans }: BillingSettings,
  customer: string,
): Promise<Stripe.Subscription | undefined> {
  const { data } = await stripe.subscriptions.list({ customer, status: 'all', limit: 100 });
  return data
    .filter((one) => PAYING.has(one.status) && planOf(one, plans) !== undefined)
    .toSorted((a, b) => b.created - a.created)[0];
}

/** The plan that a subscription pays for, and by which of its items; undefined when it is for something else. */
export function planOf(
  { items }: Stripe.Subscription,
  plans: ReadonlyMap<string, string>,
): { readonly item: Stripe.SubscriptionItem; readonly plan: string } | undefined {
  for (const item of items.data) {
    const plan = plans.get(item.price.id);
    if (plan !== undefined) return { item, plan };
  }
  return undefined;
}

/**
 * Sets the plan of a customer's account to what its subscriptions say now.
 *
 * Events arrive in any order, so what an event says is not used: Stripe is asked for the state, and asked again after
 * the plan was set, until both agree.
 */
export async function applySubscriptions(
  settings: BillingSettings,
  customers: Customers,
  customerId: string,
): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!(await applyOnce(settings, customers, customerId))) return;
  }
}

/**
 * Applies the end of a subscription. A customer that was deleted takes its subscriptions with it, and the plan from before:
 * its account then gets the default plan.
 */
export async function applyEnd(
  settings: BillingSettings,
  customers: Customers,
  customerId: string,
  ended: Stripe.Subscription,
): Promise<void> {
  const accountId = ended.metadata?.[ACCOUNT_FIELD];
  if (accountId === undefined || (await customers.retrieve(customerId)))
    return applySubscriptions(settings, customers, customerId);
  const { gateway, plans } = settings;
  const { plan: current } = await gateway.accounts.overview(accountId);
  if (planOf(ended, plans)?.plan !== current) return;
  const successor = await customers.find(accountId);
  if (successor && (await openSubscription(settings, successor.id))) return;
  await gateway.accounts.setPlan(accountId, await defaultPlanOf(gateway));
}

/** @returns true when the plan was changed. */
async function applyOnce(settings: BillingSettings, customers: Customers, customerId: string): Promise<boolean> {
  const { gateway, stripe, plans } = settings;
  const customer = await customers.retrieve(customerId);
  const accountId = await customers.accountOf(customer ?? null);
  if (!customer || accountId === undefined) return false;
  const open = await openSubscription(settings, customerId);
  const wanted = open && planOf(open, plans)?.plan;
  const { plan: current } = await gateway.accounts.overview(accountId);
  const before = customer.metadata[PLAN_BEFORE_FIELD];
  if (wanted !== undefined) {
    if (wanted === current) return false;
    if (before === undefined) await stripe.customers.update(customerId, { metadata: { [PLAN_BEFORE_FIELD]: current } });
    await gateway.accounts.setPlan(accountId, wanted);
    return true;
  }
  if (before === undefined) return false;
  // An operator may have moved the account to a plan that is not for sale: that choice stays.
  const isOurs = [...plans.values()].includes(current);
  if (isOurs)
    await gateway.accounts.setPlan(accountId, gateway.plans.includes(before) ? before : await defaultPlanOf(gateway));
  await stripe.customers.update(customerId, { metadata: { [PLAN_BEFORE_FIELD]: '' } });
  return isOurs;
}

/** An account that nobody has is on it. */
async function defaultPlanOf({ accounts }: BillingSettings['gateway']): Promise<string> {
  return (await accounts.overview(crypto.randomUUID())).plan;
}
