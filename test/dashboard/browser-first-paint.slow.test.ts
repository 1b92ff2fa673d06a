import { beforeAll, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';

const gateway = sampleGateway();
const { url, open, callGateway } = dashboardBrowser(gateway);

const TAKEN_SOON = { timeout: 10_000 };

const PLACES = [
  ...['home', 'playground', 'requests', 'requests?status=failed&day=2026-11-21', 'keys', 'billing', 'models'],
  ...['usage', 'usage?range=year&by=key', 'usage?by=endUser', 'usage?by=tag%3Ateam', 'usage?by=tag%3A', 'quickstart'],
  ...['operator', 'operator/overview?range=day', 'operator/requests', 'operator/usage', 'operator/usage?by=model'],
  ...['operator/accounts', 'operator/accounts/operator', 'operator/health', 'operator/promo-codes', 'operator/exports'],
];

beforeAll(async () => {
  const { key, record } = await gateway.keys.create({ accountId: 'operator', name: 'server' });
  const id = (await callGateway(key)).headers.get('x-request-id') ?? '';
  PLACES.push(`keys/${record.id}`, `requests/${id}`, `operator/requests/${id}`);
});

test('a cold load asks for the data of its page while the script is loaded, and for each of it once', async () => {
  const { page, complaints } = await open('operator');
  for (const place of PLACES) {
    const asked: string[] = [];
    const listen = (request: { url: () => string }) => {
      if (request.url().includes('/dashboard/api/')) asked.push(request.url());
    };
    await page.goto('about:blank');
    page.on('request', listen);
    await page.goto(`${url()}/dashboard#/${place}`);
    await page.locator('h1').waitFor();
    // The page takes them once it is drawn, which may be a moment later.
    await page.waitForFunction(() => globalThis.dashboardReads?.size === 0, undefined, TAKEN_SOON).catch(() => {});
    await settled(page);
    page.off('request', listen);
    const early = await page.evaluate(() => globalThis.dashboardReads?.size);
    expect([place, early], 'every early answer is one that the page wanted').toEqual([place, 0]);
    expect([place, asked.length]).toEqual([place, new Set(asked).size]);
  }
  expect(complaints).toEqual([]);
  await page.close();
}, 240_000);

test('the data are asked for while the script of the page is still on its way', async () => {
  const { page } = await open('operator', 'quickstart');
  await page.goto('about:blank');
  const asked = page.waitForRequest(/\/api\/home$/);
  await page.route(/\/app\.[0-9a-f]+\.js$/, async (route) => {
    await asked;
    await route.continue();
  });
  await page.goto(`${url()}/dashboard#/home`);
  await settled(page);
  await page.close();
});
