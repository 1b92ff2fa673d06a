import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/keys/key-format.js';
import { type ContractGateway, HELLO, NOON, OPENAI_ANSWER, startContractGateway } from './contract-gateway.js';

let site: ContractGateway;

beforeAll(async () => {
  site = await startContractGateway();
});
afterAll(() => site.close());
beforeEach(() => {
  site.clock.now = NOON;
  site.upstream.play(OPENAI_ANSWER);
});

async function errorOf(
  response: Response,
): Promise<{ message: string; type: string; param: string | null; code: string }> {
  const body = (await response.json()) as {
    error: { message: string; type: string; param: string | null; code: string };
  };
  expect(Object.keys(body)).toEqual(['error']);
  expect(Object.keys(body.error).sort()).toEqual(['code', 'message', 'param', 'type']);
  return body.error;
}

describe('401', () => {
  it('answers no, malformed, unknown, revoked and expired keys with one and the same body', async () => {
    const { key: revoked, record } = await site.gateway.keys.create({ accountId: 'a', name: 'revoked' });
    await site.gateway.keys.revoke(record.id);
    const expired = await site.newKey('a', { expiresAt: NOON + 1_000 });
    site.clock.now = NOON + 1_000;
    const bodies = new Set<string>();
    for (const key of [undefined, 'napi-nonsense', 'sk-foreign', createKey('napi-'), revoked, expired]) {
      const response = await site.post(key, HELLO);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      bodies.add(await response.text());
    }
    expect([...bodies]).toEqual([
      JSON.stringify({
        error: {
          message: 'Incorrect API key provided.',
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
      }),
    ]);
    expect(site.upstream.seen).toEqual([]);
  });

  it('takes effect with the very next request after revoke', async () => {
    const { key, record } = await site.gateway.keys.create({ accountId: 'a', name: 'short-lived' });
    expect((await site.post(key, HELLO)).status).toBe(200);
    await site.gateway.keys.revoke(record.id);
    expect((await site.post(key, HELLO)).status).toBe(401);
  });

  it('reads the key from x-api-key and api-key as well, and refuses two that differ', async () => {
    const key = await site.newKey('a');
    expect((await site.post(undefined, HELLO, { 'x-api-key': key })).status).toBe(200);
    expect((await site.post(undefined, HELLO, { 'api-key': key })).status).toBe(200);
    expect((await site.post(key, HELLO, { 'x-api-key': key })).status).toBe(200);
    const conflict = await site.post(key, HELLO, { 'x-api-key': createKey('napi-') });
    expect(conflict.status).toBe(400);
    expect((await errorOf(conflict)).code).toBe('conflicting_credentials');
  });
});

describe('403', () => {
  it('refuses a model off the plan', async () => {
    await site.gateway.accounts.setPlan('narrow', 'narrow');
    const key = await site.newKey('narrow');
    const response = await site.post(key, { ...HELLO, model: 'claude-small' });
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({ code: 'model_not_allowed', param: 'model' });
    const listed = await site.client(key).models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(['gpt-small']);
    await expect(site.client(key).models.retrieve('claude-small')).rejects.toMatchObject({ status: 404 });
  });

  it('refuses a model that the key does not include', async () => {
    const key = await site.newKey('a', { models: ['claude-small'] });
    expect((await site.post(key, HELLO)).status).toBe(403);
  });

  it('refuses an empty prepaid balance, and tells clients not to retry', async () => {
    await site.gateway.accounts.setPlan('poor', 'prepaid');
    const key = await site.newKey('poor');
    const response = await site.post(key, HELLO);
    expect(response.status).toBe(403);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await errorOf(response)).toMatchObject({ code: 'insufficient_balance', type: 'insufficient_quota' });
    expect(site.upstream.seen).toEqual([]);
  });
});

describe('404 and 405', () => {
  it('names an unknown model', async () => {
    const response = await site.post(await site.newKey('a'), { ...HELLO, model: 'nope' });
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({
      code: 'model_not_found',
      param: 'model',
      message: expect.stringContaining('nope'),
    });
  });

  it('names the routes there are', async () => {
    const response = await fetch(`${site.url}/nothing`);
    expect(response.status).toBe(404);
    expect((await errorOf(response)).message).toContain('POST /chat/completions');
  });

  it('allows each route its own method', async () => {
    const response = await fetch(`${site.url}/chat/completions`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
    expect((await errorOf(response)).code).toBe('method_not_allowed');
  });
});

describe('429', () => {
  it('names the limit, says when to come back, and spends nothing', async () => {
    await site.gateway.accounts.setPlan('busy', 'limited');
    const key = await site.newKey('busy');
    for (const remaining of ['1', '0']) {
      const response = await site.post(key, HELLO);
      expect(response.status).toBe(200);
      expect(response.headers.get('x-ratelimit-limit-requests')).toBe('2');
      expect(response.headers.get('x-ratelimit-remaining-requests')).toBe(remaining);
      expect(response.headers.get('x-ratelimit-limit-tokens')).toBe('40000');
    }
    const response = await site.post(key, HELLO);
    expect(response.status).toBe(429);
    const seconds = Number(response.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(Number(response.headers.get('retry-after-ms'))).toBeGreaterThan(0);
    expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+m)?[\d.]+(ms|s)$/);
    const error = await errorOf(response);
    expect(error).toMatchObject({ type: 'requests', code: 'rate_limit_exceeded' });
    expect(error.message).toContain('2 requests per minute');
    expect(site.upstream.seen).toHaveLength(2);
  });

  it('answers a request that no bucket could ever hold with 400', async () => {
    await site.gateway.accounts.setPlan('big', 'limited');
    const response = await site.post(await site.newKey('big'), { ...HELLO, max_tokens: 50_000 });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).code).toBe('tokens_exceed_limit');
  });

  it('tells the state of the limits on every authenticated answer', async () => {
    await site.gateway.accounts.setPlan('informed', 'limited');
    const key = await site.newKey('informed');
    const authorization = { authorization: `Bearer ${key}` };
    const answers = [
      await site.post(key, { model: 'gpt-small' }),
      await site.post(key, { ...HELLO, model: 'nope' }),
      await fetch(`${site.url}/models`, { headers: authorization }),
    ];
    for (const answer of answers) expect(answer.headers.get('x-ratelimit-remaining-requests')).toBe('2');
  });
});
