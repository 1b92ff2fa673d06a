import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AutoReload } from '../../src/stripe/auto-reload.js';
import { Customers } from '../../src/stripe/customers.js';
import type { AutoReloadEvent } from '../../src/stripe/index.js';
import { readBillingOptions } from '../../src/stripe/options.js';
import { eventually } from '../helpers/eventually.js';
import { type BillingSite, billingSite } from './billing-site.js';

const MINUTE = 60_000;

let site: BillingSite;
let events: AutoReloadEvent[];
beforeEach(async () => {
  events = [];
  site = await billingSite({
    autoReload: { dailyLimit: '60', maxThreshold: '20' },
    onAutoReload: (event) => {
      events.push(event);
    },
  });
});
afterEach(() => site.close());

/** Pays $10 by card, and asks for $25 whenever less than $5 is left. */
async function reloading(account: string, choice: object = {}): Promise<string> {
  const { events: paid } = await site.buy(account, '10');
  for (const { type, object } of paid) await site.deliver(type, object);
  const response = await site.post('auto-reload', account, { enabled: true, threshold: '5', amount: '25', ...choice });
  expect(response.status).toBe(200);
  const { key } = await site.gateway.keys.create({ accountId: account, name: 'k' });
  return key;
}

async function spend(account: string, amount: string, id: string): Promise<void> {
  await site.gateway.credits.adjust({ accountId: account, amount: `-${amount}`, idempotencyKey: id });
}

const payments = () => site.api.all('payment_intent').filter((one) => one['off_session'] === 'true');

/** What another process would do that shares the ledger and the Stripe account. */
function anotherProcess(): AutoReload {
  const settings = readBillingOptions({
    gateway: site.gateway,
    stripe: site.stripe,
    webhookSecret: 'whsec_1',
    authenticate: () => null,
    autoReload: { dailyLimit: '60', maxThreshold: '20' },
    returnUrl: '/',
    now: site.clock.now,
    logger: { debug() {}, info() {}, warn() {}, error: (fields) => site.logs.push(fields) },
  });
  return new AutoReload(settings, new Customers(settings));
}

describe('auto-reload', () => {
  test('200 requests at once that cross the threshold charge the card once', async () => {
    const key = await reloading('ada');
    await spend('ada', '5', 'nearly');
    const client = new OpenAI({ apiKey: key, baseURL: await serve(), maxRetries: 0 });
    const asked = Array.from({ length: 200 }, () =>
      client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
    );
    await Promise.all(asked);
    await eventually(() => events.length > 0);
    expect(events).toEqual([{ type: 'auto_reload.succeeded', accountId: 'ada', amount: '25' }]);
    expect(payments()).toHaveLength(1);
    expect(Number(await site.balance('ada'))).toBeGreaterThan(29);
  });

  test('four processes that see the same crossing make one payment of it', async () => {
    await reloading('ada');
    await spend('ada', '7', 'most');
    await Promise.all(Array.from({ length: 4 }, () => anotherProcess().notice('ada')));
    expect(payments()).toHaveLength(1);
    expect(await site.balance('ada')).toBe('28');
  });

  test('the payment is credited once, also when its event comes before the answer is read', async () => {
    await reloading('ada');
    await spend('ada', '7', 'most');
    await anotherProcess().notice('ada');
    const [payment] = payments();
    await site.deliver('payment_intent.succeeded', payment ?? {});
    expect(await site.balance('ada')).toBe('28');
  });

  test('the daily limit holds over four processes, and ends with the day', async () => {
    await reloading('ada');
    for (let i = 0; i < 5; i++) {
      const rest = Number(await site.balance('ada')) - 1;
      if (rest > 0) await spend('ada', `${rest}`, `spent-${i}`);
      await Promise.all(Array.from({ length: 4 }, () => anotherProcess().notice('ada')));
    }
    expect(payments()).toHaveLength(2);
    expect(await site.balance('ada')).toBe('1');
    site.clock.advance(24 * 60 * MINUTE);
    await anotherProcess().notice('ada');
    expect(payments()).toHaveLength(3);
  });

  test('a decline is told, and nothing is tried before the pause is over; the next pause is twice as long', async () => {
    await reloading('ada');
    await spend('ada', '7', 'most');
    site.api.card = 'declines';
    const tries = () =>
      site.api.requests.filter(({ method, path }) => method === 'POST' && path === 'payment_intents').length;
    await anotherProcess().notice('ada');
    await anotherProcess().notice('ada');
    expect(tries()).toBe(1);
    expect(await site.state('ada')).toMatchObject({
      autoReload: { enabled: true, pausedUntil: '2026-03-10T12:15:00.000Z' },
    });
    site.clock.advance(15 * MINUTE);
    await anotherProcess().notice('ada');
    expect(tries()).toBe(2);
    site.clock.advance(16 * MINUTE);
    await anotherProcess().notice('ada');
    expect(tries()).toBe(2);
    site.api.card = 'pays';
    site.clock.advance(15 * MINUTE);
    await anotherProcess().notice('ada');
    expect(await site.balance('ada')).toBe('28');
    expect(await site.state('ada')).toMatchObject({ autoReload: { pausedUntil: null } });
  });

  test('chosen anew after a decline, the card is tried at once', async () => {
    await reloading('ada');
    await spend('ada', '7', 'most');
    site.api.card = 'declines';
    await anotherProcess().notice('ada');
    expect(await site.balance('ada')).toBe('3');
    site.api.card = 'pays';
    await site.post('auto-reload', 'ada', { enabled: true, threshold: '5', amount: '25' });
    await eventually(() => events.some(({ type }) => type === 'auto_reload.succeeded'));
    expect(await site.balance('ada')).toBe('28');
    expect(payments()).toHaveLength(1);
  });

  test('nothing is charged above the threshold, when turned off, or for accounts that never turned it on', async () => {
    await reloading('ada');
    await anotherProcess().notice('ada');
    await spend('ada', '7', 'most');
    await site.post('auto-reload', 'ada', { enabled: false });
    await anotherProcess().notice('ada');
    await anotherProcess().notice('bob');
    expect(payments()).toEqual([]);
  });
});

describe('what an account chooses', () => {
  test.each([
    [{ threshold: '21' }, 'threshold'],
    [{ threshold: '0' }, 'threshold'],
    [{ amount: '4.99' }, 'amount'],
    [{ amount: '10.001' }, 'amount'],
    [{ amount: '61' }, 'amount'],
    [{ dailyLimit: '61' }, 'dailyLimit'],
    [{ amount: '30', dailyLimit: '20' }, 'amount'],
    [{ enabled: 'yes' }, 'enabled'],
    [{ daily_limit: '5' }, 'daily_limit'],
  ])('%j is refused, and names the field', async (choice, param) => {
    await reloading('ada');
    const body = { enabled: true, threshold: '5', amount: '25', ...choice };
    const response = await site.post('auto-reload', 'ada', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });

  test.each(['0', '-5', '1000000', 'ten', null])(
    'an amount of %j is refused, and the bounds are named',
    async (amount) => {
      await reloading('ada');
      const response = await site.post('auto-reload', 'ada', { enabled: true, threshold: '5', amount });
      const message = "Invalid value for 'amount': it must be an amount in USD above zero and up to 999999.99.";
      expect(await response.json()).toMatchObject({ error: { param: 'amount', message } });
    },
  );

  test('needs a card that was saved by a payment', async () => {
    const response = await site.post('auto-reload', 'ada', { enabled: true, threshold: '5', amount: '25' });
    expect(response.status).toBe(409);
  });

  test('is told by the state', async () => {
    await reloading('ada', { dailyLimit: '50' });
    expect(await site.state('ada')).toMatchObject({
      autoReload: { offered: true, enabled: true, threshold: '5', amount: '25', dailyLimit: '50', maxDailyLimit: '60' },
    });
  });
});

/** The gateway on a socket. */
async function serve(): Promise<string> {
  const { default: express } = await import('express');
  const { toExpressHandler } = await import('../../src/http/express.js');
  const { listen } = await import('../helpers/listen.js');
  const listening = await listen(express().use('/v1', toExpressHandler(site.gateway)));
  const { close } = site;
  Object.assign(site, {
    close: async () => {
      await listening.close();
      await close();
    },
  });
  return `${listening.origin}/v1`;
}
