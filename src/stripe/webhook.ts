import type Stripe from 'stripe';
import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { GatewayError } from '../lib/errors.js';
import { usdOfCents } from './cents.js';
import { ACCOUNT_FIELD, type Customers, KIND_FIELD, type PaymentKind } from './customers.js';
import type { BillingSettings } from './options.js';
import { applyEnd, applySubscriptions } from './subscriptions.js';

/** The largest event taken, in bytes; Stripe's own are far smaller. */
const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Checks who sent an event, by Stripe's signature over the raw bytes.
 *
 * Source: https://docs.stripe.com/webhooks#verify-official-libraries; events older than five minutes are refused.
 *
 * @throws {GatewayError} `invalid_request` for anything that Stripe did not sign with the secret.
 */
export async function readEvent(settings: BillingSettings, request: GatewayRequest): Promise<Stripe.Event> {
  const signature = headerValue(request.headers, 'stripe-signature');
  if (signature === undefined)
    throw new GatewayError('invalid_request', { message: "The header 'stripe-signature' is missing." });
  const body = await rawBody(request);
  try {
    return await settings.stripe.webhooks.constructEventAsync(body, signature, settings.webhookSecret);
  } catch (cause) {
    throw new GatewayError('invalid_request', { message: 'The signature of the event is not valid.', cause });
  }
}

/** The bytes that were signed, from wherever a body parser left them. */
async function rawBody(request: GatewayRequest): Promise<Buffer> {
  const { parsedBody, raw } = request;
  const kept = typeof raw === 'object' && raw !== null && 'rawBody' in raw ? raw.rawBody : undefined;
  for (const candidate of [kept, parsedBody]) {
    if (typeof candidate === 'string') return Buffer.from(candidate);
    if (candidate instanceof Uint8Array) return Buffer.from(candidate);
  }
  if (parsedBody !== undefined) {
    throw new GatewayError('invalid_request', {
      message:
        'The signature covers the raw body, which a body parser has replaced. Mount billing before express.json(), ' +
        'or keep the bytes: express.json({ verify: (req, res, bytes) => { req.rawBody = bytes } }).',
    });
  }
  return Buffer.from(await request.body(MAX_EVENT_BYTES));
}

/**
 * Applies an event of Stripe. The same event may come often and in any order: money moves under an idempotency key that
 * is made of the payment's, refund's or dispute's own id, and plans follow the state that Stripe reports when asked.
 *
 * @returns false for events that do not concern us.
 */
export async function applyEvent(
  settings: BillingSettings,
  customers: Customers,
  event: Stripe.Event,
): Promise<boolean> {
  // Set for events of accounts connected to the host's own (Stripe Connect): their payments are not ours.
  if (event.account !== undefined) return false;
  const { stripe } = settings;
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return applySession(settings, customers, event.data.object);
    case 'payment_intent.succeeded':
      return applyPayment(settings, event.data.object);
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      return applyRefund(settings, await stripe.refunds.retrieve(event.data.object.id));
    case 'charge.refunded':
      return applyRefundsOf(settings, event.data.object.id);
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return applyDispute(settings, await stripe.disputes.retrieve(event.data.object.id));
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.paused':
    case 'customer.subscription.resumed':
      await applySubscriptions(settings, customers, idOf(event.data.object.customer) ?? '');
      return true;
    case 'customer.subscription.deleted':
      await applyEnd(settings, customers, idOf(event.data.object.customer) ?? '', event.data.object);
      return true;
    default:
      return false;
  }
}

async function applySession(
  settings: BillingSettings,
  customers: Customers,
  session: Stripe.Checkout.Session,
): Promise<boolean> {
  const customer = idOf(session.customer);
  if (session.mode === 'subscription' && customer !== undefined) {
    await applySubscriptions(settings, customers, customer);
    return true;
  }
  const payment = idOf(session.payment_intent);
  if (session.mode !== 'payment' || session.payment_status !== 'paid' || payment === undefined) return false;
  return applyPayment(settings, await settings.stripe.paymentIntents.retrieve(payment));
}

/** Credits what was received for a payment that we made. */
async function applyPayment(settings: BillingSettings, payment: Stripe.PaymentIntent): Promise<boolean> {
  const paid = ourPayment(payment);
  if (!paid || payment.status !== 'succeeded') return false;
  return creditPayment(settings, payment, paid);
}

interface OurPayment {
  readonly accountId: string;
  readonly kind: PaymentKind;
}

/** What one of our payments is for; undefined for payments that the host takes for something else. */
export function ourPayment({ metadata }: Stripe.PaymentIntent): OurPayment | undefined {
  const accountId = metadata[ACCOUNT_FIELD];
  const kind = metadata[KIND_FIELD];
  if (!accountId || (kind !== 'top_up' && kind !== 'auto_reload')) return undefined;
  return { accountId, kind };
}

/** Credits a payment once, however often it is called; the amount is what Stripe says it received. */
export async function creditPayment(
  { gateway, logger }: BillingSettings,
  payment: Stripe.PaymentIntent,
  { accountId, kind }: OurPayment,
): Promise<boolean> {
  const { id, currency, amount_received: received } = payment;
  if (currency !== 'usd' || received <= 0) {
    logger.error({ payment: id, currency, received }, 'a payment was not credited: balances are in USD');
    return false;
  }
  const note = kind === 'auto_reload' ? `auto-reload ${payment.metadata['metask_day'] ?? ''}`.trim() : 'card payment';
  await gateway.credits.topUp({ accountId, amount: usdOfCents(received), idempotencyKey: `stripe:${id}`, note });
  return true;
}

async function applyRefundsOf(settings: BillingSettings, charge: string): Promise<boolean> {
  let applied = false;
  for await (const refund of settings.stripe.refunds.list({ charge, limit: 100 })) {
    applied = (await applyRefund(settings, refund)) || applied;
  }
  return applied;
}

/** Takes back what was refunded. A refund that failed never left: what was taken for it is returned. */
async function applyRefund(settings: BillingSettings, refund: Stripe.Refund): Promise<boolean> {
  const paid = await paymentBehind(settings, refund.payment_intent);
  if (!paid || !isInUsd(settings, refund)) return false;
  const { id, amount, status } = refund;
  const isLost = status === 'failed' || status === 'canceled';
  const note = `refund ${id}`;
  await takeBack(settings, paid.accountId, amount, `stripe:refund:${id}`, note);
  if (isLost) {
    const options = { accountId: paid.accountId, amount: usdOfCents(amount), note: `${note} failed` };
    await settings.gateway.credits.adjust({ ...options, idempotencyKey: `stripe:refund-failed:${id}` });
  }
  return true;
}

/** What was credited was paid in USD: what goes back of it in another currency needs a look of the operator's. */
function isInUsd({ logger }: BillingSettings, { id, currency, amount }: Stripe.Refund | Stripe.Dispute): boolean {
  if (currency === 'usd') return true;
  logger.error({ id, currency, amount }, 'a refund or dispute was not taken back: balances are in USD');
  return false;
}

/** Takes back what a lost dispute cost. */
async function applyDispute(settings: BillingSettings, dispute: Stripe.Dispute): Promise<boolean> {
  const paid = await paymentBehind(settings, dispute.payment_intent);
  if (!paid || dispute.status !== 'lost' || !isInUsd(settings, dispute)) return false;
  const { id, amount } = dispute;
  settings.logger.warn({ accountId: paid.accountId, dispute: id }, 'a dispute was lost; its amount is taken back');
  await takeBack(settings, paid.accountId, amount, `stripe:dispute:${id}`, `dispute ${id} lost`);
  return true;
}

/** Below zero where it must be: the money is gone, whatever was spent of it. */
async function takeBack(
  { gateway }: BillingSettings,
  accountId: string,
  cents: number,
  idempotencyKey: string,
  note: string,
): Promise<void> {
  await gateway.credits.adjust({
    accountId,
    amount: `-${usdOfCents(cents)}`,
    idempotencyKey,
    note,
    allowNegative: true,
  });
}

/** Our payment, as far as it was credited: one in another currency was not. */
async function paymentBehind(
  { stripe }: BillingSettings,
  payment: string | Stripe.PaymentIntent | null,
): Promise<OurPayment | undefined> {
  const id = idOf(payment);
  const whole = id === undefined ? undefined : await stripe.paymentIntents.retrieve(id);
  return whole?.currency === 'usd' ? ourPayment(whole) : undefined;
}

function idOf(value: string | { readonly id: string } | null): string | undefined {
  return typeof value === 'string' ? value : value?.id;
}
