import { readFile } from 'node:fs/promises';
import Database from 'libsql';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';

const SEARCH = 'Name, e-mail, id, key hint or request id';
const gateway = sampleGateway(sqliteStore(new Database(':memory:')));
const { url, open, callGateway } = dashboardBrowser(gateway, { topUpUrl: '/top-up' });

/** An account with a key, and money where its plan needs it. */
async function customer(accountId: string, { topUp = '10' } = {}) {
  await gateway.accounts.setProfile(accountId, { displayName: `${accountId} Ltd.`, email: `${accountId}@example.com` });
  await gateway.accounts.setPlan(accountId, 'pro');
  await gateway.credits.topUp({ accountId, amount: topUp, idempotencyKey: `${accountId}-1`, note: 'Card ending 4242' });
  return gateway.keys.create({ accountId, name: 'server' });
}

function formOf(page: Page, heading: string) {
  return page.locator('form').filter({ has: page.getByRole('heading', { name: heading }) });
}

async function download(page: Page, name: string): Promise<string> {
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name }).click();
  return readFile(await (await saved).path(), 'utf8');
}

test('an operator’s day: find, adjust, grant, bound, suspend, annotate; make and disable a promo code', async () => {
  await gateway.accounts.setProfile('grace', { displayName: 'Grace H.', email: 'grace@example.com' });
  await gateway.keys.create({ accountId: 'grace', name: 'server', budget: { amount: '5', period: 'month' } });
  const { page, complaints } = await open('operator', 'operator/accounts');
  await page.getByLabel(SEARCH).fill('grace@');
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
  await page.getByText('server · budget locked').waitFor();
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
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('row', { name: /SPRING.*Disabled/ }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test('why did the request with this x-request-id fail? Its id leads to it, in words and with every attempt', async () => {
  const { key } = await customer('refused');
  const response = await fetch(`${url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-99', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  const id = response.headers.get('x-request-id') ?? '';
  const { page } = await open('operator', 'operator/accounts');
  await page.getByLabel(SEARCH).fill(id);
  await page.getByRole('link', { name: `Request ${id}` }).click();
  await page.getByText('404 unknown model').first().waitFor();
  await page
    .getByText(/gpt-99/)
    .first()
    .waitFor();
  await page.getByText('refused', { exact: true }).waitFor();
  await page.close();
});

test('a request is refunded by its id, once; the money is back and the reason is in the history', async () => {
  const { key } = await customer('unlucky');
  const id = (await callGateway(key)).headers.get('x-request-id') ?? '';
  expect(await gateway.accounts.get('unlucky')).toMatchObject({ balance: '9.99955' });
  const { page } = await open('operator', 'operator/accounts/unlucky');
  const refund = formOf(page, 'Refund a request');
  await refund.getByLabel('Request id').fill(id);
  await refund.getByLabel('Reason').fill('broken answer');
  await refund.getByRole('button').click();
  await page.getByText('broken answer (by operator)').waitFor();
  expect(await gateway.accounts.get('unlucky')).toMatchObject({ balance: '10' });
  await refund.getByLabel('Request id').fill(id);
  await refund.getByRole('button').click();
  await refund.getByText(/refunded before/).waitFor();
  await page.close();
});

test('more is taken than there is only as far as it goes, and the form says why', async () => {
  await customer('chargeback', { topUp: '5' });
  const { page } = await open('operator', 'operator/accounts/chargeback');
  const adjust = formOf(page, 'Adjust balance');
  await adjust.getByLabel('Amount in USD').fill('-9');
  await adjust.getByRole('button').click();
  await adjust
    .getByText(/balance/)
    .first()
    .waitFor();
  await adjust.getByLabel('Amount in USD').fill('-4,5');
  await adjust.getByRole('button').click();
  await page.getByText('Balance adjusted').waitFor();
  expect(await gateway.accounts.get('chargeback')).toMatchObject({ balance: '0.5' });
  await page.close();
});

test('a note is kept for operators, and the account never sees it', async () => {
  await customer('noted');
  const { page } = await open('operator', 'operator/accounts/noted');
  const note = formOf(page, 'Note');
  await note.getByLabel('Note').fill('calls on Mondays');
  await note.getByRole('button').click();
  await page.getByText('Note saved').waitFor();
  await page.reload();
  await settled(page);
  expect(await formOf(page, 'Note').getByLabel('Note').inputValue()).toBe('calls on Mondays');
  const own = await open('noted', 'home');
  await settled(own.page);
  expect(await own.page.content()).not.toContain('Mondays');
  await own.page.close();
  await page.close();
});

test('a suspended account is refused at once, a budget caps it, and its key is revoked for it', async () => {
  const { key } = await customer('abuser');
  const { page } = await open('operator', 'operator/accounts/abuser');
  await formOf(page, 'Suspend').getByLabel('Reason').fill('spam');
  await page.getByRole('button', { name: 'Suspend' }).click();
  await page.getByText('spam (by operator)').waitFor();
  expect((await callGateway(key)).status).toBe(403);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Account resumed').waitFor();
  expect((await callGateway(key)).status).toBe(200);
  const budget = formOf(page, 'Budget');
  await budget.getByLabel(/Budget in USD/).fill('0.0001');
  await budget.getByRole('button').click();
  await page.getByText('Budget saved').waitFor();
  // The one that uses it up; from then on nothing is left.
  await callGateway(key);
  expect((await callGateway(key)).status).toBe(403);
  await formOf(page, 'Budget')
    .getByLabel(/Budget in USD/)
    .fill('');
  await formOf(page, 'Budget').getByRole('button').click();
  await page.getByText('Budget saved').nth(1).waitFor();
  expect((await callGateway(key)).status).toBe(200);
  await page.getByRole('button', { name: 'Actions for server' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  expect((await callGateway(key)).status).toBe(200);
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('Key revoked').waitFor();
  expect((await callGateway(key)).status).toBe(401);
  await page.close();
});

test('the overview says whether the service is well and earns; who spends most is a click away', async () => {
  const { key } = await customer('spender');
  await callGateway(key);
  const { page, complaints } = await open('operator', 'operator');
  await page.getByText('All targets answer').waitFor();
  await page
    .getByRole('table', { name: 'Models' })
    .getByRole('row', { name: /gpt-4o-mini/ })
    .waitFor();
  await page
    .getByRole('table', { name: 'Targets' })
    .getByRole('row', { name: /openai\/gpt-4o-mini/ })
    .waitFor();
  await page.getByRole('link', { name: 'spender Ltd.' }).click();
  await page.getByText('spender@example.com').waitFor();
  await page.goto(`${url()}/dashboard#/operator/usage`);
  await page.getByRole('table', { name: 'Usage' }).getByRole('link', { name: 'spender Ltd.' }).waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test('finance gets margin by month, movements of all accounts, and the health of targets as files', async () => {
  const { key } = await customer('booked');
  await callGateway(key);
  const month = new Date().toISOString().slice(0, 7);
  const { page } = await open('operator', 'operator/exports');
  const margin = await download(page, 'Export CSV: Revenue and margin');
  expect(margin.split('\r\n')[0]).toBe(
    'month,account,model,requests,input_tokens,output_tokens,revenue_usd,provider_cost_usd,margin_usd',
  );
  expect(margin).toContain(`${month},booked,gpt-4o-mini,1,1000,500,0.00045,`);
  expect(await download(page, 'Export CSV: Movements')).toMatch(/booked,.*,top_up,10,Card ending 4242,booked-1/);
  await page.goto(`${url()}/dashboard#/operator/accounts/booked`);
  await settled(page);
  expect(await download(page, 'Export CSV')).toMatch(/^account,date,type.*\r\nbooked,/);
  await page.goto(`${url()}/dashboard#/operator/health`);
  await settled(page);
  expect(await download(page, 'Export CSV')).toMatch(/\r\ntarget,openai\/gpt-4o-mini,closed,\d/);
  await page.close();
});

test('a leaked promo code is withdrawn: nobody can redeem it any more', async () => {
  await gateway.promoCodes.create({ code: 'LEAKED', amount: '50' });
  const { page } = await open('operator', 'operator/promo-codes');
  await page.getByRole('button', { name: 'Actions for LEAKED' }).click();
  await page.getByRole('menuitem', { name: 'Disable' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Nobody can redeem LEAKED any more.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('row', { name: /LEAKED.*Live/ }).waitFor();
  await page.getByRole('button', { name: 'Actions for LEAKED' }).click();
  await page.getByRole('menuitem', { name: 'Disable' }).click();
  await dialog.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('row', { name: /LEAKED.*Disabled/ }).waitFor();
  const user = await open('hunter', 'billing');
  await user.page.getByLabel('Promo code').fill('leaked');
  await user.page.getByRole('button', { name: 'Redeem' }).click();
  await user.page.getByText('This promo code is no longer valid.').waitFor();
  await user.page.close();
  await page.close();
});

test('an account is erased once its id is typed', async () => {
  await customer('leaver');
  const { page } = await open('operator', 'operator/accounts/leaver');
  await page.getByText('Erase account').first().click();
  const erase = formOf(page, 'Erase account');
  await erase.getByLabel('Type leaver to confirm').fill('leave');
  await erase.getByRole('button').click();
  await erase.getByText("confirm must repeat the account's id.").waitFor();
  await erase.getByLabel('Type leaver to confirm').fill('leaver');
  await erase.getByRole('button').click();
  await page.getByLabel(SEARCH).waitFor();
  await expect(gateway.accounts.get('leaver')).rejects.toThrow('There is no such account.');
  await page.close();
});

test('a target is tested in Health, an account’s limits stand on its page, and the audit log is a file of Exports', async () => {
  await customer('vera');
  const { page, complaints } = await open('operator', 'operator/health');
  await page.getByRole('button', { name: 'Test openai/gpt-4o', exact: true }).click();
  const tested = page.getByRole('row').filter({ hasText: 'Answered in' });
  await tested.waitFor();
  expect(await tested.textContent()).toContain('openai/gpt-4o');
  await page.goto(`${url()}/dashboard#/operator/accounts/vera`);
  await page.getByText('600 of 600 left').waitFor();
  await page.goto(`${url()}/dashboard#/operator/exports`);
  expect(await download(page, 'Export CSV: Audit log')).toContain('operator,target.test,,openai/gpt-4o');
  expect(complaints).toEqual([]);
  await page.close();
});

test('a model leads to the code of its first request, in the language that the address names', async () => {
  await gateway.accounts.setPlan('nils', 'pro');
  const { page } = await open('nils', 'models?search=haiku');
  await page.getByRole('link', { name: 'Code claude-haiku-4-5' }).click();
  await page.getByText('"model": "claude-haiku-4-5"').waitFor();
  await page.getByText('Python', { exact: true }).click();
  await page.getByText('model="claude-haiku-4-5"').waitFor();
  expect(page.url()).toContain('#/quickstart?model=claude-haiku-4-5&for=python');
  await page.close();
});
