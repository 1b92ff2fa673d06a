import { readFile } from 'node:fs/promises';
import Database from 'libsql';
import type { Page } from 'playwright-core';
import { afterAll, expect, test, vi } from 'vitest';
import { createGateway, openai } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { fakeUpstream } from '../../src/testing/index.js';
import { fromCookie } from '../helpers/dashboard-host.js';
import { dashboardBrowser, settled } from './browser.js';

// Several pages of a browser each, and a gateway behind them.
vi.setConfig({ testTimeout: 120_000 });

/** The provider's keys that the provider takes, and the one that the host's secrets hold. */
const accepted = new Set(['Bearer first']);
const secret = { providerKey: 'first' };
const upstream = await fakeUpstream({
  answer: ({ headers }) =>
    accepted.has(headers.authorization ?? '') ? { usage: { input: 1_000, output: 500 } } : { status: 401 },
});
afterAll(() => upstream.close());

const MODELS = { 'gpt-4o-mini': { provider: 'openai', price: { input: 1, output: 2 } } } as const;
const gateway = createGateway({
  providers: { openai: openai({ baseURL: upstream.openai.baseURL, apiKey: () => secret.providerKey }) },
  models: MODELS,
  plans: {
    pro: { models: '*', billing: 'prepaid', limits: { requestsPerMinute: 600 } },
    trial: { models: ['gpt-4o-mini'], billing: 'prepaid' },
  },
  defaultPlan: 'pro',
  store: sqliteStore(new Database(':memory:')),
  requestLog: {},
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
const { url, open, callGateway } = dashboardBrowser(gateway, {
  authenticate: (request) => {
    const identity = fromCookie(request);
    return identity === 'night-shift' ? { accountId: identity, role: 'admin' } : identity;
  },
});

async function customer(accountId: string) {
  await gateway.credits.topUp({ accountId, amount: '10', idempotencyKey: accountId });
  return gateway.keys.create({ accountId, name: 'server' });
}

async function go(page: Page, place: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`${url()}/dashboard#/${place}`);
  await settled(page);
}

/** The figure below a label. */
async function stat(page: Page, label: string): Promise<string | null> {
  return page.locator('.stat').filter({ hasText: label }).first().locator('.stat-value').textContent();
}

test('a request leads its owner to the key and the operator to the account, by name', async () => {
  const { key, record } = await customer('linked');
  const id = (await callGateway(key)).headers.get('x-request-id') ?? '';
  const own = await open('linked', `requests/${id}`);
  await own.page.getByRole('link', { name: 'server' }).click();
  await own.page.getByRole('heading', { name: 'server' }).waitFor();
  expect(own.page.url()).toBe(`${url()}/dashboard#/keys/${record.id}`);
  await own.page.close();
  const { page } = await open('operator', `operator/requests/${id}`);
  await page.getByText('server', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'linked', exact: true }).click();
  await page.getByText('Adjust balance').waitFor();
  expect(page.url()).toBe(`${url()}/dashboard#/operator/accounts/linked`);
  await page.close();
});

test('a model is added and a price is changed without a restart: pages show both, and what was charged stays', async () => {
  const { key } = await customer('priced');
  const before = (await callGateway(key)).headers.get('x-request-id') ?? '';
  const { page, complaints } = await open('priced', 'models');
  await settled(page);
  expect(await page.locator('main tbody tr').count()).toBe(1);
  await gateway.configure({
    models: {
      'gpt-4o-mini': { provider: 'openai', price: { input: 10, output: 20 } },
      'gpt-next': { provider: 'openai', price: { input: 4, output: 8 } },
    },
  });
  await go(page, 'models');
  await page.getByRole('row', { name: /gpt-4o-mini.*\$10\.00.*\$20\.00/ }).waitFor();
  await page.getByRole('row', { name: /gpt-next.*\$4\.00.*\$8\.00/ }).waitFor();
  const after = (await callGateway(key)).headers.get('x-request-id') ?? '';
  await go(page, `requests/${before}`);
  await page.getByText('$0.0020').first().waitFor();
  await go(page, `requests/${after}`);
  await page.getByText('$0.020').first().waitFor();
  const operator = await open('operator', 'operator/requests');
  await settled(operator.page);
  const options = await operator.page.getByLabel('Model').locator('option').allTextContents();
  expect(options).toEqual(expect.arrayContaining(['gpt-4o-mini', 'gpt-next']));
  await gateway.configure({ models: MODELS });
  expect(complaints).toEqual([]);
  await operator.page.close();
  await page.close();
});

test('a leaked key of a provider is replaced while requests go on, and none of them fails', async () => {
  const { key } = await customer('steady');
  expect((await callGateway(key)).status).toBe(200);
  accepted.add('Bearer second');
  secret.providerKey = 'second';
  expect((await callGateway(key)).status).toBe(200);
  accepted.delete('Bearer first');
  expect((await callGateway(key)).status).toBe(200);
  const { page } = await open('operator', 'operator/requests?accountId=steady&status=failed');
  await page.getByText('No request fits').waitFor();
  await go(page, 'operator/requests?accountId=steady');
  expect(await page.locator('main tbody tr').count()).toBe(3);
  await page.close();
});

test('a key that the provider refuses is said by its name, until another one is there', async () => {
  const { key } = await customer('refused');
  const [known] = accepted;
  accepted.clear();
  expect((await callGateway(key)).status).toBeGreaterThanOrEqual(500);
  const { page } = await open('operator', 'operator/requests?accountId=refused&status=failed');
  await settled(page);
  await page.locator('main tbody th a, main tbody td a').first().click();
  await page
    .getByText(/credential refused/)
    .first()
    .waitFor();
  accepted.add(known ?? '');
  expect((await callGateway(key)).status).toBe(200);
  await go(page, 'operator/requests?accountId=refused');
  expect(await page.getByText('200 OK').count()).toBe(1);
  await page.close();
});

test('who changed the plan, and who revoked the key? Both operators stand in the audit log, and in its file', async () => {
  const { record } = await customer('audited');
  const day = await open('operator', 'operator/accounts/audited');
  await day.page.getByRole('combobox', { name: 'Plan' }).selectOption('trial');
  await day.page.getByRole('button', { name: 'Set plan' }).click();
  await day.page.getByText('Plan saved').waitFor();
  await day.page.close();
  const night = await open('night-shift', 'operator/accounts/audited');
  await night.page.getByRole('button', { name: 'Actions for server' }).click();
  await night.page.getByRole('menuitem', { name: 'Revoke' }).click();
  await night.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await night.page.getByText('Key revoked').waitFor();
  expect(await gateway.keys.find(record.id)).toMatchObject({ revokedAt: expect.any(Date) });
  await night.page.getByRole('row', { name: /Set plan.*trial.*operator/ }).waitFor();
  await night.page.getByRole('row', { name: /Revoked key.*server.*night-shift/ }).waitFor();
  await night.page.getByRole('link', { name: 'See all' }).click();
  await night.page.getByRole('row', { name: /Revoked key.*audited.*server.*night-shift/ }).waitFor();
  const saved = night.page.waitForEvent('download');
  await night.page.getByRole('link', { name: 'Export CSV' }).click();
  const file = await readFile(await (await saved).path(), 'utf8');
  expect(file.split('\r\n').map((line) => line.split(',').slice(1, 4).join(','))).toEqual([
    'operator,action,account',
    'night-shift,key.revoke,audited',
    'operator,account.plan,audited',
    '',
  ]);
  const own = await open('audited', 'home');
  await settled(own.page);
  expect(await own.page.content()).not.toContain('night-shift');
  await own.page.close();
  await night.page.close();
});

test('an operator sees of an account what it sees itself: what is left, spend, requests and keys', async () => {
  const { key } = await customer('viewed');
  for (let i = 0; i < 3; i += 1) await callGateway(key);
  const own = await open('viewed', 'home');
  await settled(own.page);
  const left = await stat(own.page, 'Left to spend');
  await go(own.page, 'usage');
  const [spend, requests] = [await stat(own.page, 'Spend'), await stat(own.page, 'Requests')];
  expect([left, requests]).toEqual(['$9.99', '3']);
  const { page } = await open('operator', 'operator/accounts/viewed');
  await settled(page);
  expect(await stat(page, 'Left to spend')).toBe(left);
  const usage = page.locator('.stats').last();
  expect(await usage.locator('.stat-value').allTextContents()).toEqual(expect.arrayContaining([spend, requests]));
  await page.getByRole('row', { name: /^server/ }).waitFor();
  await page.close();
  await own.page.close();
});
