import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGateway, openai } from '../../src/index.js';
import { type FakeAnswer, fakeUpstream, gate } from '../../src/testing/index.js';
import { dashboardBrowser, settled } from './browser.js';

const upstream = await fakeUpstream();
afterAll(() => upstream.close());

const price = { input: 1, output: 2 };
const gateway = createGateway({
  providers: { openai: openai(upstream.openai) },
  models: {
    'a-vector': { provider: 'openai', price, capabilities: { output: ['embeddings'] } },
    'b-picture': { provider: 'openai', price, capabilities: { output: ['image'] } },
    'c-whisper': { provider: 'openai', price, capabilities: { input: ['audio'], output: ['text'] } },
    'd-chat': { provider: 'openai', price },
  },
  plans: { pro: { models: '*', billing: 'prepaid' } },
  defaultPlan: 'pro',
  requestLog: {},
  // Streams that are broken off are told as errors of the provider, which they are here.
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
const { url, open } = dashboardBrowser(gateway);

beforeAll(async () => {
  for (const accountId of ['stopper', 'leaver', 'reader', 'loser', 'waiter', 'chooser'])
    await gateway.credits.topUp({ accountId, amount: '10', idempotencyKey: accountId });
});

/** Opens the playground and asks; the request that the provider received. */
async function askAs(account: string, answer: FakeAnswer) {
  const { page, complaints } = await open(account, 'playground');
  await settled(page);
  upstream.answer(answer);
  await page.getByLabel('Message').fill('Hello?');
  await page.getByLabel('Message').press('Enter');
  return { page, complaints, received: await upstream.received() };
}

/** What the account was charged for, once it has been. */
async function charged(accountId: string) {
  await expect.poll(() => gateway.usage.events({ accountId })).toHaveLength(1);
  const [event] = await gateway.usage.events({ accountId });
  return event;
}

/** An answer that has begun, and goes on only when it is let. */
function halfAnswer() {
  const rest = gate();
  return { rest, answer: { text: ['The beginning ', rest, 'and the end.'] } satisfies FakeAnswer };
}

/** Waits until a model has said this. */
async function said(page: Page, text: string): Promise<void> {
  await page.locator('.turn-text').getByText(text).waitFor();
}

async function lastTurn(page: Page): Promise<string> {
  return (await page.locator('.turn').last().textContent()) ?? '';
}

test('Stop ends the answer at the provider, too: what has come stays, and alone is paid', async () => {
  const { answer, rest } = halfAnswer();
  const { page, received } = await askAs('stopper', answer);
  await said(page, 'The beginning');
  await page.getByRole('button', { name: 'Stop' }).click();
  expect(await received.ended).toBe('aborted');
  rest.open();
  await page.getByText('Stopped').waitFor();
  expect(await lastTurn(page)).not.toContain('and the end');
  expect(await charged('stopper')).toMatchObject({ outcome: 'aborted' });
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await page.close();
});

test('leaving the page for another ends the answer', async () => {
  const { answer, rest } = halfAnswer();
  const { page, received } = await askAs('leaver', answer);
  await said(page, 'The beginning');
  await page.getByRole('link', { name: 'Usage', exact: true }).click();
  expect(await received.ended).toBe('aborted');
  rest.open();
  expect(await charged('leaver')).toMatchObject({ outcome: 'aborted' });
  await page.close();
});

test('what a model writes is text: no markup of it becomes an element, and no script runs', async () => {
  const text = '**bold** <img src=x onerror=alert(1)> <script>alert(2)</script> [x](javascript:alert(3))';
  const { page, complaints } = await askAs('reader', { text });
  await page.getByText(/first token/).waitFor();
  expect(await page.locator('.turn-text').last().textContent()).toBe(text);
  expect(await page.locator('.turns img, .turns script, .turns a').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.close();
});

test('an answer that breaks off says so below what has come, and the next question leaves it out', async () => {
  const { answer, rest } = halfAnswer();
  const { page } = await askAs('loser', { ...answer, resetAfterBytes: 700 });
  rest.open();
  await page.locator('.turn [role=alert]').waitFor();
  upstream.answer({ text: 'Again.' });
  await page.getByLabel('Message').fill('And now?');
  await page.getByLabel('Message').press('Enter');
  await said(page, 'Again.');
  expect((await upstream.received()).text).not.toContain('The beginning');
  await page.close();
});

test('while nothing has come the page says that it waits, and takes no second question', async () => {
  const before = gate();
  const { page } = await askAs('waiter', { before, text: 'At last.' });
  await page.locator('.turn').last().getByText('Waiting').waitFor();
  await page.getByLabel('Message').fill('Another?');
  await page.getByLabel('Message').press('Enter');
  before.open();
  await said(page, 'At last.');
  expect(await page.locator('.turn').count()).toBe(2);
  expect(await page.getByLabel('Message').inputValue()).toBe('Another?');
  await page.close();
});

test('only models that answer text with text are asked, in Playground, Quickstart and Models', async () => {
  const { page } = await open('chooser', 'playground');
  await settled(page);
  expect(await page.getByLabel('Model', { exact: true }).locator('option').allTextContents()).toEqual(['d-chat']);
  await page.goto(`${url()}/dashboard#/quickstart`);
  await page.getByText('"model": "d-chat"').waitFor();
  await page.goto(`${url()}/dashboard#/models`);
  await settled(page);
  expect(await page.locator('tbody tr').count()).toBe(4);
  const links = await page.locator('tbody a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(links).toEqual(['#/playground?model=d-chat', '#/quickstart?model=d-chat']);
  await page.close();
});
