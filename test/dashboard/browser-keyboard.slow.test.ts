import { expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';
import { keyboardOf } from './keyboard.js';

const gateway = sampleGateway();
const { url, open, callGateway } = dashboardBrowser(gateway, { topUpUrl: '/top-up' });

async function openWithKeys(account: string, place: string) {
  const { page } = await open(account, place);
  // Anew: after a step from page to page the focus is on the heading.
  await page.reload();
  await settled(page);
  return { page, keys: keyboardOf(page) };
}

test('a key is made, edited, rotated, turned off and revoked', async () => {
  const { page, keys } = await openWithKeys('ivan', 'keys');
  await keys.press('Tab');
  await keys.hasFocus('Skip to content');
  await keys.press('Enter');
  await keys.use('Create key');
  await page.getByRole('dialog').waitFor();
  await keys.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keys.hasFocus('Create key');
  await keys.press('Enter');
  await keys.write('Name', 'laptop');
  await keys.write('Budget in USD', '5');
  await keys.tabTo('All models of the plan');
  await keys.press('ArrowRight');
  await keys.tabTo('gpt-4o-mini');
  await keys.press('Space');
  await keys.write('Notes', 'team = search');
  await keys.use('Create key');
  await page.getByText('never shown again').waitFor();
  await keys.use('Done');
  await keys.hasFocus('Create key');
  expect(await gateway.keys.list('ivan')).toMatchObject([
    { name: 'laptop', budget: { amount: '5' }, models: ['gpt-4o-mini'], metadata: { team: 'search' } },
  ]);

  await keys.use('Actions for laptop');
  await keys.press('Escape');
  await keys.hasFocus('Actions for laptop');
  await keys.press('Enter');
  await keys.press('Enter');
  await keys.write('Name', 'desktop');
  await keys.use('Save changes');
  await keys.hasFocus('Actions for desktop');

  await keys.press('Enter');
  await keys.press('ArrowDown');
  await keys.press('Enter');
  await page.getByRole('heading', { name: 'Rotate desktop' }).waitFor();
  await keys.use('Rotate');
  await page.getByText('never shown again').waitFor();
  await keys.use('Done');
  await expect.poll(async () => (await gateway.keys.list('ivan')).length).toBe(2);

  await page.reload();
  await settled(page);
  await keys.use('Actions for desktop');
  await keys.press('ArrowDown');
  await keys.press('ArrowDown');
  await keys.press('Enter');
  await page.getByText('Key turned off').waitFor();
  await keys.hasFocus('Actions for desktop');
  await keys.press('Enter');
  await keys.press('ArrowUp');
  await keys.press('Enter');
  await page.getByRole('heading', { name: 'Revoke this key?' }).waitFor();
  await keys.use('Revoke');
  await page.getByText('Key revoked').waitFor();
  await keys.hasFocus('API keys');
  expect((await gateway.keys.list('ivan')).filter(({ revokedAt }) => revokedAt)).toHaveLength(1);
  await page.close();
});

test('a session token is ended, and the focus is not lost with its button', async () => {
  await gateway.sessions.create({ accountId: 'sue', ttl: '1h', endUser: 'visitor_7' });
  const { page, keys } = await openWithKeys('sue', 'keys');
  await keys.use(/^End napi-/);
  await page.getByText('Session token ended').waitFor();
  await keys.hasFocus('API keys');
  await page.close();
});

test('usage is ranged, grouped and read; a request is found and opened; a code is redeemed', async () => {
  await gateway.promoCodes.create({ code: 'KEYS', amount: '5' });
  const { key } = await gateway.keys.create({ accountId: 'kate', name: 'server' });
  const id = (await callGateway(key)).headers.get('x-request-id') ?? '';
  const { page, keys } = await openWithKeys('kate', 'usage');
  await keys.tabTo('30 days');
  await keys.press('ArrowLeft');
  await keys.tabTo('By model');
  await keys.press('ArrowRight');
  await page
    .getByRole('row', { name: /server/ })
    .first()
    .waitFor();
  await keys.tabTo('Cost');
  await keys.tabTo(/^Cost from/);
  await keys.press('ArrowLeft');
  expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toMatch(/: \$0\.0005/);

  await page.goto(`${url()}/dashboard#/requests`);
  await settled(page);
  await page.reload();
  await settled(page);
  await keys.write(/^Find|id/i, id);
  await keys.press('Enter');
  await page.getByRole('heading', { name: 'Request', exact: false }).first().waitFor();
  await page.getByText(id).waitFor();
  await keys.use('Requests');

  await page.goto(`${url()}/dashboard#/billing`);
  await settled(page);
  await keys.write('Promo code', 'KEYS');
  await keys.press('Enter');
  await page.getByText('Promo code redeemed').waitFor();
  await page.close();
});

test('two models are asked in the playground, and the answer is taken as code', async () => {
  await gateway.accounts.setPlan('pia', 'pro');
  await gateway.credits.topUp({ accountId: 'pia', amount: '5', idempotencyKey: 'x' });
  const { page, keys } = await openWithKeys('pia', 'playground');
  await keys.use('Compare two models');
  await keys.write('Message', 'Say "hi"');
  await keys.press('Enter');
  await page.locator('.turn-assistant').getByText('Hello!').nth(1).waitFor();
  await page.reload();
  await settled(page);
  await keys.write('Message', 'Say "hi"');
  await keys.press('Enter');
  await page.locator('.turn-assistant').getByText('Hello!').nth(1).waitFor();
  await keys.use('View code');
  await keys.tabTo('curl');
  await keys.press('ArrowRight');
  await keys.press('ArrowRight');
  await page.getByText('import os').waitFor();
  expect(await page.locator('pre').textContent()).toContain('"content": "Say \\"hi\\""');
  await page.close();
});

test('language and theme are chosen, and at 380 px the pages are behind a button', async () => {
  const { page, keys } = await openWithKeys('lee', 'home');
  await keys.tabTo('Language');
  await keys.press('ArrowDown');
  await page.getByRole('heading', { name: '首页' }).waitFor();
  await keys.press('ArrowUp');
  await page.getByRole('heading', { name: 'Home' }).waitFor();
  await keys.tabTo('Theme');
  await keys.press('ArrowDown');
  await keys.press('ArrowDown');
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
  await page.setViewportSize({ width: 380, height: 860 });
  await page.reload();
  await settled(page);
  await keys.use('Home');
  await keys.use('Models');
  await page.getByRole('heading', { name: 'Models' }).waitFor();
  await keys.hasFocus('Models');
  await keys.write('Search models', 'nothing');
  await page.getByText('No models found').waitFor();
  await page.close();
});

test('an operator finds an account, changes it and makes a promo code', async () => {
  await gateway.accounts.setProfile('gina', { displayName: 'Gina' });
  const { page, keys } = await openWithKeys('operator', 'operator/accounts');
  await keys.write(/^Name, e-mail/, 'gina');
  await page.getByRole('link', { name: 'Gina' }).waitFor();
  await keys.use('Gina');
  await page.getByRole('heading', { name: 'Adjust balance' }).waitFor();
  await keys.write('Amount in USD', '7');
  await keys.write('Note', 'sorry');
  await keys.use('Apply');
  await page.getByText('sorry (by operator)').waitFor();
  await keys.use('Suspend');
  await page.getByText('Account suspended').waitFor();
  await keys.use('Resume');
  await page.getByText('Account resumed').waitFor();
  expect(await gateway.accounts.get('gina')).toMatchObject({ balance: '7', suspended: null });

  await page.goto(`${url()}/dashboard#/operator/promo-codes`);
  await settled(page);
  await page.reload();
  await settled(page);
  await keys.use('Create code');
  await keys.write('Code', 'TYPED');
  await keys.write('Amount in USD', '3');
  await keys.press('Enter');
  await page.getByRole('row', { name: /TYPED.*Live/ }).waitFor();
  await keys.hasFocus('Create code');
  await keys.use('Actions for TYPED');
  await keys.press('Enter');
  await keys.use('Disable');
  await page.getByRole('row', { name: /TYPED.*Disabled/ }).waitFor();
  await page.close();
});
