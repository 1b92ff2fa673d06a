import Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stripeBilling } from '../../src/stripe/index.js';
import { type FakeStripe, fakeStripe } from '../../src/testing/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { fromCookie } from '../helpers/dashboard-host.js';
import { dashboardBrowser, settled } from './browser.js';
import { keyboardOf } from './keyboard.js';

const gateway = sampleGateway();
let billing: ReturnType<typeof stripeBilling> | undefined;
const mounts = {
  '/billing': {
    handle: (request: Parameters<NonNullable<typeof billing>['handle']>[0]) => {
      if (!billing) throw new Error('billing is not there yet');
      return billing.handle(request);
    },
  },
};
const { url, open } = dashboardBrowser(gateway, { billing: '/billing' }, mounts);
let api: FakeStripe;

beforeAll(async () => {
  api = await fakeStripe({ webhookUrl: `${url()}/billing/webhook` });
  api.put('price', { id: 'price_pro', unit_amount: 2_000, currency: 'usd', recurring: { interval: 'month' } });
  billing = stripeBilling({
    gateway,
    stripe: new Stripe('sk_test_fake', api.options),
    webhookSecret: api.webhookSecret,
    authenticate: async (request) => {
      const caller = await fromCookie(request);
      return typeof caller === 'string' ? caller : (caller?.accountId ?? null);
    },
    packs: ['10', '25'],
    plans: { price_pro: 'pro' },
    autoReload: true,
    returnUrl: '/dashboard/billing',
  });
});
afterAll(async () => {
  billing?.close();
  await api.close();
});

/** The figure below a label. */
const figure = (page: Awaited<ReturnType<typeof open>>['page'], label: string) =>
  page.locator('.stat').filter({ hasText: label }).first().locator('.stat-value');

test('credit is bought: the buttons lead to Stripe’s page and back, and the page says that the payment has arrived', async () => {
  await gateway.accounts.setPlan('ada', 'pro');
  const { page, complaints } = await open('ada', 'billing');
  await page.getByRole('button', { name: 'Add $25.00' }).click();
  await page.getByRole('heading', { name: 'Stand-in for Stripe' }).waitFor();
  expect(api.all('checkout.session').at(-1)).toMatchObject({ client_reference_id: 'ada', mode: 'payment' });
  await page.getByRole('button', { name: 'Pay' }).click();
  await page.getByText('The payment has arrived').waitFor();
  expect(page.url()).toBe(`${url()}/dashboard/#/billing`);
  expect(await figure(page, 'Balance').textContent()).toBe('$25.00');
  await page.getByRole('row', { name: /Top-up.*\+\$25\.00/ }).waitFor();
  await page
    .getByRole('table', { name: 'Receipts' })
    .getByRole('row', { name: /\$25\.00/ })
    .waitFor();
  await page.getByText('Visa ending in 4242').first().waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test('a payment that is canceled changes nothing, and the page says what would have shown up', async () => {
  await gateway.accounts.setPlan('bob', 'pro');
  const { page, complaints } = await open('bob', 'billing');
  await page.getByRole('button', { name: 'Add $10.00' }).click();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByText(/Back from Stripe\./).waitFor();
  expect(await figure(page, 'Balance').textContent()).toBe('$0.00');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText(/Back from Stripe\./).waitFor({ state: 'detached' });
  await page.reload();
  await settled(page);
  expect(await page.getByText(/Back from Stripe\./).count()).toBe(0);
  await page.getByRole('button', { name: 'Add $10.00' }).click();
  await page.getByRole('heading', { name: 'Stand-in for Stripe' }).waitFor();
  await page.goBack();
  await settled(page);
  expect(await page.getByRole('button', { name: 'Add $10.00' }).isEnabled()).toBe(true);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a plan is subscribed to with the keyboard, and the portal is a button away', async () => {
  const { page, complaints } = await open('eve', 'billing');
  await settled(page);
  const keys = keyboardOf(page);
  await keys.use('Choose pro');
  await page.getByRole('heading', { name: 'Stand-in for Stripe' }).waitFor();
  await keys.use('Pay');
  await page.getByText('The payment has arrived').waitFor();
  expect(await gateway.accounts.get('eve')).toMatchObject({ plan: 'pro' });
  await page.getByText('Your plan', { exact: true }).waitFor();
  await page.getByText(/^Renews on /).waitFor();
  await keys.use('Cards and invoices');
  await page.getByRole('heading', { name: /customer portal/ }).waitFor();
  await page.getByRole('link', { name: 'Back' }).click();
  await settled(page);
  await page.getByRole('heading', { name: 'Billing' }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test('auto-reload is turned on within its bounds and off again, by somebody who has paid once', async () => {
  const { page } = await open('ada', 'billing');
  await settled(page);
  await page.getByLabel('When the balance is below').fill('5');
  await page.getByLabel('Add each time').fill('1');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.locator('.field-error').first().waitFor();
  await page.getByLabel('Add each time').fill('25');
  await page.getByLabel('At most per day').fill('50');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('Auto-reload is on.').waitFor();
  expect(await gateway.accounts.get('ada')).toMatchObject({ id: 'ada' });
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByText('Auto-reload is off.').waitFor();
  await page.close();
});

test('when somebody else signs in in another tab, Billing neither opens Stripe for them nor shows their payments', async () => {
  for (const [name, plan] of [
    ['Add $25.00', 'pro'],
    ['Choose pro', 'free'],
  ] as const) {
    await gateway.accounts.setPlan('ned', plan);
    const { page } = await open('ned', 'billing');
    await page.getByRole('button', { name }).waitFor();
    const before = api.all('checkout.session').length;
    const tab = await page.context().newPage();
    await tab.goto(`${url()}/login?as=oda`);
    await tab.close();
    await page.getByRole('button', { name }).click();
    await page.getByText('You are signed out').waitFor();
    expect(api.all('checkout.session')).toHaveLength(before);
    expect(api.all('customer').filter(({ metadata }) => JSON.stringify(metadata).includes('oda'))).toEqual([]);
    await page.close();
  }
});

test('an account on a metered plan is offered plans, and no credit that its plan would never take', async () => {
  await gateway.accounts.setPlan('meg', 'free');
  const { page } = await open('meg', 'billing');
  await page.getByRole('button', { name: 'Choose pro' }).waitFor();
  expect(await page.getByRole('button', { name: /^Add \$/ }).count()).toBe(0);
  expect(await page.getByRole('heading', { name: 'Auto-reload' }).count()).toBe(0);
  await page.close();
});

test('an account sees its own payments alone', async () => {
  const { page } = await open('mallory', 'billing');
  await settled(page);
  expect(await page.getByRole('table', { name: 'Receipts' }).count()).toBe(0);
  expect(await page.getByText('Visa ending in 4242').count()).toBe(0);
  await page.close();
});
