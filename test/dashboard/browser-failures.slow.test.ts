import type { Locator, Page, Route } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';

const gateway = sampleGateway();
const { url, open, callGateway } = dashboardBrowser(gateway);
const API = /\/dashboard\/api\//;

/** Every page that reads something before it can show anything. */
const PLACES = [
  ...['home', 'playground', 'requests', 'keys', 'usage', 'billing', 'models', 'quickstart'],
  ...['operator/overview', 'operator/accounts', 'operator/accounts/operator', 'operator/requests'],
  ...['operator/promo-codes', 'operator/usage', 'operator/health'],
];
let requestId = '';

beforeAll(async () => {
  const accountId = 'operator';
  await gateway.accounts.setPlan(accountId, 'pro');
  await gateway.credits.topUp({ accountId, amount: '20', idempotencyKey: 'x' });
  const { key, record } = await gateway.keys.create({ accountId, name: 'server' });
  requestId = (await callGateway(key)).headers.get('x-request-id') ?? '';
  PLACES.push(`keys/${record.id}`, `requests/${requestId}`, `operator/requests/${requestId}`);
});

function refuse(status: number, code: string) {
  const json = { error: { message: `Refused with ${status}.`, type: 'x', param: null, code } };
  return (route: Route) => route.fulfill({ status, json });
}

const FAILURES = [
  ['a 500', refuse(500, 'internal_error'), 'Refused with 500.'],
  ['a 429', refuse(429, 'rate_limit_exceeded'), 'Too many attempts.'],
  ['a page of some proxy', (route: Route) => route.fulfill({ status: 502, body: '<html>' }), 'Something went wrong.'],
  ['no connection', (route: Route) => route.abort(), 'The server could not be reached.'],
] as const;

/** Asks for everything again that failed, until nothing offers it. */
async function tryAgain(page: Page): Promise<void> {
  const again = page.getByRole('button', { name: 'Try again' });
  while ((await again.count()) > 0) {
    // All there are at once: a button goes when what it reads is there.
    await again.evaluateAll((buttons) => {
      for (const button of buttons) (button as HTMLElement).click();
    });
    await settled(page);
  }
}

describe.each(FAILURES)('%s', (name, answer, text) => {
  // What a failure is called does not depend on the page: one of them is tried on every page.
  const few = ['home', 'usage', 'operator/overview'];
  test('is said on the page, and Try again shows the page', async () => {
    const { page } = await open('operator', 'exports');
    for (const place of name === 'a 500' ? PLACES : few) {
      await page.goto('about:blank');
      await page.route(API, answer);
      await page.goto(`${url()}/dashboard#/${place}`);
      const alert = page.locator('main [role=alert]').filter({ hasText: text }).first();
      await alert.waitFor().catch(() => expect.fail(`${place} says nothing`));
      expect(await page.locator('main .stat-value').count(), `${place} shows figures`).toBe(0);
      await page.unroute(API);
      await tryAgain(page);
      expect([place, await page.locator('main [role=alert]').count()]).toEqual([place, 0]);
    }
    await page.close();
  }, 240_000);
});

test('a session that has ended is said on every page, and nothing else', async () => {
  const { page } = await open('operator', 'exports');
  for (const place of PLACES) {
    await page.goto('about:blank');
    await page.route(API, refuse(401, 'unauthenticated'));
    await page.goto(`${url()}/dashboard#/${place}`);
    await page.getByText('You are signed out').waitFor();
    expect(await page.locator('main .stat-value, main table').count(), place).toBe(0);
    await page.unroute(API);
  }
  await page.close();
}, 120_000);

test('every page is busy until a slow answer is there', async () => {
  const { page } = await open('operator', 'exports');
  for (const place of PLACES) {
    const held = heldAnswers();
    await page.goto('about:blank');
    await page.route(API, held.hold);
    await page.goto(`${url()}/dashboard#/${place}`);
    await page.locator('main [aria-busy=true]').first().waitFor();
    expect(await page.locator('main [role=alert], main .stat-value').count(), place).toBe(0);
    held.release();
    await settled(page);
    await page.unroute(API);
  }
  await page.close();
}, 120_000);

async function openWithClock(place: string) {
  const opened = await open('operator', 'exports');
  await opened.page.goto('about:blank');
  await opened.page.clock.install();
  await opened.page.goto(`${url()}/dashboard#/${place}`);
  await settled(opened.page);
  return opened;
}

/**
 * Lets the page's time pass until something has come of it: in steps that are short beside the time that an answer may take, with
 * real time between them, in which it comes.
 */
async function runUntil(page: Page, done: () => Promise<boolean>): Promise<void> {
  const look = async () => {
    await page.clock.runFor(5_000);
    return done();
  };
  await expect.poll(look, { interval: 250, timeout: 60_000 }).toBe(true);
}

describe('a page that reads anew', () => {
  test.each(['home', 'requests', 'keys', 'usage', 'billing', 'operator/overview', 'operator/health'])(
    'says that its figures are old when it can not: %s',
    async (place) => {
      const { page } = await openWithClock(place);
      await page.route(API, refuse(500, 'internal_error'));
      const old = page.getByText('This may be out of date.');
      await runUntil(page, async () => (await old.count()) > 0);
      expect(await page.locator('main .stat-value, main td').count()).toBeGreaterThan(0);
      await page.unroute(API);
      await runUntil(page, async () => (await old.count()) === 0);
      await page.close();
    },
  );

  test('waits for an answer that takes longer than until the next', async () => {
    const { page } = await openWithClock('usage');
    const asked: string[] = [];
    const held = heldAnswers();
    await page.route(/usage\/events/, (route) => {
      asked.push(route.request().url());
      return held.hold(route);
    });
    // The next three refreshes fall into the time that an answer may take.
    await page.clock.runFor(5_000);
    await expect.poll(() => asked.length).toBe(1);
    await page.clock.runFor(14_000);
    await page.getByRole('heading', { name: 'Usage', exact: true }).waitFor();
    expect(asked).toHaveLength(1);
    held.release();
    await runUntil(page, async () => asked.length > 1);
    await page.close();
  });
});

describe('an answer that never comes, as after a sleep of the machine,', () => {
  test.each(['home', 'keys', 'usage', 'operator/overview'])(
    'is said on %s, and Try again shows the page',
    async (place) => {
      const { page } = await open('operator', 'exports');
      const held = heldAnswers();
      await page.goto('about:blank');
      await page.clock.install();
      await page.route(API, held.hold);
      await page.goto(`${url()}/dashboard#/${place}`);
      await page.locator('main [aria-busy=true]').first().waitFor();
      const late = page.getByText('The server did not answer in time.');
      await runUntil(page, async () => (await late.count()) > 0);
      held.release();
      await page.unroute(API);
      await tryAgain(page);
      expect(await page.locator('main .stat-value, main table').count()).toBeGreaterThan(0);
      await page.close();
    },
  );

  test('is said above figures that it would have refreshed', async () => {
    const { page } = await openWithClock('usage');
    const held = heldAnswers();
    await page.route(API, held.hold);
    const late = page.getByText('This may be out of date. The server did not answer in time.');
    await runUntil(page, async () => (await late.count()) > 0);
    expect(await page.locator('main .stat-value').count()).toBeGreaterThan(0);
    held.release();
    await page.unroute(API);
    await runUntil(page, async () => (await late.count()) === 0);
    await page.close();
  });

  test('leaves a write with the advice to look before it is repeated', async () => {
    const { page } = await openWithClock('billing');
    const held = heldAnswers();
    await page.route(API, (route) => (route.request().method() === 'GET' ? route.continue() : held.hold(route)));
    await page.getByLabel('Promo code').fill('NONE');
    await page.getByRole('button', { name: 'Redeem' }).click();
    const advice = page.getByText('Load the page again to see whether it was done.');
    await runUntil(page, async () => (await advice.count()) > 0);
    held.release();
    await page.close();
  });
});

test('a page that can not be drawn says so beside the navigation, which goes on', async () => {
  const { page } = await open('operator', 'exports');
  await page.goto('about:blank');
  await page.route(/api\/home$/, (route) => route.fulfill({ json: { account: null } }));
  await page.goto(`${url()}/dashboard#/home`);
  await page.getByRole('heading', { name: 'This page could not be shown.' }).waitFor();
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
  await page.close();
});

test('where the browser refuses the clipboard a new key is not called copied, and can be selected by hand', async () => {
  const { page } = await open('nocopy', 'keys');
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('refused', 'NotAllowedError'));
    document.execCommand = () => false;
  });
  await page.getByRole('button', { name: 'Create key' }).first().click();
  await page.getByRole('dialog').getByLabel('Name').fill('server');
  await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
  const copy = page.getByRole('dialog').getByRole('button', { name: 'Copy' });
  await copy.click();
  await page.getByRole('button', { name: 'Copy it by hand' }).waitFor();
  expect(await page.getByText('Copied', { exact: true }).count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Copy it by hand');
  const secret = page.locator('.secret code');
  await secret.click();
  expect(await page.evaluate(() => getSelection()?.toString())).toBe(await secret.textContent());
  await page.close();
});

describe('a double click', () => {
  interface Write {
    readonly place: string;
    readonly prepare?: (page: Page) => Promise<void>;
    readonly button: (page: Page) => Locator;
  }
  const form = (page: Page, heading: string) =>
    page.locator('form').filter({ has: page.getByRole('heading', { name: heading, exact: true }) });
  const inForm = (heading: string, field?: string, value = ''): Omit<Write, 'place'> => ({
    prepare: async (page) => {
      if (field) await form(page, heading).getByLabel(field).first().fill(value);
    },
    button: (page) => form(page, heading).getByRole('button'),
  });
  const inKeyMenu = (item: string, button: string): Omit<Write, 'place'> => ({
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Actions for server' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    },
    button: (page) => page.getByRole('dialog').getByRole('button', { name: button }),
  });
  const account = 'operator/accounts/operator';
  const WRITES: Readonly<Record<string, Write>> = {
    'Create key': {
      place: 'keys',
      prepare: async (page) => {
        await page.getByRole('button', { name: 'Create key' }).click();
        await page.getByRole('dialog').getByLabel('Name').fill('twice');
      },
      button: (page) => page.getByRole('dialog').getByRole('button', { name: 'Create key' }),
    },
    'Save changes of a key': { place: 'keys', ...inKeyMenu('Edit', 'Save changes') },
    'Rotate a key': { place: 'keys', ...inKeyMenu('Rotate', 'Rotate') },
    'Revoke a key': { place: 'keys', ...inKeyMenu('Revoke', 'Revoke') },
    Redeem: {
      place: 'billing',
      prepare: (page) => page.getByLabel('Promo code').fill('NONE'),
      button: (page) => page.getByRole('button', { name: 'Redeem' }),
    },
    Send: {
      place: 'playground',
      prepare: (page) => page.getByLabel('Message').fill('Hi'),
      button: (page) => page.getByRole('button', { name: 'Send' }),
    },
    'Adjust balance': { place: account, ...inForm('Adjust balance', 'Amount in USD', '1') },
    'Grant credit': { place: account, ...inForm('Grant credit', 'Amount in USD', '1') },
    'Refund a request': { place: account, ...inForm('Refund a request', 'Request id', 'req_1') },
    Budget: { place: account, ...inForm('Budget', 'Budget in USD', '5') },
    Note: { place: account, ...inForm('Note', 'Note', 'x') },
    Suspend: { place: account, ...inForm('Suspend') },
    'Set plan': {
      place: account,
      prepare: async (page) => void (await page.getByRole('combobox', { name: 'Plan' }).selectOption('free')),
      button: (page) => page.getByRole('button', { name: 'Set plan' }),
    },
    'Create code': {
      place: 'operator/promo-codes',
      prepare: async (page) => {
        await page.getByRole('button', { name: 'Create code' }).click();
        await page.getByRole('dialog').getByLabel('Code').fill('TWICE');
        await page.getByRole('dialog').getByLabel('Amount in USD').fill('3');
      },
      button: (page) => page.getByRole('dialog').getByRole('button', { name: 'Create code' }),
    },
  };

  test.each(Object.entries(WRITES))('writes once: %s', async (_, { place, prepare, button }) => {
    const { page } = await open('operator', place);
    await settled(page);
    await prepare?.(page);
    const written: string[] = [];
    const held = heldAnswers(refuse(500, 'internal_error'));
    await page.route(API, (route) => {
      if (route.request().method() === 'GET') return route.continue();
      written.push(route.request().url());
      return held.hold(route);
    });
    await button(page).dblclick();
    held.release();
    await page.getByText('Refused with 500.').first().waitFor();
    expect(written).toHaveLength(1);
    await page.close();
  });
});

/** Answers that are kept back until they are released. */
function heldAnswers(answer: (route: Route) => Promise<void> = (route) => route.continue()) {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    hold: async (route: Route) => {
      await released;
      await answer(route).catch(() => undefined);
    },
    release: () => release(),
  };
}
