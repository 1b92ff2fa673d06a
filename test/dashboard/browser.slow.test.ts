import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/index.js';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../helpers/chromium.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { type DashboardHost, startDashboardHost } from '../helpers/dashboard-host.js';

const executable = chromiumPath();
/** Below the time of a test, so that what fails is the step that hangs, by its name. */
const STEP_MS = 20_000;

let browser: { context: BrowserContext; close: () => Promise<void> } | undefined;
let host: DashboardHost;
let gateway: Gateway;

beforeAll(async () => {
  if (executable) browser = await launchChromium(executable);
  gateway = sampleGateway();
  await gateway.promoCodes.create({ code: 'HELLO', amount: '5' });
  host = await startDashboardHost(gateway, { topUpUrl: '/top-up', upgradeUrl: '/plans' });
});

afterAll(async () => {
  await browser?.close();
  await host.close();
  await gateway.close();
});

beforeEach((ctx) => {
  if (!executable) ctx.skip(NO_CHROMIUM);
});

/** Signs in and opens a page; whatever the browser complains about is collected. */
async function open(account: string, place = 'keys'): Promise<{ page: Page; complaints: string[] }> {
  if (!browser) throw new Error(NO_CHROMIUM);
  const page = await browser.context.newPage();
  page.setDefaultTimeout(STEP_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`${host.url}/login?as=${account}`);
  await page.goto(`${host.url}/dashboard#/${place}`);
  await page.locator('h1').waitFor();
  return { page, complaints };
}

async function createKey(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'Create key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await dialog.getByText('never shown again').waitFor();
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await dialog.getByText('Copied').waitFor();
  const key = await page.evaluate(() => navigator.clipboard.readText());
  await dialog.getByRole('button', { name: 'Done' }).click();
  return key;
}

function callGateway(key: string): Promise<Response> {
  return fetch(`${host.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
  });
}

describe('in a browser, under helmet', () => {
  test('a user makes a key, uses it, sees the usage arrive, redeems a code and revokes the key', async () => {
    const { page, complaints } = await open('alice');
    const key = await createKey(page, 'laptop');
    expect(key).toMatch(/^napi-[0-9A-Za-z]+$/);
    await page.getByRole('rowheader', { name: /laptop napi-.*…/ }).waitFor();
    expect(await page.content()).not.toContain(key);

    await page.getByRole('link', { name: 'Usage', exact: true }).click();
    await page.getByText('No usage in this range').first().waitFor();
    expect((await callGateway(key)).status).toBe(200);
    const row = page.getByRole('table', { name: 'Usage' }).getByRole('row', { name: /gpt-4o-mini/ });
    await row.waitFor();
    expect(await row.textContent()).toContain('$0.0005');
    await page.getByRole('slider').press('ArrowLeft');
    expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/: \$0\.0005/);
    await page.getByText('By key').click();
    await page
      .getByRole('table', { name: 'Usage' })
      .getByRole('row', { name: /laptop/ })
      .waitFor();
    const csv = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export CSV' }).click();
    expect((await csv).suggestedFilename()).toMatch(/^usage-.*\.csv$/);

    await page.getByRole('link', { name: 'Billing' }).click();
    await page.getByLabel('Promo code').fill('NOPE');
    await page.getByRole('button', { name: 'Redeem' }).click();
    await page.getByText('There is no such promo code.').waitFor();
    await page.getByLabel('Promo code').fill('HELLO');
    await page.getByRole('button', { name: 'Redeem' }).click();
    await page.getByText('Promo code redeemed. Your balance is $5.00.').waitFor();
    await page.getByRole('row', { name: /HELLO/ }).waitFor();

    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByRole('button', { name: 'Actions for laptop' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No API keys yet').waitFor();
    expect((await callGateway(key)).status).toBe(401);
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    await page.close();
  });

  test('a second account sees none of it', async () => {
    const { record } = await gateway.keys.create({ accountId: 'carol', name: 'carols-secret' });
    const { page } = await open('dave');
    await page.getByText('No API keys yet').waitFor();
    for (const place of ['usage', 'billing']) {
      await page.goto(`${host.url}/dashboard#/${place}`);
      await page
        .getByText(/No usage in this range|Nothing in this month/)
        .first()
        .waitFor();
    }
    const stolen = await page.evaluate(async (id) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"stolen"}' };
      return (await fetch(`/dashboard/api/keys/${id}`, init)).status;
    }, record.id);
    expect(stolen).toBe(404);
    expect(await page.content()).not.toContain('carols-secret');
    expect(await page.getByRole('link', { name: 'Operator' }).count()).toBe(0);
    await page.close();
  });

  test.each(['<img src=x onerror=alert(1)>', '</script><script>alert(1)</script>', '\u202Egnp.exe'])(
    'a key named %s is text',
    async (name) => {
      const { page, complaints } = await open('erin');
      await createKey(page, name);
      await page.getByRole('rowheader').getByText(name, { exact: true }).waitFor();
      await page.getByRole('button', { name: `Actions for ${name}` }).click();
      await page.getByRole('menuitem', { name: 'Edit' }).click();
      await page.getByRole('heading', { name: `Edit ${name}` }).waitFor();
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test('a key is renamed, limited and kept', async () => {
    await gateway.keys.create({ accountId: 'frank', name: 'first' });
    const { page } = await open('frank');
    await page.getByRole('button', { name: 'Actions for first' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('second');
    await dialog.getByLabel('Budget in USD').fill('2,50');
    await dialog.getByLabel('Per', { exact: true }).selectOption('day');
    await dialog.getByText('Only these').click();
    await dialog.getByLabel('gpt-4o-mini').check();
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('row', { name: /second.*\$2\.50 a day/ }).waitFor();
    const [key] = await gateway.keys.list('frank');
    expect(key).toMatchObject({ name: 'second', budget: { amount: '2.5', period: 'day' }, models: ['gpt-4o-mini'] });
    await page.close();
  });

  test('an operator’s day: find, adjust, grant, bound, suspend, annotate; make and disable a promo code', async () => {
    await gateway.accounts.setProfile('grace', { displayName: 'Grace H.', email: 'grace@example.com' });
    await gateway.keys.create({ accountId: 'grace', name: 'server', budget: { amount: '5', period: 'month' } });
    const { page, complaints } = await open('operator', 'operator');
    await page.getByLabel('Name, e-mail, id, key hint or request id').fill('grace@');
    await page.getByRole('link', { name: 'Grace H.' }).click();
    const adjust = page.locator('form').filter({ has: page.getByRole('heading', { name: 'Adjust balance' }) });
    await adjust.getByLabel('Amount in USD').fill('12.5');
    await adjust.getByLabel('Note').fill('goodwill');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('goodwill (by operator)').waitFor();
    await page.getByRole('combobox', { name: 'Plan' }).selectOption('pro');
    await page.getByRole('button', { name: 'Set plan' }).click();
    await page.getByText('Plan saved').waitFor();
    const grant = page.locator('form').filter({ has: page.getByRole('heading', { name: 'Grant credit' }) });
    await grant.getByLabel('Amount in USD').fill('3');
    await grant.getByRole('button').click();
    await page.getByText('Credit granted').waitFor();
    const budget = page.locator('form').filter({ has: page.getByRole('heading', { name: 'Budget' }) });
    await budget.getByLabel('Budget in USD').fill('9');
    await budget.getByRole('button').click();
    await page.getByText('Budget saved').waitFor();
    await page.getByRole('button', { name: 'Actions for server' }).click();
    await page.getByRole('menuitem', { name: 'Lock budget' }).click();
    await page.getByText('Key saved').waitFor();
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('Account suspended').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Account resumed').waitFor();
    expect(await gateway.accounts.get('grace')).toMatchObject({
      plan: 'pro',
      balance: '12.5',
      suspended: null,
      budget: { amount: '9', period: 'month' },
      grants: [{ left: '3' }],
    });
    expect(await gateway.keys.list('grace')).toMatchObject([{ lockedBudget: true }]);

    await page.getByRole('link', { name: 'Promo codes' }).click();
    await page.getByRole('button', { name: 'Create code' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Code').fill('SPRING');
    await dialog.getByLabel('Amount in USD').fill('3');
    await dialog.getByRole('button', { name: 'Create code' }).click();
    await page.getByRole('row', { name: /SPRING.*Live/ }).waitFor();
    await page.getByRole('button', { name: 'Actions for SPRING' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('row', { name: /SPRING.*Disabled/ }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the playground streams an answer with its cost, on the account’s own money', async () => {
    const { page, complaints } = await open('pat', 'playground');
    await page.getByLabel('Message').fill('Hi');
    await page.keyboard.press('Enter');
    await page.locator('.turn-assistant').getByText('Hello!').waitFor();
    await page.getByText(/1,000 in · 500 out · .* · cost \$0\.0/).waitFor();
    expect(await gateway.usage.events({ accountId: 'pat' })).toMatchObject([{ via: 'session' }]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('follows a link before its first frame', async () => {
    const { page } = await open('judy');
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('main')) return;
        observer.disconnect();
        location.hash = '#/billing';
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await page.getByRole('heading', { name: 'Billing' }).waitFor();
    await page.close();
  });

  test('speaks Chinese, and remembers it', async () => {
    const { page } = await open('heidi');
    await page.getByLabel('Language').selectOption('zh');
    await page.getByRole('heading', { name: 'API 密钥' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'API 密钥' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByLabel('语言').selectOption('en');
    await page.close();
  });

  test('is driven with the keyboard alone', async () => {
    const { page } = await open('ivan');
    // Anew: after a step from page to page the focus is on the heading.
    await page.reload();
    await page.getByRole('button', { name: 'Create key' }).first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.textContent === 'Create key');
    await page.close();
  });
});

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 380],
] as const)('in %s at %i px', (colorScheme, width) => {
  test('axe finds nothing serious and nothing is wider than the screen', async () => {
    const { page } = await open('operator');
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 860 });
    await gateway.keys.create({ accountId: 'operator', name: 'a key' });
    const places = [
      'home',
      'playground',
      'requests',
      'keys',
      'usage',
      'billing',
      'models',
      'quickstart',
      'operator/accounts',
      'operator/promo-codes',
    ];
    for (const place of [
      ...places,
      'operator/accounts/alice',
      'operator/requests',
      'operator/usage',
      'operator/health',
    ]) {
      await page.goto(`${host.url}/dashboard#/${place}`);
      await page.waitForFunction(() => document.querySelector('[aria-busy]') === null);
      expect(await seriousFindings(page), place).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${place} at ${width} px`).toBeLessThanOrEqual(0);
    }
    await page.goto(`${host.url}/dashboard#/keys`);
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('dialog').getByText('Only these').click();
    expect(await seriousFindings(page), 'dialog').toEqual([]);
    await page.close();
  }, 240_000);
});

/** Runs axe through the debugger, which the page's own content policy does not bind. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<axe.AxeResults> } }).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}
