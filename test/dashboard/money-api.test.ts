import { describe, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardClient } from './client.js';

async function setUp() {
  const gateway = sampleGateway();
  await gateway.promoCodes.create({ code: 'HELLO', amount: '5', maxRedemptions: 1 });
  return { gateway, client: dashboardClient(gateway) };
}

const codeOf = (answer: { json: <T>() => T }) => answer.json<{ error: { code: string } }>().error.code;

describe('billing', () => {
  test('shows an account that did nothing yet on the default plan, without making it', async () => {
    const { client, gateway } = await setUp();
    expect((await client.get('/api/account', 'alice')).json()).toMatchObject({
      id: 'alice',
      plan: 'free',
      billing: 'metered',
      limits: { requestsPerMinute: 20, tokensPerMinute: 40_000 },
      balance: '0',
      held: '0',
    });
    expect(await gateway.accounts.list()).toEqual([]);
  });

  test('redeems a promo code and shows it in the history', async () => {
    const { client } = await setUp();
    const redeemed = await client.post('/api/credits/redeem', 'alice', { code: ' HELLO ' });
    expect(redeemed.json()).toEqual({ balance: '5', held: '0' });
    const { data } = (await client.get('/api/credits', 'alice')).json<{ data: object[] }>();
    expect(data).toMatchObject([{ kind: 'promo', amount: '5', balanceAfter: '5', reference: 'HELLO' }]);
  });

  test('says why a code can’t be redeemed', async () => {
    const { client } = await setUp();
    await client.post('/api/credits/redeem', 'alice', { code: 'HELLO' });
    const redeem = (account: string, code: string) => client.post('/api/credits/redeem', account, { code });
    expect(codeOf(await redeem('alice', 'HELLO'))).toBe('promo_code_already_used');
    expect(codeOf(await redeem('bob', 'HELLO'))).toBe('promo_code_exhausted');
    // Codes are the same in capitals and small letters.
    expect(codeOf(await redeem('bob', 'hello'))).toBe('promo_code_exhausted');
    expect(codeOf(await redeem('bob', 'goodbye'))).toBe('promo_code_unknown');
  });

  test('stops an account that guesses codes, and nobody else', async () => {
    const { client } = await setUp();
    const redeem = (account: string, code: string) => client.post('/api/credits/redeem', account, { code });
    for (let guess = 0; guess < 10; guess += 1) expect((await redeem('mallory', `CODE-${guess}`)).status).toBe(404);
    const stopped = await redeem('mallory', 'HELLO');
    expect([stopped.status, stopped.headers['retry-after']]).toEqual([429, '60']);
    expect((await redeem('alice', 'HELLO')).status).toBe(200);
  });

  test('lists the models of the plan at the plan’s prices', async () => {
    const { client, gateway } = await setUp();
    const list = async () => (await client.get('/api/models', 'alice')).json<{ data: { id: string }[] }>().data;
    expect(await list()).toMatchObject([
      {
        id: 'gpt-4o-mini',
        ownedBy: 'openai',
        contextWindow: 128_000,
        input: ['text', 'image', 'file'],
        abilities: ['tools', 'structuredOutput', 'promptCache'],
        maxOutputTokens: 16_384,
        price: { input: '0.15', cachedInput: '0.075', output: '0.6', tiers: [] },
      },
    ]);
    await gateway.accounts.setPlan('alice', 'pro');
    expect(await list()).toHaveLength(5);
  });
});

describe('the operator', () => {
  test('finds accounts by a part of their id, page by page', async () => {
    const { client, gateway } = await setUp();
    for (const id of ['acme-1', 'acme-2', 'globex']) await gateway.accounts.setPlan(id, 'pro');
    const ids = async (query: string) =>
      (await client.get(`/api/operator/accounts?${query}`, 'operator'))
        .json<{ data: { id: string }[] }>()
        .data.map(({ id }) => id);
    expect(await ids('')).toEqual(['acme-1', 'acme-2', 'globex']);
    expect(await ids('search=acme&limit=1')).toEqual(['acme-1']);
    expect(await ids('search=acme&after=acme-1')).toEqual(['acme-2']);
    expect(await ids('search=%25')).toEqual([]);
  });

  test('adjusts a balance once per idempotency key and is named in the history', async () => {
    const { client } = await setUp();
    const adjustment = { amount: '7.50', note: 'goodwill', idempotencyKey: 'ticket-1' };
    await client.post('/api/operator/accounts/alice/adjust', 'operator', adjustment);
    const again = await client.post('/api/operator/accounts/alice/adjust', 'operator', adjustment);
    expect(again.json()).toMatchObject({ balance: '7.5' });

    const taken = { amount: '-8', idempotencyKey: 'ticket-2' };
    const refused = await client.post('/api/operator/accounts/alice/adjust', 'operator', taken);
    expect(codeOf(refused)).toBe('insufficient_balance');

    const account = (await client.get('/api/operator/accounts/alice', 'operator')).json();
    expect(account).toMatchObject({
      balance: '7.5',
      history: [{ kind: 'adjustment', note: 'goodwill (by operator)' }],
    });
  });

  test('sets a plan; an unknown plan or account is refused', async () => {
    const { client } = await setUp();
    const set = (plan: string) => client.post('/api/operator/accounts/alice/plan', 'operator', { plan });
    expect((await set('pro')).json()).toMatchObject({ plan: 'pro', billing: 'prepaid' });
    expect((await set('gold')).status).toBe(400);
    expect((await client.get('/api/operator/accounts/nobody', 'operator')).status).toBe(404);
  });

  test('makes promo codes; the same code twice is a conflict', async () => {
    const { client } = await setUp();
    const code = { code: 'SPRING', amount: '3', maxRedemptions: 10, expiresAt: '2030-01-01T00:00:00.000Z' };
    const made = await client.post('/api/operator/promo-codes', 'operator', code);
    expect(made.json()).toMatchObject({ ...code, redemptions: 0 });
    expect((await client.post('/api/operator/promo-codes', 'operator', code)).status).toBe(409);
    const { data } = (await client.get('/api/operator/promo-codes', 'operator')).json<{ data: { code: string }[] }>();
    expect(data.map((one) => one.code)).toEqual(['SPRING', 'HELLO']);
  });

  test('sees the state of every target', async () => {
    const { client } = await setUp();
    const { data } = (await client.get('/api/operator/health', 'operator')).json<{ data: object[] }>();
    const state = { state: 'closed', retryInMs: 0, consecutiveFailures: 0, outcomes: null };
    expect(data).toContainEqual({ target: 'openai/gpt-4o', ...state });
  });
});
