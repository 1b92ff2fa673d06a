import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser } from './browser.js';

const gateway = sampleGateway();
const { url, open, callGateway } = dashboardBrowser(gateway, { topUpUrl: '/top-up', upgradeUrl: '/plans' });

beforeAll(async () => {
  await gateway.promoCodes.create({ code: 'HELLO', amount: '5' });
});

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
      await page.goto(`${url()}/dashboard#/${place}`);
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

  test.each([
    ['<img src=x onerror=alert(1)>'],
    ['</script><script>alert(1)</script>'],
    ['\u202Egnp.exe', '\u2068gnp.exe\u2069'],
  ])('a key named %s is text', async (name, inSentences = name) => {
    const { page, complaints } = await open('erin');
    await createKey(page, name);
    await page.getByRole('rowheader').getByText(name, { exact: true }).waitFor();
    await page.getByRole('button', { name: `Actions for ${inSentences}` }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByRole('heading', { name: `Edit ${inSentences}` }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

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
});
