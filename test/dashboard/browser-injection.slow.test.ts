import { readFile } from 'node:fs/promises';
import Database from 'libsql';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createGateway } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { recordOf } from '../helpers/request-records.js';
import { settlementOf } from '../helpers/settlements.js';
import { dashboardBrowser, settled } from './browser.js';

/** What somebody may write into a name. A spreadsheet runs its start, a page that trusts it the rest. */
const evil = (name: string) => `=1+1|"'><img src=x onerror=alert(1)><script>alert(2)</script>${name}`;
const [MODEL, KEY, USER, TAG, NOTE] = ['model', 'key', 'user', 'tag', 'note'].map(evil) as [
  string,
  string,
  string,
  string,
  string,
];
const NAME = evil('name');
const EMAIL = `"<svg onload=alert(3)>"@example.com`;
const ACCOUNT = 'victim';

const store = sqliteStore(new Database(':memory:'));
const gateway = createGateway({
  providers: { echo: echoProvider() },
  models: {
    [MODEL]: { provider: 'echo', price: { input: 1, output: 2 }, displayName: NAME, description: NOTE },
  },
  plans: { pro: { models: '*', billing: 'prepaid' } },
  defaultPlan: 'pro',
  store,
  requestLog: {},
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
const { url, open } = dashboardBrowser(gateway);
let keyId = '';

beforeAll(async () => {
  for (const accountId of [ACCOUNT, 'operator']) {
    await gateway.credits.topUp({ accountId, amount: '10', idempotencyKey: NOTE, note: NOTE });
    const { record } = await gateway.keys.create({ accountId, name: KEY, models: [MODEL] });
    const used = { accountId, keyId: record.id, at: Date.now() - 1_000, model: MODEL };
    const tags = { [TAG]: TAG };
    await store.meter.settle(settlementOf(`req_${accountId}`, { ...used, endUser: USER, tags, upstreamModel: MODEL }));
    const failed = { status: 502, code: 'upstream_error', message: NOTE, outcome: null };
    const attempt = {
      ...{ provider: 'echo', model: MODEL, durationMs: 1, status: 400 },
      fault: 'bad_request',
    } as const;
    const attempts = [{ ...attempt, message: NOTE, providerRequestId: NOTE }];
    await store.requests.append([
      recordOf(`req_${accountId}`, { ...used, ...failed, endUser: USER, tags, attempts, dropped: [NOTE] }),
    ]);
    if (accountId === ACCOUNT) keyId = record.id;
  }
  await gateway.accounts.setProfile(ACCOUNT, { displayName: NAME, email: EMAIL, note: NOTE });
  await gateway.sessions.create({ accountId: ACCOUNT, ttl: '1h', endUser: USER });
  await gateway.accounts.suspend(ACCOUNT, { reason: NOTE });
  await gateway.credits.grant({ accountId: ACCOUNT, amount: '1', idempotencyKey: 'x', reason: NOTE });
  await gateway.promoCodes.create({ code: evil('CODE').slice(0, 100), amount: '1' });
  await gateway.changes.record({
    operator: NAME,
    action: NOTE,
    accountId: ACCOUNT,
    subject: KEY,
    details: { x: NOTE },
  });
});

/** Nothing of a name has become an element, and none has run. */
async function expectTextAlone(page: Page, place: string): Promise<void> {
  const made = await page.evaluate(
    () => document.querySelectorAll('main img, main script, main [onerror], main [onload], main svg[onload]').length,
  );
  expect(made, place).toBe(0);
}

const byTag = `usage?by=${encodeURIComponent(`tag:${TAG}`)}`;
const encoded = (text: string) => encodeURIComponent(text);

test('names, notes, tags and models are text on every page of an account', async () => {
  const { page, complaints } = await open(ACCOUNT, 'home');
  const places: Readonly<Record<string, readonly string[]>> = {
    home: [MODEL, KEY],
    playground: [MODEL],
    requests: [MODEL, KEY],
    [`requests?model=${encoded(MODEL)}`]: [MODEL],
    [`requests/req_${ACCOUNT}`]: [MODEL, NOTE, USER],
    keys: [KEY, USER],
    [`keys/${keyId}`]: [KEY, MODEL],
    usage: [MODEL],
    'usage?by=key': [KEY],
    'usage?by=endUser': [USER],
    [byTag]: [TAG],
    billing: [NOTE],
    models: [MODEL],
    quickstart: [MODEL],
    [`requests/${encoded(NOTE)}`]: [],
    [`keys?search=${encoded(NOTE)}`]: [],
  };
  for (const [place, shown] of Object.entries(places)) {
    await page.goto('about:blank');
    await page.goto(`${url()}/dashboard#/${place}`);
    await settled(page);
    for (const text of shown) expect(await page.locator('main').textContent(), place).toContain(text);
    await expectTextAlone(page, place);
  }
  expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
  await page.close();
}, 240_000);

test('they are text on every page of an operator', async () => {
  const { page, complaints } = await open('operator', 'operator/overview');
  const places: Readonly<Record<string, readonly string[]>> = {
    'operator/overview': [MODEL, NAME],
    'operator/accounts': [NAME, EMAIL],
    [`operator/accounts/${ACCOUNT}`]: [NAME, EMAIL, KEY, NOTE, MODEL],
    [`operator/accounts?search=${encoded(NAME)}`]: [NAME],
    'operator/requests': [MODEL, NAME],
    [`operator/requests/req_${ACCOUNT}`]: [MODEL, NOTE, USER],
    'operator/promo-codes': [evil('CODE').slice(0, 100).toUpperCase().trim()],
    'operator/usage': [NAME],
    'operator/usage?by=model': [MODEL],
    'operator/usage?by=endUser': [USER],
    [`operator/${byTag}`]: [TAG],
    'operator/health': [MODEL],
    'operator/audit': [NAME, NOTE, KEY],
    'operator/exports': [],
  };
  for (const [place, shown] of Object.entries(places)) {
    await page.goto('about:blank');
    await page.goto(`${url()}/dashboard#/${place}`);
    await settled(page);
    for (const text of shown) expect(await page.locator('main').textContent(), place).toContain(text);
    await expectTextAlone(page, place);
  }
  expect(complaints).toEqual([]);
  await page.close();
}, 240_000);

test('no cell of a file begins like a formula', async () => {
  const { page } = await open('operator', 'operator/accounts');
  const files = [
    ...['requests', 'usage', 'operator/accounts', `operator/accounts/${ACCOUNT}`, 'operator/requests'],
    ...['operator/promo-codes', 'operator/usage', 'operator/health', 'operator/audit'],
  ];
  for (const place of files) {
    await page.goto('about:blank');
    await page.goto(`${url()}/dashboard#/${place}`);
    await settled(page);
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).first().click();
    const file = await readFile(await (await saved).path(), 'utf8');
    // Whichever of these a spreadsheet takes for the separator, and whether it minds quotes or not.
    const cells = file.split(/[,;|\t\r\n]/).map((cell) => cell.replace(/^"+/, ''));
    expect(
      cells.filter((cell) => /^\s*=/.test(cell)),
      place,
    ).toEqual([]);
    expect(file, place).toMatch(/'=1\+1/);
  }
  await page.close();
}, 240_000);
