import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/index.js';
import {
  ANTHROPIC_ANSWER,
  type ContractGateway,
  HELLO,
  OPENAI_ANSWER,
  OPENAI_STREAM,
  PROVIDER_SECRET,
  startContractGateway,
} from './contract-gateway.js';

const store = memoryStore();
let site: ContractGateway;

beforeAll(async () => {
  site = await startContractGateway({ store });
});
afterAll(() => site.close());
beforeEach(() => site.upstream.play(OPENAI_ANSWER));

describe('usage', () => {
  it('is there right after the request, by model, key and day', async () => {
    const laptop = await site.gateway.keys.create({ accountId: 'counted', name: 'laptop' });
    const server = await site.gateway.keys.create({ accountId: 'counted', name: 'server' });
    await (await site.post(laptop.key, HELLO)).text();
    site.upstream.play(OPENAI_STREAM);
    await (await site.post(laptop.key, { ...HELLO, stream: true })).text();
    site.upstream.play(ANTHROPIC_ANSWER);
    await (await site.post(server.key, { ...HELLO, model: 'claude-small' })).text();
    const rows = await site.gateway.usage.query({ accountId: 'counted', groupBy: ['model', 'key', 'day'] });
    const row = { cachedInputTokens: 0, reasoningTokens: 0, day: '2026-11-21' };
    expect(rows).toEqual([
      expect.objectContaining({
        ...row,
        model: 'claude-small',
        keyId: server.record.id,
        requests: 1,
        inputTokens: 10,
        outputTokens: 20,
        totalTokens: 30,
        cost: '0.00005',
      }),
      expect.objectContaining({
        ...row,
        model: 'gpt-small',
        keyId: laptop.record.id,
        requests: 2,
        inputTokens: 20,
        outputTokens: 40,
        totalTokens: 60,
        cost: '0.0001',
      }),
    ]);
  });

  it('takes prepaid money exactly, and the history tells every movement', async () => {
    await site.gateway.accounts.setPlan('payer', 'prepaid');
    await site.gateway.credits.topUp({ accountId: 'payer', amount: '10.00', idempotencyKey: 'stripe:evt_1' });
    await site.gateway.promoCodes.create({ code: 'HELLO', amount: '5', maxRedemptions: 100 });
    await site.gateway.credits.redeem({ accountId: 'payer', code: 'HELLO' });
    await (await site.post(await site.newKey('payer'), HELLO)).text();
    expect(await site.gateway.accounts.get('payer')).toMatchObject({ plan: 'prepaid', balance: '14.99995', held: '0' });
    const history = await site.gateway.credits.history('payer');
    expect(history.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['usage', '-0.00005'],
      ['promo', '5'],
      ['top_up', '10'],
    ]);
  });
});

describe('secrets', () => {
  it('shows a key once: no store, list, log or answer holds it afterwards', async () => {
    const { key, record } = await site.gateway.keys.create({ accountId: 'careful', name: 'laptop' });
    site.upstream.play({
      status: 401,
      body: JSON.stringify({ error: { message: `Incorrect API key provided: ${PROVIDER_SECRET}` } }),
    });
    const answer = await site.post(key, HELLO);
    const text = (await answer.text()) + JSON.stringify([...answer.headers]);
    const kept = JSON.stringify([
      record,
      await site.gateway.keys.list('careful'),
      await store.keyStore.listKeys('careful'),
      await store.meter.events({ accountId: 'careful' }, { limit: 10 }),
    ]);
    for (const place of [text, site.log.text, kept]) {
      expect(place).not.toContain(key);
      expect(place).not.toContain(PROVIDER_SECRET);
    }
    expect(answer.status).toBe(502);
    expect(record.hint).toBe(`napi-${key.slice(5, 9)}…${key.slice(-4)}`);
  });

  it('sends the provider its own credential and nothing of the client', async () => {
    const key = await site.newKey('careful');
    await (await site.post(key, HELLO, { 'x-custom': 'private', cookie: 'session=1' })).text();
    const sent = JSON.stringify(site.upstream.seen);
    expect(site.upstream.seen[0]?.headers.authorization).toBe(`Bearer ${PROVIDER_SECRET}`);
    expect(sent).not.toContain(key);
    expect(sent).not.toContain('private');
    expect(sent).not.toContain('session=1');
  });
});
