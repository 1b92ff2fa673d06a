import type { StripeFields, StripeObjects } from './fake-stripe-objects.js';
import type { FakeStripeEvent } from './fake-stripe-types.js';

/** Pays a checkout session. @returns the events of it. */
export function pay(objects: StripeObjects, id: string): FakeStripeEvent[] {
  const session = objects.get(id);
  if (session['status'] === 'expired') throw new Error(`the page of ${id} has expired`);
  objects.change(id, { status: 'complete' });
  const { customer } = session;
  objects.put('payment_method', { type: 'card', customer, card: { brand: 'visa', last4: '4242' } });
  const items = session['line_items'] as readonly StripeFields[];
  if (session['mode'] === 'subscription') {
    const { metadata = {} } = (session['subscription_data'] ?? {}) as StripeFields;
    const item = { id: `si_${objects.next()}`, price: { id: items[0]?.['price'] }, current_period_end: 2_000_000_000 };
    const fields = { customer, metadata, status: 'active', cancel_at_period_end: false, items: { data: [item] } };
    const subscription = objects.put('subscription', fields);
    objects.change(id, { payment_status: 'paid', subscription: subscription.id });
    return [
      { type: 'customer.subscription.created', object: subscription },
      { type: 'checkout.session.completed', object: session },
    ];
  }
  const price = (items[0]?.['price_data'] ?? {}) as StripeFields;
  const [amount, currency] = [Number(price['unit_amount']), price['currency']];
  const { metadata = {} } = (session['payment_intent_data'] ?? {}) as StripeFields;
  const fields = { amount, amount_received: amount, currency, status: 'succeeded', customer, metadata };
  const payment = objects.put('payment_intent', fields);
  const receipt = { amount, amount_refunded: 0, currency, paid: true, payment_intent: payment.id, customer };
  objects.put('charge', { ...receipt, receipt_url: 'https://pay.stripe.test/r' });
  objects.change(id, { payment_status: 'paid', payment_intent: payment.id });
  return [
    { type: 'payment_intent.succeeded', object: payment },
    { type: 'checkout.session.completed', object: session },
  ];
}
