import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BillingSite, billingSite, deliverAll } from './billing-site.js';

let site: BillingSite;
beforeEach(async () => {
  site = await billingSite();
});
afterEach(() => site.close());

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
    await deliverAll(site, [created]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
    site.api.change(subscription.id, { status: 'past_due' });
    await deliverAll(site, [{ type: 'customer.subscription.updated', object: subscription }]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
    site.api.change(subscription.id, { status: 'canceled' });
    await deliverAll(site, [{ type: 'customer.subscription.deleted', object: subscription }, created]);
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
    await deliverAll(site, site.api.pay(String(last?.id)));
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
      await deliverAll(site, [{ type: 'customer.subscription.deleted', object: subscription }]);
      expect((await site.gateway.accounts.get('ada')).plan).toBe(after);
    },
  );

  test('the end of a deleted customer takes nothing of what the next one pays', async () => {
    const { subscription, customer } = await subscribed('ada');
    site.api.change(customer, { deleted: true });
    site.api.change(subscription.id, { status: 'canceled' });
    const next = await subscribed('ada');
    expect(next.customer).not.toBe(customer);
    await deliverAll(site, [{ type: 'customer.subscription.deleted', object: subscription }]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
  });

  test('where the plan from before is gone, the account gets the default plan', async () => {
    const { subscription } = await subscribed('ada');
    await site.gateway.configure({ plans: { pro: { models: '*' }, basic: { models: '*' } }, defaultPlan: 'basic' });
    site.api.change(subscription.id, { status: 'canceled' });
    await deliverAll(site, [{ type: 'customer.subscription.deleted', object: subscription }]);
    expect((await site.gateway.accounts.get('ada')).plan).toBe('basic');
  });

  /** Buys the plan on Stripe's page, and tells of it. */
  async function subscribed(account: string) {
    await site.post('checkout', account, { plan: 'pro' });
    const session = site.api.all('checkout.session').at(-1);
    await deliverAll(site, site.api.pay(String(session?.id)));
    expect((await site.gateway.accounts.get(account)).plan).toBe('pro');
    const subscription = site.api.all('subscription').at(-1) ?? {};
    return { subscription: subscription as { id: string }, customer: String(session?.['customer']) };
  }

  test('the state tells of plan, card, offers and receipts', async () => {
    const { events } = await site.buy('ada', '25');
    await deliverAll(site, events);
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
