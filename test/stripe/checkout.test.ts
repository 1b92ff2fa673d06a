import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loggedErrors } from '../helpers/test-logger.js';
import { type BillingSite, billingSite, deliverAll } from './billing-site.js';

let site: BillingSite;
beforeEach(async () => {
  site = await billingSite();
});
afterEach(() => site.close());

describe('buying credit', () => {
  test('a pack is paid on Stripe, and credited once whatever event comes first and however often', async () => {
    const { events } = await site.buy('ada', '25');
    expect(await site.balance('ada')).toBe('0');
    await deliverAll(site, [...events, ...events.toReversed(), ...events]);
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
    await deliverAll(site, site.api.pay(String(site.api.all('checkout.session').at(-1)?.id)));
    expect((await site.gateway.accounts.get('ada')).plan).toBe('pro');
    expect(site.api.get('cus_host')).toMatchObject({ metadata: { crm: '7', metask_account: 'ada' } });
  });

  test('a payment in another currency is not credited, and logged', async () => {
    const { events, payment } = await site.buy('ada', '25');
    site.api.change(payment, { currency: 'jpy' });
    await deliverAll(site, events);
    expect(await site.balance('ada')).toBe('0');
    expect(JSON.stringify(site.logs)).toContain('jpy');
    expect(new Set(loggedErrors())).toEqual(new Set(['a payment was not credited: balances are in USD']));
  });

  test('the amount is what Stripe received, whatever metadata says', async () => {
    const { events, payment } = await site.buy('ada', '25');
    const { metadata } = site.api.get(payment);
    site.api.change(payment, { amount_received: 500, metadata: { ...(metadata as object), amount: '9999' } });
    await deliverAll(site, events);
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
