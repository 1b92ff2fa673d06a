import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { recordSampleUsage, type SampleKey } from '../../scripts/sample-usage.js';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';

const LOGO = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')}`;
const store = memoryStore();
const gateway = sampleGateway(store);
const { url, open, callGateway } = dashboardBrowser(gateway, {
  topUpUrl: '/top-up',
  homeUrl: '/app',
  logoutUrl: '/logout',
  logo: LOGO,
  accent: '#7c3aed',
  messages: { de: { 'nav.keys': 'Schlüssel', 'keys.title': 'API-Schlüssel' } },
});

async function recordUsage(accountId: string, keys: readonly SampleKey[], days: number) {
  const prices = { 'gpt-4o': { input: 2.5, output: 10 }, 'gpt-4o-mini': { input: 0.15, output: 0.6 } };
  const { meter, requests } = store;
  await recordSampleUsage({ meter, requests, accountId, keys, prices, days, now: Date.now() });
}

/** The figure below a label. */
function stat(page: Page, label: string) {
  return page.locator('.stat').filter({ hasText: label }).first().locator('.stat-value');
}

test('numbers of one range never stand under another: they are dimmed until the new ones are there', async () => {
  const { record } = await gateway.keys.create({ accountId: 'ranger', name: 'server' });
  await recordUsage('ranger', [record], 80);
  const { page } = await open('ranger', 'usage');
  await settled(page);
  const before = await stat(page, 'Spend').textContent();
  const label = await page.getByRole('slider').getAttribute('aria-label');
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/usage\/report/, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByText('90 days').click();
  await page.locator('.stale[aria-busy=true]').waitFor();
  // What is shown is still the whole of the range before, its own label included.
  expect(await stat(page, 'Spend').textContent()).toBe(before);
  expect(await page.getByRole('slider').getAttribute('aria-label')).toBe(label);
  release();
  await settled(page);
  expect(await stat(page, 'Spend').textContent()).not.toBe(before);
  expect(await page.getByRole('slider').getAttribute('aria-label')).not.toBe(label);
  await page.close();
});

test('chart, table and totals of a selection agree, and the same spend stands on Home, Usage and Billing', async () => {
  const { key } = await gateway.keys.create({ accountId: 'agnes', name: 'server' });
  for (let index = 0; index < 3; index += 1) await callGateway(key);
  const { page } = await open('agnes', 'home');
  await settled(page);
  expect(await stat(page, 'Spent this month').textContent()).toBe('$0.0014');
  await page.goto(`${url()}/dashboard#/usage`);
  await settled(page);
  expect(await stat(page, 'Spend').textContent()).toBe('$0.0014');
  expect(await page.getByRole('slider').getAttribute('aria-label')).toContain('Total $0.0014');
  const row = page.getByRole('table', { name: 'Usage' }).getByRole('row', { name: /gpt-4o-mini/ });
  expect(await row.textContent()).toMatch(/3.*\$0\.0014.*100%/);
  await page.goto(`${url()}/dashboard#/billing`);
  await page.getByRole('row', { name: /3 requests.*-\$0\.0014/ }).waitFor();
  await page.close();
});

test('a thousand keys are searched, sorted and paged; what wants a look is said first', async () => {
  for (let index = 0; index < 1_000; index += 1)
    await gateway.keys.create({ accountId: 'thousand', name: `key-${String(index).padStart(4, '0')}` });
  const { page } = await open('thousand', 'keys');
  await page.getByText('Live keys: 1,000').waitFor();
  await page.getByText('1–50 of 1,000').waitFor();
  expect(await page.getByRole('rowheader').count()).toBe(50);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('51–100 of 1,000').waitFor();
  await page.getByRole('button', { name: 'Name' }).click();
  await page.getByRole('rowheader', { name: /key-0000/ }).waitFor();
  await page.getByLabel('Search keys').fill('key-0777');
  await page.getByRole('link', { name: 'key-0777' }).click();
  await page.getByRole('heading', { name: 'key-0777' }).waitFor();
  await page.goBack();
  await page.getByLabel('Search keys').waitFor();
  expect(await page.getByLabel('Search keys').inputValue()).toBe('key-0777');
  await page.close();
});

test('a metered account reads of its plan what is so: no balance that pays, and limits that refuse', async () => {
  await gateway.keys.create({ accountId: 'metered', name: 'server' });
  const { page } = await open('metered', 'billing');
  await settled(page);
  const text = (await page.locator('main').textContent()) ?? '';
  expect(text).not.toMatch(/never refused|paid from the balance/);
  expect(text).toContain('20 requests per minute');
  expect(await page.getByRole('link', { name: 'Add credit' }).count()).toBe(0);
  expect(text).not.toContain('Your balance');
  await gateway.credits.topUp({ accountId: 'metered', amount: '5', idempotencyKey: 'before' });
  await page.reload();
  await page.getByText('Your balance of $5.00 is kept for a plan that is paid from it.').waitFor();
  await page.goto(`${url()}/dashboard#/home`);
  await settled(page);
  await page.getByText('Metered: no balance is needed').waitFor();
  expect(await page.getByRole('link', { name: 'Add credit' }).count()).toBe(0);
  await page.close();
});

test('a key for chosen models needs one of them, and is not made without', async () => {
  const { page } = await open('chooser', 'keys');
  await page.getByRole('button', { name: 'Create key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('narrow');
  await dialog.getByText('Only these').click();
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByText('Choose at least one model.').waitFor();
  expect(await gateway.keys.list('chooser')).toEqual([]);
  await dialog.getByRole('checkbox').first().check();
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Your new key').waitFor();
  await page.close();
});

test('a low balance is said on Home, with the way to pay', async () => {
  await gateway.accounts.setPlan('lowe', 'pro');
  await gateway.credits.topUp({ accountId: 'lowe', amount: '0.4', idempotencyKey: 'x' });
  const { page } = await open('lowe', 'home');
  await page.getByText('Only $0.40 left').waitFor();
  expect(await page.getByRole('link', { name: 'Add credit' }).first().getAttribute('href')).toBe('/top-up');
  await page.close();
});

test('a budget that the operator has locked is shown, and can not be removed', async () => {
  const { record } = await gateway.keys.create({
    accountId: 'bound',
    name: 'server',
    budget: { amount: '50', period: 'month' },
    lockedBudget: true,
  });
  const { page } = await open('bound', `keys/${record.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByText('The operator has set this budget.').waitFor();
  expect(await page.getByRole('dialog').getByLabel('Budget in USD').count()).toBe(0);
  const status = await page.evaluate(async (id) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify({ budget: null }) };
    return (await fetch(`/dashboard/api/keys/${id}`, init)).status;
  }, record.id);
  expect(status).toBe(403);
  await page.close();
});

test('history is a row a day, each with its requests on demand; every other movement has its own', async () => {
  await gateway.accounts.setPlan('daily', 'pro');
  await gateway.credits.topUp({ accountId: 'daily', amount: '50', idempotencyKey: 'x', note: 'Card ending 4242' });
  const { key } = await gateway.keys.create({ accountId: 'daily', name: 'server' });
  for (let index = 0; index < 4; index += 1) await callGateway(key);
  const { page } = await open('daily', 'billing');
  const day = page.getByRole('row', { name: /4 requests/ });
  await day.waitFor();
  await page.getByRole('row', { name: /Card ending 4242.*\$50\.00/ }).waitFor();
  await day.getByRole('link', { name: '4 requests' }).click();
  await page.getByRole('table', { name: 'Requests' }).waitFor();
  expect(await page.getByRole('table', { name: 'Requests' }).getByRole('rowheader').count()).toBe(4);
  await page.close();
});

test('failed and refused requests are in the list, are filtered, and are told in words', async () => {
  const { key } = await gateway.keys.create({ accountId: 'failing', name: 'server', models: ['gpt-4o-mini'] });
  await callGateway(key);
  await fetch(`${url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  const { page } = await open('failing', 'requests');
  await page.getByRole('row', { name: /200 OK/ }).waitFor();
  await page.getByLabel('Status').selectOption('failed');
  await page.getByRole('row', { name: /403/ }).waitFor();
  await page.getByRole('row', { name: /200 OK/ }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /403/ }).getByRole('link').click();
  await page.getByText('403 model not allowed').first().waitFor();
  await page.close();
});

test('when the session ends while the page is open nothing of it is shown any more', async () => {
  await gateway.keys.create({ accountId: 'gone', name: 'secret-name' });
  const { page } = await open('gone', 'keys');
  await page.getByText('secret-name').waitFor();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Usage', exact: true }).click();
  await page.getByText('You are signed out').waitFor();
  expect(await page.locator('main').textContent()).not.toContain('secret-name');
  await page.close();
});

test('what was said of one page is gone on the next', async () => {
  await gateway.promoCodes.create({ code: 'TOAST', amount: '1' });
  const { page } = await open('toaster', 'billing');
  await page.getByLabel('Promo code').fill(' toast ');
  await page.getByRole('button', { name: 'Redeem' }).click();
  await page.getByText('Promo code redeemed').waitFor();
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('heading', { name: 'Models' }).waitFor();
  expect(await page.getByText('Promo code redeemed').count()).toBe(0);
  await page.close();
});

test('the host’s own logo, color, ways out and languages are there', async () => {
  const { page, complaints } = await open('guest', 'keys');
  await settled(page);
  expect(await page.getByRole('link', { name: 'Sign out' }).getAttribute('href')).toBe('/logout');
  expect(await page.getByTitle('Back to the app').getAttribute('href')).toBe('/app');
  expect(await page.locator('.brand image').getAttribute('href')).toBe(LOGO);
  const accent = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent'));
  expect((await accent()).trim()).toBe('#7c3aed');
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('heading', { name: 'API-Schlüssel' }).waitFor();
  await page.getByLabel('Language').selectOption('en');
  expect(complaints).toEqual([]);
  await page.close();
});

test('at 380 px every page is reached, Operator too', async () => {
  const { page } = await open('operator', 'home');
  await page.setViewportSize({ width: 380, height: 860 });
  await page.getByRole('button', { name: 'Home' }).click();
  const link = page.getByRole('link', { name: 'Operator' });
  const box = await link.boundingBox();
  expect(box && box.x >= 0 && box.x + box.width <= 380).toBe(true);
  await link.click();
  await page.getByText('All targets answer').waitFor();
  for (const name of ['Overview', 'Accounts', 'Requests', 'Promo codes', 'Usage', 'Health', 'Exports']) {
    const tab = await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name }).boundingBox();
    expect(tab && tab.x + tab.width <= 380, name).toBe(true);
  }
  await page.close();
});

test('writes are taken behind a proxy that replaces the host, as nginx does by default', async () => {
  const proxy = createServer((incoming, outgoing) => {
    const options = { method: incoming.method, headers: { ...incoming.headers, host: 'internal:3000' } };
    const passed = send(`${url()}${incoming.url}`, options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const outside = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { page } = await open('proxied', 'keys');
  await page.goto(`${outside}/login?as=proxied`);
  await page.goto(`${outside}/dashboard#/keys`);
  await page.getByRole('button', { name: 'Create key' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('behind nginx');
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  await page.getByText('never shown again').waitFor();
  await page.close();
  await new Promise<void>((resolve) => {
    proxy.close(() => resolve());
    proxy.closeAllConnections();
  });
});
