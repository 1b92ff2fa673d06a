import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';

const SIGNED_OUT = 'You are signed out';
const DAY_MS = 86_400_000;
const gateway = sampleGateway();
const { url, open } = dashboardBrowser(gateway, { loginUrl: '/signed-out' });

/** Signs somebody in in another tab of the same browser, or out where nobody is named. */
async function signInElsewhere(page: Page, account?: string): Promise<void> {
  const tab = await page.context().newPage();
  if (account === undefined) await page.context().clearCookies();
  else await tab.goto(`${url()}/login?as=${account}`);
  await tab.close();
}

async function fillKey(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Create key' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill(name);
}

async function createKey(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
}

test('when somebody else signs in in another tab, a page shows nothing of theirs and writes nothing to it', async () => {
  await gateway.keys.create({ accountId: 'ada', name: 'key of ada' });
  await gateway.keys.create({ accountId: 'bea', name: 'key of bea' });
  const { page } = await open('ada', 'keys');
  await page.getByText('key of ada').waitFor();
  await fillKey(page, 'made by ada');
  await signInElsewhere(page, 'bea');
  await createKey(page);
  await page.getByText(SIGNED_OUT).waitFor();
  expect((await gateway.keys.list('bea')).map(({ name }) => name)).toEqual(['key of bea']);
  expect(await page.content()).not.toContain('key of bea');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('key of bea').waitFor();
  expect(await page.content()).not.toContain('key of ada');
  await page.close();
});

test('a file is not saved of somebody else who signed in in another tab, and the page says that its session has ended', async () => {
  await gateway.credits.topUp({ accountId: 'gus', amount: '3', idempotencyKey: 'gus-1' });
  await gateway.credits.topUp({ accountId: 'hal', amount: '8', idempotencyKey: 'hal-1' });
  const { page } = await open('gus', 'billing');
  const file = async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).first().click(),
    ]);
    const path = await download.path().catch(() => undefined);
    return path === undefined ? '' : readFileSync(path, 'utf8');
  };
  await page.getByRole('row', { name: /\+\$3\.00/ }).waitFor();
  expect(await file()).toContain(',3,');
  await signInElsewhere(page, 'hal');
  expect(await file()).not.toContain(',8,');
  await page.getByText(SIGNED_OUT).waitFor();
  await page.close();
});

test('an id of any characters is said by the page and taken by the API', async () => {
  const account = 'ada 名 😀/"?#&';
  await gateway.keys.create({ accountId: account, name: 'her own' });
  const { page, complaints } = await open(encodeURIComponent(account), 'keys');
  await page.getByText('her own').waitFor();
  await fillKey(page, 'second');
  await createKey(page);
  await page.getByText('never shown again').waitFor();
  expect((await gateway.keys.list(account)).map(({ name }) => name)).toEqual(['second', 'her own']);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a host that answers without a session with its login page is understood, by reads, writes and chats', async () => {
  const toLogin = (page: Page, pattern: RegExp) =>
    page.route(pattern, (route) => route.fulfill({ status: 302, headers: { location: '/login?as=' } }));
  for (const place of ['home', 'usage']) {
    const { page } = await open('cara', 'quickstart');
    await toLogin(page, /dashboard\/api\//);
    await page.goto(`${url()}/dashboard#/${place}`);
    await page.getByText(SIGNED_OUT).waitFor();
    await page.close();
  }
  const { page } = await open('cara', 'playground');
  await settled(page);
  await page.context().clearCookies();
  await page.getByLabel('Message').fill('Hello?');
  await page.getByLabel('Message').press('Enter');
  await page.getByText(SIGNED_OUT).waitFor();
  await page.close();
});

test('a page that the browser had kept for Back looks at once whether its session still runs', async () => {
  await gateway.keys.create({ accountId: 'dora', name: 'key of dora' });
  const { page } = await open('dora', 'quickstart');
  await settled(page);
  await signInElsewhere(page);
  // Browsers that are driven keep no pages: this is the event that the others send.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await page.getByText(SIGNED_OUT).waitFor();
  await page.close();
});

test('Back after signing out leads to the login page, not to what was on show', async () => {
  await gateway.keys.create({ accountId: 'emma', name: 'key of emma' });
  const { page } = await open('emma', 'keys');
  await page.getByText('key of emma').waitFor();
  await page.context().clearCookies();
  await page.goto(`${url()}/login?as=`);
  await page.goBack();
  await page.waitForURL(/signed-out/);
  expect(await page.content()).not.toContain('key of emma');
  await page.close();
});

test('a suspended account still sees what it has, and is refused in words where it would spend', async () => {
  await gateway.accounts.setPlan('fay', 'pro');
  await gateway.credits.topUp({ accountId: 'fay', amount: '7', idempotencyKey: 'x' });
  await gateway.keys.create({ accountId: 'fay', name: 'key of fay' });
  await gateway.accounts.suspend('fay', { reason: 'charge-back' });
  const { page } = await open('fay', 'home');
  await page.getByText('$7.00').first().waitFor();
  await page.goto(`${url()}/dashboard#/playground`);
  await settled(page);
  await page.getByLabel('Message').fill('Hello?');
  await page.getByLabel('Message').press('Enter');
  await page.locator('.turn [role=alert]').getByText('The account is suspended.').waitFor();
  expect(await gateway.usage.events({ accountId: 'fay' })).toEqual([]);
  expect(await page.getByText(SIGNED_OUT).count()).toBe(0);
  await page.close();
});

test.each([3 * DAY_MS, -3 * DAY_MS])(
  'a clock of the visitor that is off by %i ms changes nothing that is shown',
  async (off) => {
    const accountId = `clock${off}`;
    const expiresAt = new Date(Date.now() + DAY_MS);
    const { record } = await gateway.keys.create({ accountId, name: 'short', expiresAt });
    const { page } = await open(accountId, 'quickstart');
    await page.addInitScript((ms) => {
      const { now } = Date;
      const began = performance.timeOrigin;
      Date.now = () => now() + ms;
      Object.defineProperty(performance, 'timeOrigin', { value: began + ms });
    }, off);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto('about:blank');
    await page.goto(`${url()}/dashboard#/keys/${record.id}`);
    await settled(page);
    expect(await page.getByText('Expired').count()).toBe(0);
    const today = new Date().toISOString().slice(0, 10);
    const tomorrow = new Date(Date.parse(today) + DAY_MS).toISOString();
    const reports = asked.filter((address) => address.includes('usage/report'));
    expect(reports.map((address) => new URL(address).searchParams.get('to'))).toEqual([tomorrow]);
    await page.close();
  },
);
