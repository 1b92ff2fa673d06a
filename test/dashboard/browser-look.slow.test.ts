import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, seriousFindings, settled } from './browser.js';

const gateway = sampleGateway();
const { url, open, callGateway } = dashboardBrowser(gateway, { topUpUrl: '/top-up' });

const PLACES = [
  ...['home', 'playground', 'requests', 'keys', 'usage', 'billing', 'models', 'quickstart'],
  ...['operator/overview', 'operator/accounts', 'operator/accounts/operator', 'operator/requests'],
  ...['operator/promo-codes', 'operator/usage', 'operator/health', 'operator/audit', 'operator/exports'],
];
/** The largest budget that a form takes. */
const MOST = { amount: '999999999', period: 'total' } as const;
/** All that a dark page does not share with a light one. */
const COLORS = ['color-contrast', 'link-in-text-block'];

beforeAll(async () => {
  const accountId = 'operator';
  await gateway.accounts.setPlan(accountId, 'pro');
  await gateway.credits.topUp({ accountId, amount: '20', idempotencyKey: 'x', note: 'Card ending 4242' });
  const { key, record } = await gateway.keys.create({
    accountId,
    name: 'server',
    budget: { amount: '5', period: 'day' },
  });
  PLACES.push(`keys/${record.id}`);
  await gateway.keys.create({ accountId, name: `a-long-name-${'x'.repeat(80)}`, models: ['gpt-4o-mini'] });
  const widest = await gateway.keys.create({ accountId, name: 'W'.repeat(100), budget: MOST });
  PLACES.push(`keys/${widest.record.id}`);
  await gateway.accounts.setProfile(accountId, { displayName: 'W'.repeat(60), email: `${'w'.repeat(60)}@example.com` });
  await gateway.credits.topUp({ accountId, amount: '900000000', idempotencyKey: 'y', note: 'W'.repeat(100) });
  await gateway.credits.grant({ accountId, amount: '5', idempotencyKey: 'z', reason: 'W'.repeat(100) });
  await gateway.sessions.create({ accountId, ttl: '1h', endUser: 'visitor_7' });
  await gateway.promoCodes.create({ code: 'WELCOME', amount: '5' });
  const details = { budget: { amount: '5', period: 'day' }, lockedBudget: true };
  await gateway.changes.record({ operator: 'jun', action: 'key.update', accountId, subject: record.name, details });
  const id = (await callGateway(key)).headers.get('x-request-id') ?? '';
  await callGateway(key);
  PLACES.push(`requests/${id}`);
});

describe.each(['en', 'zh'])('in %s', (language) => {
  test('axe finds nothing serious, and nothing is wider than the screen, on every page, in both themes and widths', async () => {
    const { page, complaints } = await open('operator');
    await page.evaluate((chosen) => {
      localStorage.setItem('ai-gateway-dashboard', JSON.stringify({ language: chosen, theme: 'system' }));
    }, language);
    await page.reload();
    for (const place of PLACES) {
      await page.goto(`${url()}/dashboard#/${place}`);
      await settled(page);
      await look(page, place);
    }
    await page.goto(`${url()}/dashboard#/keys`);
    await settled(page);
    await page.locator('.page-actions button').first().click();
    await page.getByRole('dialog').locator('.segment').nth(1).click();
    await look(page, 'the dialog of a new key');
    expect(complaints).toEqual([]);
    await page.close();
  }, 240_000);
});

async function look(page: Page, place: string): Promise<void> {
  for (const width of [1280, 380]) {
    await page.setViewportSize({ width, height: 860 });
    for (const colorScheme of ['light', 'dark'] as const) {
      // Without motion, or colors on their way from one theme to the other are measured.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const found = await seriousFindings(page, colorScheme === 'dark' ? COLORS : undefined);
      expect(found, `${place}, ${colorScheme}, ${width} px`).toEqual([]);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${place} at ${width} px`).toBeLessThanOrEqual(0);
    expect(await page.evaluate(widestTable), `tables of ${place} at ${width} px`).toBeLessThanOrEqual(1);
  }
}

/** By how many pixels a table stands out of what holds it. */
function widestTable(): number {
  const beyond = [...document.querySelectorAll('table')].map((table) => {
    const holder = table.parentElement ?? table;
    return Math.max(
      table.scrollWidth - holder.clientWidth,
      table.getBoundingClientRect().right - holder.getBoundingClientRect().right,
    );
  });
  return Math.max(0, ...beyond);
}

describe('other media', () => {
  test('on paper stands what a page says, without navigation and buttons', async () => {
    const { page } = await open('operator', 'billing');
    // All pages share what the browser keeps: another test may have chosen another language.
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await settled(page);
    await page.emulateMedia({ media: 'print' });
    for (const name of ['Billing', 'History']) expect(await page.getByRole('heading', { name }).isVisible()).toBe(true);
    expect(await page.getByRole('navigation').filter({ visible: true }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Export CSV' }).isVisible()).toBe(false);
    await page.close();
  });

  test('where the system chooses the colors, the page that is shown, what is chosen and how much is used still stand out', async () => {
    const { page } = await open('operator', 'operator/usage');
    await settled(page);
    await page.emulateMedia({ forcedColors: 'active' });
    const outlines = await page
      .locator('.nav a[aria-current], .tabs a[aria-current], .segment-on')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).outlineStyle));
    expect(outlines.length).toBeGreaterThan(3);
    expect(new Set(outlines)).toEqual(new Set(['solid']));
    const colors = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((one) => getComputedStyle(one).backgroundColor);
    const canvas = await colors('body');
    expect(await colors('.dot')).not.toBe(canvas);
    await page.goto(`${url()}/dashboard#/home`);
    await settled(page);
    expect(await colors('.bar i')).not.toBe(canvas);
    await page.close();
  });
});
