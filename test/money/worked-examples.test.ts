import { afterEach, describe, expect, test } from 'vitest';
import {
  createGateway,
  type Gateway,
  type GatewayEvent,
  type GatewayOptions,
  memoryStore,
  openai,
} from '../../src/index.js';
import { assertAccountsBalance, testClock } from '../../src/testing/index.js';
import { completionReply } from '../helpers/openai-replies.js';
import { type RawUpstream, rawUpstream } from '../helpers/raw-upstream.js';
import { testLogger } from '../helpers/test-logger.js';

/** The five kinds of plans that docs/money.md works out, in more depth than its tables: resets, events, refunds, reports. */

const PRICE = { input: 0, output: 1_000_000 };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let upstream: RawUpstream | undefined;
let gateway: Gateway | undefined;

afterEach(async () => {
  await gateway?.close();
  await upstream?.close();
});

/** A gateway whose model costs one dollar per output token, and a clock that the test moves. */
async function startShop(options: Partial<GatewayOptions>) {
  const provider = await rawUpstream(({ json }) => {
    const { max_tokens } = json as { max_tokens: number };
    return {
      body: completionReply({ prompt_tokens: 1, completion_tokens: max_tokens, total_tokens: max_tokens + 1 }).body,
    };
  });
  upstream = provider;
  const clock = testClock(Date.UTC(2027, 0, 10, 9));
  const store = memoryStore({ now: clock.now });
  const shop = createGateway({
    providers: { openai: openai({ apiKey: 'sk-upstream', baseURL: `${provider.url}/v1` }) },
    models: { small: { provider: 'openai', price: PRICE }, large: { provider: 'openai', price: PRICE } },
    plans: { free: { models: '*' } },
    defaultPlan: 'free',
    store,
    now: clock.now,
    logger: testLogger,
    ...options,
  });
  gateway = shop;
  /** Buys so many tokens, at one dollar each. */
  const buy = async (key: string, dollars: number, body: object = {}) => {
    const response = await shop.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'small',
          messages: [{ role: 'user', content: 'Hi.' }],
          max_tokens: dollars,
          ...body,
        }),
      }),
    );
    const { error } = (await response.json()) as { error?: { code: string } };
    return { status: response.status, code: error?.code, headers: response.headers };
  };
  const keyOf = async (accountId: string) => (await shop.keys.create({ accountId, name: 'app' })).key;
  return { shop, store, clock, buy, keyOf };
}

describe('a free trial', () => {
  test('is a grant that expires: used first, and gone after its time', async () => {
    const { shop, store, clock, buy, keyOf } = await startShop({
      plans: { app: { models: '*', billing: 'prepaid' } },
      defaultPlan: 'app',
    });
    const expiresAt = new Date(clock.now() + 14 * DAY);
    const account = { id: 'ann', grant: { amount: '5', expiresAt, reason: 'trial' } };
    await shop.accounts.create(account);
    await shop.accounts.create(account);
    const key = await keyOf('ann');
    expect(await shop.accounts.get('ann')).toMatchObject({
      balance: '0',
      available: '5',
      grants: [{ left: '5', expiresAt, reason: 'trial' }],
    });

    await shop.credits.topUp({ accountId: 'ann', amount: '10', idempotencyKey: 'card' });
    expect((await buy(key, 2)).status).toBe(200);
    expect((await buy(key, 4)).status).toBe(200);
    const [event] = await shop.usage.events({ accountId: 'ann' });
    expect(event?.charged).toEqual([
      { source: 'grant', id: expect.any(String), amount: '3' },
      { source: 'balance', amount: '1' },
    ]);

    await shop.credits.grant({ accountId: 'ann', amount: '5', expiresAt, reason: 'sorry', idempotencyKey: 'sorry' });
    clock.advance(15 * DAY);
    expect(await shop.accounts.get('ann')).toMatchObject({ balance: '9', available: '9', grants: [] });
    expect((await buy(key, 9)).status).toBe(200);
    expect((await buy(key, 1)).code).toBe('insufficient_balance');
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });
});

describe('a subscription with overflow', () => {
  const allowance = [
    { amount: '20', per: 'month' },
    { amount: '4', per: '5h' },
    { amount: '8', per: 'week', models: ['lar*'] },
  ] as const;

  test('draws on what the plan includes, then on the balance, and resets', async () => {
    const { shop, store, clock, buy, keyOf } = await startShop({
      plans: { pro: { models: '*', billing: 'prepaid', allowance, overflow: 'balance' } },
      defaultPlan: 'pro',
    });
    const key = await keyOf('ann');
    await shop.credits.topUp({ accountId: 'ann', amount: '10', idempotencyKey: 'card' });
    expect((await buy(key, 3)).status).toBe(200);
    expect((await buy(key, 3)).status).toBe(200);
    const [event] = await shop.usage.events({ accountId: 'ann' });
    expect(event?.charged).toEqual([
      { source: 'allowance', amount: '1' },
      { source: 'balance', amount: '2' },
    ]);
    expect(await shop.accounts.get('ann')).toMatchObject({
      balance: '8',
      allowances: [
        { amount: '20', used: '4', left: '16', per: 'month', models: null, resetsAt: new Date('2027-02-01') },
        { amount: '4', used: '4', left: '0', per: '5h', models: null, resetsAt: new Date(clock.now() + 5 * HOUR) },
        { amount: '8', used: '0', left: '8', per: 'week', models: ['lar*'], resetsAt: new Date('2027-01-11') },
      ],
    });
    clock.advance(5 * HOUR);
    expect((await buy(key, 4)).status).toBe(200);
    expect(await shop.accounts.get('ann')).toMatchObject({ balance: '8' });
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });

  test('refuses what it does not include where the plan says so, and says when it resets', async () => {
    const { buy, clock, keyOf } = await startShop({
      plans: { pro: { models: '*', billing: 'prepaid', allowance, overflow: 'refuse' } },
      defaultPlan: 'pro',
    });
    const key = await keyOf('ann');
    expect((await buy(key, 4)).status).toBe(200);
    const refused = await buy(key, 1);
    expect(refused).toMatchObject({ status: 429, code: 'allowance_exhausted' });
    expect(refused.headers.get('x-gateway-allowance-reset')).toBe(new Date(clock.now() + 5 * HOUR).toISOString());
    expect(refused.headers.get('x-should-retry')).toBe('false');
  });
});

describe('pay as you go', () => {
  test('is told when money runs low, and given back what a bad answer cost', async () => {
    const heard: GatewayEvent[] = [];
    const { shop, store, buy, keyOf } = await startShop({
      plans: { payg: { models: '*', billing: 'prepaid' } },
      defaultPlan: 'payg',
      on: { 'balance.low': (event) => heard.push(event), 'balance.empty': (event) => heard.push(event) },
      thresholds: { balance: ['5', '1'] },
    });
    const key = await keyOf('ann');
    await shop.credits.topUp({ accountId: 'ann', amount: '10', idempotencyKey: 'card' });
    await buy(key, 3);
    await buy(key, 3);
    await buy(key, 3);
    expect((await buy(key, 3)).code).toBe('insufficient_balance');
    expect((await buy(key, 3)).code).toBe('insufficient_balance');
    await expect
      .poll(() => heard.map(({ type, data }) => [type, data['threshold'] ?? data['available']]))
      .toEqual([
        ['balance.low', '5'],
        ['balance.low', '1'],
        ['balance.empty', '1'],
      ]);

    const [event] = await shop.usage.events({ accountId: 'ann' });
    const refund = { requestId: event?.id ?? '', reason: 'bad answer' };
    expect(await shop.credits.refund(refund)).toMatchObject([{ kind: 'refund', source: 'balance', amount: '3' }]);
    await expect(shop.credits.refund(refund)).rejects.toMatchObject({ code: 'already_refunded' });
    expect(await shop.accounts.get('ann')).toMatchObject({ balance: '4' });
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });
});

describe('a team whose members have budgets', () => {
  test('bounds each member and the team, whichever comes first', async () => {
    const { shop, clock, buy } = await startShop({
      plans: { team: { models: '*', billing: 'postpaid', creditLimit: '100' } },
      defaultPlan: 'team',
    });
    const memberKey = async (name: string) =>
      shop.keys.create({ accountId: 'team', name, budget: { amount: '5', period: 'day' } });
    const [ann, bob, cleo] = [await memberKey('ann'), await memberKey('bob'), await memberKey('cleo')];
    await shop.accounts.setBudget('team', { amount: '12', period: 'month' });
    expect((await buy(ann.key, 4)).status).toBe(200);
    expect(await buy(ann.key, 2)).toMatchObject({ status: 403, code: 'budget_exceeded' });
    expect((await buy(bob.key, 5)).status).toBe(200);
    expect((await buy(cleo.key, 4)).code).toBe('budget_exceeded');
    expect((await buy(cleo.key, 3)).status).toBe(200);
    expect(await shop.budgets.get({ accountId: 'team', subject: 'key', value: ann.record.id })).toEqual({
      amount: '5',
      period: 'day',
      spent: '4',
      held: '0',
      resetsAt: new Date('2027-01-11'),
    });
    expect(await shop.budgets.get({ accountId: 'team', subject: 'account' })).toMatchObject({ spent: '12' });
    await shop.accounts.setBudget('team', null);
    clock.advance(DAY);
    expect((await buy(ann.key, 5)).status).toBe(200);
    expect(await shop.accounts.get('team')).toMatchObject({ balance: '-17', available: '83', budget: null });
  });
});

describe('agent runs', () => {
  test('are bounded each by itself, and so are the users of an account', async () => {
    const { shop, store } = await startShop({
      plans: { app: { models: '*', billing: 'prepaid' } },
      defaultPlan: 'app',
      budgets: [
        { subject: 'session', amount: '2', per: 'total' },
        { subject: 'endUser', amount: '3', per: 'day' },
      ],
    });
    await shop.credits.topUp({ accountId: 'ann', amount: '100', idempotencyKey: 'card' });
    const run = async (session: string, endUser: string, dollars: number) => {
      const response = await shop.fetchFor({ accountId: 'ann', session, endUser })(
        'http://gateway.test/v1/chat/completions',
        {
          method: 'POST',
          body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hi.' }], max_tokens: dollars }),
          headers: { 'content-type': 'application/json' },
        },
      );
      return [response.status, ((await response.json()) as { error?: { message: string } }).error?.message ?? ''];
    };
    expect(await run('run_1', 'bob', 2)).toEqual([200, '']);
    expect(await run('run_1', 'bob', 1)).toEqual([403, expect.stringContaining('budget of this session')]);
    expect(await run('run_2', 'bob', 1)).toEqual([200, '']);
    expect(await run('run_3', 'bob', 1)).toEqual([403, expect.stringContaining('budget of this end user')]);
    expect(await run('run_3', 'cleo', 1)).toEqual([200, '']);
    const query = { accountId: 'ann', subject: 'session', value: 'run_1' };
    expect(await shop.budgets.get(query)).toMatchObject({ amount: '2', spent: '2', resetsAt: null });
    expect(await shop.usage.query({ accountId: 'ann', groupBy: ['session'] })).toMatchObject([
      { session: 'run_1', cost: '2' },
      { session: 'run_2', cost: '1' },
      { session: 'run_3', cost: '1' },
    ]);
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });
});
