import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toExpressHandler } from '../../src/http/express.js';
import { stripeBilling } from '../../src/stripe/index.js';
import { listen } from '../helpers/listen.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { type BillingSite, billingSite, deliverAll, optionsOf } from './billing-site.js';

let site: BillingSite;
beforeEach(async () => {
  site = await billingSite();
});
afterEach(() => site.close());

describe('money that goes back', () => {
  test('a refund is taken back once, in any order, also before the payment was credited', async () => {
    const { events, payment } = await site.buy('ada', '25');
    const refund = site.api.refund(payment, 1_000);
    const back = { type: 'refund.created', object: refund };
    const charge = { type: 'charge.refunded', object: site.api.all('charge')[0] as Record<string, unknown> };
    await deliverAll(site, [...events, back, charge, back, { ...back, type: 'refund.updated' }]);
    expect(await site.balance('ada')).toBe('15');
  });

  test('a refund that failed leaves the balance as it was', async () => {
    const { events, payment } = await site.buy('ada', '25');
    const refund = site.api.refund(payment, 1_000, 'pending');
    await deliverAll(site, [...events, { type: 'refund.created', object: refund }]);
    expect(await site.balance('ada')).toBe('15');
    site.api.change(refund.id, { status: 'failed' });
    await deliverAll(site, [
      { type: 'refund.failed', object: refund },
      { type: 'refund.created', object: refund },
    ]);
    expect(await site.balance('ada')).toBe('25');
  });

  test('a lost dispute takes back what was spent already: the balance goes below zero', async () => {
    const { events, payment } = await site.buy('ada', '25');
    await deliverAll(site, events);
    await site.gateway.credits.adjust({ accountId: 'ada', amount: '-20', idempotencyKey: 'spent' });
    const dispute = site.api.put('dispute', {
      amount: 2_500,
      currency: 'usd',
      status: 'needs_response',
      payment_intent: payment,
    });
    await deliverAll(site, [{ type: 'charge.dispute.created', object: dispute }]);
    expect(await site.balance('ada')).toBe('5');
    site.api.change(dispute.id, { status: 'lost' });
    await deliverAll(site, [
      { type: 'charge.dispute.closed', object: dispute },
      { type: 'charge.dispute.closed', object: dispute },
    ]);
    expect(await site.balance('ada')).toBe('-20');
  });

  test.each([
    ['refund', { status: 'succeeded' }],
    ['dispute', { status: 'lost' }],
  ])('a %s in another currency than its payment is left to the operator, and logged', async (kind, fields) => {
    const { events, payment } = await site.buy('ada', '25');
    const back = site.api.put(kind, { ...fields, amount: 1_000, currency: 'jpy', payment_intent: payment });
    const type = kind === 'refund' ? 'refund.created' : 'charge.dispute.closed';
    await deliverAll(site, [...events, { type, object: back }]);
    expect(await site.balance('ada')).toBe('25');
    expect(loggedErrors()).toEqual(['a refund or dispute was not taken back: balances are in USD']);
  });

  test('what goes back of a payment in another currency, which was never credited, changes nothing', async () => {
    const { payment } = await site.buy('ada', '25');
    site.api.change(payment, { currency: 'jpy' });
    await deliverAll(site, [{ type: 'refund.created', object: site.api.refund(payment, 1_000) }]);
    expect(await site.balance('ada')).toBe('0');
  });

  test('payments that the host takes for something else change nothing', async () => {
    const other = site.api.put('payment_intent', { amount_received: 5_000, currency: 'usd', status: 'succeeded' });
    const refund = site.api.put('refund', {
      amount: 5_000,
      currency: 'usd',
      payment_intent: other.id,
      status: 'succeeded',
    });
    await deliverAll(site, [
      { type: 'payment_intent.succeeded', object: other },
      { type: 'refund.created', object: refund },
    ]);
    expect(await site.gateway.accounts.list()).toEqual([]);
  });
});

describe('the webhook', () => {
  async function forged(headers: Record<string, string>, body: string): Promise<{ status: number; balance: string }> {
    const response = await fetch(`${site.site.origin}/billing/webhook`, { method: 'POST', headers, body });
    return { status: response.status, balance: await site.balance('ada') };
  }

  test('refuses events that are forged, unsigned, changed, or too old', async () => {
    const { events } = await site.buy('ada', '25');
    const paid = events[0]?.object ?? {};
    const type = 'payment_intent.succeeded';
    const good = site.api.sign({ type, object: paid });
    const foreign = site.api.sign({ type, object: paid }, { secret: 'whsec_other' });
    const old = site.api.sign({ type, object: paid }, { timestamp: Math.floor(Date.now() / 1_000) - 600 });
    const refused = { status: 400, balance: '0' };
    expect(await forged({}, good.body)).toEqual(refused);
    expect(await forged({ 'stripe-signature': 'v1=abc' }, good.body)).toEqual(refused);
    expect(await forged({ 'stripe-signature': foreign.signature }, foreign.body)).toEqual(refused);
    expect(await forged({ 'stripe-signature': old.signature }, old.body)).toEqual(refused);
    expect(await forged({ 'stripe-signature': good.signature }, good.body.replace('2500', '9900'))).toEqual(refused);
    expect(await forged({ 'stripe-signature': good.signature }, good.body)).toEqual({ status: 200, balance: '25' });
  });

  test('passes over events of connected accounts', async () => {
    const { events } = await site.buy('ada', '25');
    const response = await site.deliver(events[0]?.type ?? '', events[0]?.object ?? {}, { account: 'acct_other' });
    expect(await response.json()).toEqual({ received: false });
    expect(await site.balance('ada')).toBe('0');
  });

  test('behind express.json() the answer says what to change', async () => {
    const app = express();
    app.use(express.json());
    app.use('/billing', toExpressHandler(stripeBilling({ ...optionsOf(site), webhookSecret: 'whsec_1' })));
    const parsed = await listen(app);
    const { body, signature } = site.api.sign({ type: 'payment_intent.succeeded', object: {} });
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    const response = await fetch(`${parsed.origin}/billing/webhook`, { method: 'POST', headers, body });
    await parsed.close();
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Mount billing before express.json()');
  });

  test('bytes that a body parser kept are enough', async () => {
    const app = express();
    app.use(express.json({ verify: (req, _res, bytes) => Object.assign(req, { rawBody: bytes }) }));
    app.use('/billing', toExpressHandler(stripeBilling({ ...optionsOf(site), webhookSecret: 'whsec_1' })));
    const parsed = await listen(app);
    const { events } = await site.buy('ada', '25');
    const { body, signature } = site.api.sign(
      { type: 'payment_intent.succeeded', object: events[0]?.object ?? {} },
      { secret: 'whsec_1' },
    );
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    const response = await fetch(`${parsed.origin}/billing/webhook`, { method: 'POST', headers, body });
    await parsed.close();
    expect(response.status).toBe(200);
    expect(await site.balance('ada')).toBe('25');
  });
});
