import { request } from 'node:http';
import express from 'express';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toExpressHandler } from '../../src/http/express.js';
import { type StripeBillingOptions, stripeBilling } from '../../src/stripe/index.js';
import { fakeStripe } from '../../src/testing/fake-stripe.js';
import { listen } from '../helpers/listen.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { type BillingSite, billingSite } from './billing-site.js';

let site: BillingSite;
beforeEach(async () => {
  site = await billingSite();
});
afterEach(() => site.close());

async function deliverAll(events: readonly { type: string; object: Record<string, unknown> }[]): Promise<void> {
  for (const { type, object } of events) expect((await site.deliver(type, object)).status).toBe(200);
}

describe('buying credit', () => {
  test('a pack is paid on Stripe, and credited once whatever event comes first and however often', async () => {
    const { events } = await site.buy('ada', '25');
    expect(await site.balance('ada')).toBe('0');
    await deliverAll([...events, ...events.toReversed(), ...events]);
    expect(await site.balance('ada')).toBe('25');
    expect(await site.gateway.credits.history('ada')).toMatchObject([{ kind: 'top_up', amount: '25' }]);
  });

  test('the page is told what is bought by the options alone, and leads back to the app', async () => {
    const response = await site.post('checkout', 'ada', { pack: '10.00' });
    expect(await response.json()).toEqual({ url: expect.stringContaining('/pay/checkout.session_') });
    const [session] = site.api.all('checkout.session');
    expect(session).toMatchObject({
      mode: 'payment',
      success_url: `${site.site.origin}/dashboard/billing`,
      line_items: [{ quantity: '1', price_data: { currency: 'usd', unit_amount: '1000' } }],
    });
    expect(site.api.all('customer')).toMatchObject([{ email: 'ada@example.com', metadata: { metask_account: 'ada' } }]);
  });

  test.each([
    [{ pack: '11' }, 'pack'],
    [{ pack: '-10' }, 'pack'],
    [{ pack: 1e9 }, 'pack'],
    [{ plan: 'enterprise' }, 'plan'],
    [{ pack: '10', plan: 'pro' }, 'plan'],
    [{}, 'pack'],
  ])('%j is refused, and names the field', async (order, param) => {
    const response = await site.post('checkout', 'ada', order);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
    expect(site.api.all('checkout.session')).toEqual([]);
  });

  test('an account is one customer, also when two pages are opened at once', async () => {
    await Promise.all([site.post('checkout', 'ada', { pack: '10' }), site.post('portal', 'ada', {})]);
    expect(site.api.all('customer')).toHaveLength(1);
  });

  test.each(['ensured', 'replayed'])(
    'a customer that was deleted in Stripe is replaced by one new one (%s)',
    async (how) => {
      for (let deletions = 1; deletions <= 2; deletions++) {
        await site.post('checkout', 'ada', { pack: '10' });
        const deleted = site.api.all('customer').at(-1);
        // Stripe's search no longer finds it.
        site.api.change(String(deleted?.id), {
          deleted: true,
          ...(how === 'replayed' && { metadata: { metask_account: '' } }),
        });
        expect(await site.state('ada')).toMatchObject({ receipts: [], subscription: null });
        const answers = await Promise.all([
          site.post('checkout', 'ada', { pack: '10' }),
          site.post('portal', 'ada', {}),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        expect(site.api.all('customer')).toHaveLength(deletions + 1);
        expect(site.api.all('checkout.session').at(-1)).toMatchObject({
          customer: site.api.all('customer').at(-1)?.id,
        });
      }
    },
  );

  test("the host's own table of customers is told of the new one", async () => {
    const table = new Map([['ada', 'cus_old']]);
    await site.close();
    site = await billingSite({
      customers: { get: (account) => table.get(account), set: (account, id) => void table.set(account, id) },
    });
    site.api.put('customer', { id: 'cus_old', deleted: true });
    await site.post('checkout', 'ada', { pack: '10' });
    expect(site.api.all('checkout.session')).toMatchObject([{ customer: table.get('ada') }]);
    expect(table.get('ada')).not.toBe('cus_old');
  });

  test("a customer of the host's own is told whose it is, so that its subscription sets the plan", async () => {
    await site.close();
    site = await billingSite({ customers: { get: () => 'cus_host', set: () => {} } });
    site.api.put('customer', { id: 'cus_host', metadata: { crm: '7' } });
    await site.post('checkout', 'ada', { plan: 'pro' });
    await deliverAll(site.api.pay(String(site.api.all('checkout.session').at(-1)?.id)));
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
    expect(site.api.get('cus_host')).toMatchObject({ metadata: { crm: '7', metask_account: 'ada' } });
  });

  test('a payment in another currency is not credited, and logged', async () => {
    const { events, payment } = await site.buy('ada', '25');
    site.api.change(payment, { currency: 'jpy' });
    await deliverAll(events);
    expect(await site.balance('ada')).toBe('0');
    expect(JSON.stringify(site.logs)).toContain('jpy');
    expect(new Set(loggedErrors())).toEqual(new Set(['a payment was not credited: balances are in USD']));
  });

  test('the amount is what Stripe received, whatever metadata says', async () => {
    const { events, payment } = await site.buy('ada', '25');
    const { metadata } = site.api.get(payment);
    site.api.change(payment, { amount_received: 500, metadata: { ...(metadata as object), amount: '9999' } });
    await deliverAll(events);
    expect(await site.balance('ada')).toBe('5');
  });
});

test.each([
  ['https,http', 'https://shop.example/dashboard/billing'],
  ['http, https', 'http://shop.example/dashboard/billing'],
  ['HTTPS', 'https://shop.example/dashboard/billing'],
  ['javascript', 'https://shop.example/dashboard/billing'],
])('behind proxies that say %s, and without an origin, the page leads back to %s', async (proto, back) => {
  const { port } = new URL(site.site.origin);
  const headers = {
    'content-type': 'application/json',
    'x-account': 'ada',
    host: 'shop.example',
    'x-forwarded-proto': proto,
  };
  const status = await new Promise((resolve, reject) => {
    const sent = request({ port, method: 'POST', path: '/billing/checkout', headers }, (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    sent.on('error', reject).end('{"pack":"10"}');
  });
  expect(status).toBe(200);
  expect(site.api.all('checkout.session')).toMatchObject([{ success_url: back }]);
});

describe('money that goes back', () => {
  test('a refund is taken back once, in any order, also before the payment was credited', async () => {
    const { events, payment } = await site.buy('ada', '25');
    const refund = site.api.refund(payment, 1_000);
    const back = { type: 'refund.created', object: refund };
    const charge = { type: 'charge.refunded', object: site.api.all('charge')[0] as Record<string, unknown> };
    await deliverAll([...events, back, charge, back, { ...back, type: 'refund.updated' }]);
    expect(await site.balance('ada')).toBe('15');
  });

  test('a refund that failed leaves the balance as it was', async () => {
    const { events, payment } = await site.buy('ada', '25');
    const refund = site.api.refund(payment, 1_000, 'pending');
    await deliverAll([...events, { type: 'refund.created', object: refund }]);
    expect(await site.balance('ada')).toBe('15');
    site.api.change(refund.id, { status: 'failed' });
    await deliverAll([
      { type: 'refund.failed', object: refund },
      { type: 'refund.created', object: refund },
    ]);
    expect(await site.balance('ada')).toBe('25');
  });

  test('a lost dispute takes back what was spent already: the balance goes below zero', async () => {
    const { events, payment } = await site.buy('ada', '25');
    await deliverAll(events);
    await site.gateway.credits.adjust({ accountId: 'ada', amount: '-20', idempotencyKey: 'spent' });
    const dispute = site.api.put('dispute', {
      amount: 2_500,
      currency: 'usd',
      status: 'needs_response',
      payment_intent: payment,
    });
    await deliverAll([{ type: 'charge.dispute.created', object: dispute }]);
    expect(await site.balance('ada')).toBe('5');
    site.api.change(dispute.id, { status: 'lost' });
    await deliverAll([
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
    await deliverAll([...events, { type, object: back }]);
    expect(await site.balance('ada')).toBe('25');
    expect(loggedErrors()).toEqual(['a refund or dispute was not taken back: balances are in USD']);
  });

  test('what goes back of a payment in another currency, which was never credited, changes nothing', async () => {
    const { payment } = await site.buy('ada', '25');
    site.api.change(payment, { currency: 'jpy' });
    await deliverAll([{ type: 'refund.created', object: site.api.refund(payment, 1_000) }]);
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
    await deliverAll([
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

function optionsOf({ gateway, stripe }: BillingSite) {
  return { gateway, stripe, authenticate: () => 'ada', returnUrl: '/billing' };
}

describe('subscriptions', () => {
  async function subscribe(account: string, status = 'active') {
    await site.post('checkout', account, { plan: 'pro' });
    const customer = String(site.api.all('customer').at(-1)?.id);
    return site.api.put('subscription', {
      customer,
      status,
      cancel_at_period_end: false,
      items: { data: [{ id: 'si_1', price: { id: 'price_pro' }, current_period_end: 1_775_000_000 }] },
    });
  }

  test('set the plan, and set it back when they end; late events change nothing', async () => {
    await site.gateway.accounts.setPlan('ada', 'free');
    const subscription = await subscribe('ada');
    const created = { type: 'customer.subscription.created', object: { ...subscription } };
    await deliverAll([created]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
    site.api.change(subscription.id, { status: 'past_due' });
    await deliverAll([{ type: 'customer.subscription.updated', object: subscription }]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
    site.api.change(subscription.id, { status: 'canceled' });
    await deliverAll([{ type: 'customer.subscription.deleted', object: subscription }, created]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('free');
  });

  test('a second one is no second payment: the page asks to change the first, by the item that pays for the plan', async () => {
    await site.close();
    site = await billingSite({ plans: { price_pro: 'pro', price_year: 'pro' } });
    site.api.put('price', { id: 'price_year', unit_amount: 20_000, currency: 'usd', recurring: { interval: 'year' } });
    const subscription = await subscribe('ada');
    const [item] = (subscription['items'] as { data: object[] }).data;
    site.api.change(subscription.id, { items: { data: [{ id: 'si_seats', price: { id: 'price_seats' } }, item] } });
    const response = await site.post('checkout', 'ada', { plan: 'price_year' });
    expect(await response.json()).toEqual({ url: expect.stringContaining('/portal') });
    expect(site.api.requests.at(-1)).toMatchObject({
      path: 'billing_portal/sessions',
      form: {
        flow_data: {
          type: 'subscription_update_confirm',
          subscription_update_confirm: {
            subscription: subscription.id,
            items: [{ id: 'si_1', price: 'price_year', quantity: '1' }],
          },
        },
      },
    });
  });

  test('of two pages that are open only the last one sells; a page for credit stays', async () => {
    for (const order of [{ pack: '10' }, { plan: 'pro' }, { plan: 'pro' }]) await site.post('checkout', 'ada', order);
    const [credit, first, last] = site.api.all('checkout.session');
    expect([credit, first, last].map((page) => page?.['status'])).toEqual(['open', 'expired', 'open']);
    expect(() => site.api.pay(String(first?.id))).toThrow('has expired');
    await deliverAll(site.api.pay(String(last?.id)));
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
  });

  test('the plan that is there already is shown, since Stripe confirms no change of nothing', async () => {
    await subscribe('ada');
    const response = await site.post('checkout', 'ada', { plan: 'pro' });
    expect(await response.json()).toEqual({ url: expect.stringContaining('/portal') });
    const { path, form } = site.api.requests.at(-1) ?? { path: '', form: {} };
    expect([path, Object.keys(form)]).toEqual(['billing_portal/sessions', ['customer', 'return_url']]);
  });

  test.each([
    ['its own plan', 'pro', 'free'],
    ["an operator's choice", 'team', 'team'],
  ])(
    'a customer that was deleted takes its subscription with it: of %s, %s, the account goes to %s',
    async (_name, plan, after) => {
      await site.gateway.configure({
        plans: { pro: { models: '*' }, team: { models: '*' }, free: { models: '*', billing: 'prepaid' } },
      });
      const { subscription, customer } = await subscribed('ada');
      await site.gateway.accounts.setPlan('ada', plan);
      site.api.change(customer, { deleted: true });
      site.api.change(subscription.id, { status: 'canceled' });
      await deliverAll([{ type: 'customer.subscription.deleted', object: subscription }]);
      expect((await site.gateway.accounts.get('ada')).plan).toBe(after);
    },
  );

  test('the end of a deleted customer takes nothing of what the next one pays', async () => {
    const { subscription, customer } = await subscribed('ada');
    site.api.change(customer, { deleted: true });
    site.api.change(subscription.id, { status: 'canceled' });
    const next = await subscribed('ada');
    expect(next.customer).not.toBe(customer);
    await deliverAll([{ type: 'customer.subscription.deleted', object: subscription }]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
  });

  test('where the plan from before is gone, the account gets the default plan', async () => {
    const { subscription } = await subscribed('ada');
    await site.gateway.configure({ plans: { pro: { models: '*' }, basic: { models: '*' } }, defaultPlan: 'basic' });
    site.api.change(subscription.id, { status: 'canceled' });
    await deliverAll([{ type: 'customer.subscription.deleted', object: subscription }]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('basic');
  });

  /** Buys the plan on Stripe's page, and tells of it. */
  async function subscribed(account: string) {
    await site.post('checkout', account, { plan: 'pro' });
    const session = site.api.all('checkout.session').at(-1);
    await deliverAll(site.api.pay(String(session?.id)));
    expect((await site.gateway.accounts.get(account)).plan).toBe('pro');
    const subscription = site.api.all('subscription').at(-1) ?? {};
    return { subscription: subscription as { id: string }, customer: String(session?.['customer']) };
  }

  test('the state tells of plan, card, offers and receipts', async () => {
    const { events } = await site.buy('ada', '25');
    await deliverAll(events);
    await subscribe('ada');
    expect(await site.state('ada')).toMatchObject({
      packs: ['10', '25', '100'],
      plans: [{ plan: 'pro', amount: '20', currency: 'usd', interval: 'month' }],
      subscription: {
        plan: 'pro',
        status: 'active',
        currentPeriodEnd: '2026-03-31T23:33:20.000Z',
        cancelAtPeriodEnd: false,
      },
      card: { brand: 'visa', last4: '4242' },
      autoReload: { offered: false, enabled: false },
      receipts: [{ amount: '25', currency: 'usd', refunded: '0', url: 'https://pay.stripe.test/r' }],
    });
  });
});

test.each([
  ['jpy', 2_000, '2000'],
  ['KRW', 9_900, '9900'],
  ['kwd', 5_120, '5.12'],
  ['isk', 50_000, '500'],
  ['ugx', 50_000, '500'],
  ['eur', 1_999, '19.99'],
])('what Stripe counts in %s, %i, is shown as %s', async (currency, units, shown) => {
  site.api.change('price_pro', { unit_amount: units, currency });
  await site.post('portal', 'ada', {});
  const customer = site.api.all('customer')[0]?.id;
  site.api.put('charge', { customer, paid: true, currency, amount: units, amount_refunded: units });
  expect(await site.state('ada')).toMatchObject({
    plans: [{ amount: shown, currency }],
    receipts: [{ amount: shown, refunded: shown, currency }],
  });
});

test.each([
  [{ unit_amount: null, unit_amount_decimal: null, billing_scheme: 'tiered' }, null],
  [{ unit_amount: null, unit_amount_decimal: '0.05' }, '0.0005'],
  [{ unit_amount: 2_000, unit_amount_decimal: '2000' }, '20'],
])('a price of %j is offered at %s', async (price, amount) => {
  site.api.change('price_pro', price);
  expect(await site.state('ada')).toMatchObject({ plans: [{ plan: 'pro', amount }] });
});

describe('a price of the options that Stripe does not know', () => {
  beforeEach(async () => {
    await site.close();
    site = await billingSite({ plans: { price_typo: 'free', price_pro: 'pro' } });
  });

  test('leaves its plan out of what is offered and sold, and is logged', async () => {
    expect(await site.state('ada')).toMatchObject({ packs: ['10', '25', '100'], plans: [{ price: 'price_pro' }] });
    const refused = await site.post('checkout', 'ada', { plan: 'free' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: 'invalid_value', param: 'plan', message: "Invalid value for 'plan'. Choose one of: pro." },
    });
    expect((await site.post('checkout', 'ada', { plan: 'pro' })).status).toBe(200);
    expect(loggedErrors()).toEqual(['Stripe knows no such price, so that the plan is not for sale']);
    expect(site.logs).toContainEqual({ price: 'price_typo', plan: 'free' });
  });
});

test('a price that is paid once is not offered, as no subscription takes it, and is logged', async () => {
  await site.close();
  site = await billingSite({ plans: { price_once: 'pro', price_pro: 'pro' } });
  site.api.put('price', { id: 'price_once', type: 'one_time', unit_amount: 9_900, currency: 'usd', recurring: null });
  expect(await site.state('ada')).toMatchObject({ plans: [{ price: 'price_pro', interval: 'month' }] });
  await site.post('checkout', 'ada', { plan: 'pro' });
  expect(site.api.all('checkout.session').at(-1)).toMatchObject({ line_items: [{ price: 'price_pro' }] });
  expect(loggedErrors()).toEqual(['a price is paid once, so that the plan can not be subscribed to']);
});

test('a plan is sold where a restricted key of Stripe may read neither prices nor open pages', async () => {
  const api = await fakeStripe();
  const stripe = new Stripe('sk_test_fake', api.options);
  const fails = () => Promise.reject(new Error('The provided key does not have the required permissions'));
  stripe.prices.retrieve = fails as never;
  stripe.checkout.sessions.list = fails as never;
  await site.close();
  site = await billingSite({ stripe });
  const answer = await site.post('checkout', 'ada', { plan: 'pro' });
  expect([answer.status, api.all('checkout.session').length]).toEqual([200, 1]);
  expect(loggedErrors()).toEqual(['pages that sell a plan could not be closed']);
  await api.close();
});

test('a price that was archived in Stripe is sold no more, and still pays for the plan of those who have it', async () => {
  await site.close();
  site = await billingSite({ plans: { price_old: 'pro', price_pro: 'pro' } });
  site.api.put('price', { id: 'price_old', active: false, unit_amount: 500, currency: 'usd' });
  expect(await site.state('ada')).toMatchObject({ plans: [{ price: 'price_pro' }] });
  await site.post('checkout', 'ada', { plan: 'pro' });
  expect(site.api.all('checkout.session').at(-1)).toMatchObject({ line_items: [{ price: 'price_pro' }] });
  const customer = site.api.all('customer')[0]?.id;
  const items = { data: [{ id: 'si_1', price: { id: 'price_old' }, current_period_end: 2_000_000_000 }] };
  const subscription = site.api.put('subscription', { customer, status: 'active', items });
  await deliverAll([{ type: 'customer.subscription.updated', object: subscription }]);
  expect(await site.state('ada')).toMatchObject({ subscription: { plan: 'pro', price: 'price_old' } });
  expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
});

test('while Stripe is away the answer is 503, which may be tried again', async () => {
  await site.api.close();
  const answers = [await site.post('checkout', 'ada', { pack: '10' }), await site.post('portal', 'ada', {})];
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer.json()).toMatchObject({ error: { code: 'service_unavailable' } });
  }
  expect(await site.state('ada')).toMatchObject({ error: { code: 'service_unavailable' } });
  expect(new Set(loggedErrors())).toEqual(new Set(['billing could not answer']));
});

test('a customer that Stripe does not know is replaced, and the log says which', async () => {
  await site.close();
  const known = new Map([['ada', 'cus_of_another_mode']]);
  const customers = { get: (id: string) => known.get(id), set: (id: string, to: string) => void known.set(id, to) };
  site = await billingSite({ customers });
  expect(await site.state('ada')).toMatchObject({ subscription: null, receipts: [] });
  expect((await site.post('portal', 'ada', {})).status).toBe(200);
  expect(known.get('ada')).toBe(site.api.all('customer')[0]?.id);
  expect(site.logs).toContainEqual({ customer: 'cus_of_another_mode' });
});

test('a plan with several prices is offered at each, and bought at the one that is chosen', async () => {
  await site.close();
  site = await billingSite({ plans: { price_pro: 'pro', price_quarter: 'pro' } });
  const recurring = { interval: 'month', interval_count: 3 };
  site.api.put('price', { id: 'price_quarter', unit_amount: 5_000, currency: 'usd', recurring });
  expect(await site.state('ada')).toMatchObject({
    plans: [
      { price: 'price_pro', plan: 'pro', amount: '20', interval: 'month', intervalCount: 1 },
      { price: 'price_quarter', plan: 'pro', amount: '50', interval: 'month', intervalCount: 3 },
    ],
  });
  await site.post('checkout', 'ada', { plan: 'price_quarter' });
  const session = site.api.all('checkout.session').at(-1);
  expect(session).toMatchObject({ line_items: [{ price: 'price_quarter' }] });
  await deliverAll(site.api.pay(String(session?.id)));
  expect(await site.state('ada')).toMatchObject({ subscription: { plan: 'pro', price: 'price_quarter' } });
});

test('asks Stripe for the prices of plans at most every five minutes', async () => {
  const pricesAsked = () => site.api.requests.filter(({ path }) => path.startsWith('prices/')).length;
  await Promise.all([site.state('ada'), site.state('bob')]);
  await site.state('ada');
  expect(pricesAsked()).toBe(1);
  site.api.change('price_pro', { unit_amount: 3_000 });
  site.clock.advance(5 * 60_000);
  expect(await site.state('ada')).toMatchObject({ plans: [{ plan: 'pro', amount: '30' }] });
  expect(pricesAsked()).toBe(2);
});

describe('who may write', () => {
  test.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'content-type': 'text/plain' }, 415],
  ])('%j is refused', async (headers, status) => {
    for (const route of ['checkout', 'portal']) {
      expect((await site.post(route, 'ada', { pack: '10' }, headers)).status).toBe(status);
    }
    expect(site.api.requests).toEqual([]);
  });

  test('nobody without a session', async () => {
    expect((await fetch(`${site.site.origin}/billing/state`)).status).toBe(401);
  });

  test('a page of the dashboard that was loaded for another account is answered and changes nothing', async () => {
    const page = (account: string) => ({ 'x-dashboard-account': encodeURIComponent(account) });
    const state = (account: string) =>
      fetch(`${site.site.origin}/billing/state`, { headers: { 'x-account': 'ada', ...page(account) } });
    const refused = [
      await state('eve'),
      await site.post('checkout', 'ada', { pack: '10' }, page('eve')),
      await site.post('portal', 'ada', {}, page('eve')),
      await site.post('auto-reload', 'ada', { enabled: false }, page('eve')),
    ];
    for (const answer of refused)
      expect([answer.status, await answer.json()]).toMatchObject([401, { error: { code: 'unauthenticated' } }]);
    expect(site.api.requests).toEqual([]);
    expect((await state('ada')).status).toBe(200);
  });

  test('unknown routes and methods say what there is', async () => {
    const unknown = await fetch(`${site.site.origin}/billing/refund`, { method: 'POST' });
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('POST checkout');
    expect((await fetch(`${site.site.origin}/billing/checkout`)).status).toBe(405);
  });
});

describe('options', () => {
  test.each([
    [{ webhookSecret: '' }, 'webhookSecret: required'],
    [{ webhookSecret: undefined as unknown as string }, 'webhookSecret: required'],
    [{ packs: ['0.2'] }, 'packs[0]'],
    [{ packs: ['ten'] }, 'packs[0]: must be an amount in USD above zero and up to 999999.99'],
    [{ packs: ['1000000'] }, 'packs[0]: must be an amount in USD above zero and up to 999999.99'],
    [{ packs: ['0.505'] }, 'packs[0]: 0.505 is not an amount of at least 0.50 in whole cents'],
    [{ plans: { price_1: 'gold' } }, "plans.price_1: 'gold' is not a plan"],
    [{ returnUrl: 'javascript:alert(1)' }, 'returnUrl'],
    [{ returnUrl: '/\\evil.example' }, 'returnUrl'],
    [{ returnUrl: 'https://' }, 'returnUrl'],
    [{ webhookSecrets: 'x' } as object, "webhookSecrets is not an option; did you mean 'webhookSecret'?"],
    [{ packs: '10' }, 'packs must be an array'],
    [{ packs: [{}] }, 'packs[0]: must be an amount'],
    [{ plans: 'pro' }, 'plans must be an object'],
    [{ plans: null }, 'plans must be an object'],
    [{ autoReload: null }, 'autoReload must be an object'],
    [{ autoReload: 'yes' }, 'autoReload must be an object'],
    [{ autoReload: { dailyLimits: '5' } }, "autoReload.dailyLimits is not an option; did you mean 'dailyLimit'?"],
    [{ autoReload: { dailyLimit: null } }, 'autoReload.dailyLimit: must be an amount'],
    [{ productName: 5 }, 'productName must be a non-empty string'],
    [{ productName: '' }, 'productName must be a non-empty string'],
    [{ allowedOrigins: 'https://a.example' }, 'allowedOrigins must be an array of origins'],
    [{ allowedOrigins: ['https://a.example/'] }, 'allowedOrigins must be an array of origins'],
    [{ customers: { get: () => null } }, 'customers must have the method set'],
    [{ onAutoReload: 'log' }, 'onAutoReload must be a function'],
    [{ logger: {} }, 'logger must have'],
    [{ now: 5 }, 'now must be a function'],
  ])('%j throws at start', (wrong, problem) => {
    const options = { ...optionsOf(site), webhookSecret: 'whsec_1', ...wrong } as StripeBillingOptions;
    expect(() => stripeBilling(options)).toThrow('stripeBilling: ');
    expect(() => stripeBilling(options)).toThrow(problem);
  });
});
