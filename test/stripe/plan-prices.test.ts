import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeStripe } from '../../src/testing/fake-stripe.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { type BillingSite, billingSite, deliverAll } from './billing-site.js';

let site: BillingSite;
beforeEach(async () => {
  site = await billingSite();
});
afterEach(() => site.close());

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
  await deliverAll(site, [{ type: 'customer.subscription.updated', object: subscription }]);
  expect(await site.state('ada')).toMatchObject({ subscription: { plan: 'pro', price: 'price_old' } });
  expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
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
  await deliverAll(site, site.api.pay(String(session?.id)));
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
