import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromAiSdk } from '../../src/ai-sdk/index.js';
import type { Identity } from '../../src/index.js';
import { type FakeAnswer, gate } from '../../src/testing/index.js';
import { type Listening, listen } from '../helpers/listen.js';
import { type AbuseSite, abuseSite, listPrice, type Model, PRICES } from './abuse-site.js';
import { settled } from './leaving-clients.js';

/** What a provider reads behind an address. */
const LARGE = { input: 300_000, output: 16 };
const LINK = { type: 'image_url', image_url: { url: 'https://e.example/600.pdf' } };
const chat = (model: Model, ...parts: object[]) => ({
  model,
  max_tokens: 16,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, ...parts] }],
});

let site: AbuseSite;
let app: Listening | undefined;
let agent: Agent;
beforeEach(() => {
  agent = new Agent({ connections: 400, headersTimeout: 0, bodyTimeout: 0 });
});
afterEach(async () => {
  await agent.destroy();
  await app?.close();
  app = undefined;
  await site.close();
});

const MEMBERS = { members: { models: '*', billing: 'prepaid' }, shops: { models: '*' } } as const;

async function start(answer: FakeAnswer, options: Parameters<typeof abuseSite>[1] = {}): Promise<void> {
  site = await abuseSite(answer, { plans: MEMBERS, defaultPlan: 'members', ...options });
}

/** An app with a feature of its own: what is posted to it is asked in its process, for whoever is signed in. */
async function serveApp(identityOf: (req: IncomingMessage) => Identity): Promise<string> {
  app = await listen(async (req, res) => {
    const left = new AbortController();
    res.on('close', () => left.abort());
    const fetch = site.gateway.fetchFor(identityOf(req));
    try {
      const body = await textOf(req);
      const answer = await fetch(`http://gateway.test/v1${req.url}`, { method: 'POST', body, signal: left.signal });
      res.writeHead(answer.status);
      for await (const piece of answer.body ?? []) res.write(piece);
      res.end();
    } catch {
      res.destroy();
    }
  });
  return app.origin;
}

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<number> {
  const answered = await request(url, { dispatcher: agent, method: 'POST', headers, body: JSON.stringify(body) });
  await answered.body.dump();
  return answered.statusCode;
}

/** How many of so many at once were answered. */
async function storm(count: number, ask: (index: number) => Promise<number>): Promise<number> {
  const statuses = await Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
  return statuses.filter((status) => status === 200).length;
}

async function moneyOf(accountId: string): Promise<{ balance: number; charged: number }> {
  const [total] = await site.gateway.usage.query({ accountId });
  const { balance } = await site.gateway.accounts.get(accountId);
  return { balance: Number(balance), charged: Number(total?.cost ?? 0) };
}

const topUp = (accountId: string, amount: string) =>
  site.gateway.credits.topUp({ accountId, amount, idempotencyKey: `${accountId} ${amount}` });

describe('an app that asks in its own process', () => {
  test.each([['gemini'], ['haiku'], ['mini'], ['copy']] as const)(
    'spends nothing that its member does not have, at %s',
    async (model) => {
      await start({ usage: LARGE });
      await topUp('alice', '0.10');
      const origin = await serveApp(() => ({ accountId: 'alice', tags: { feature: 'chat' } }));
      const answered = await storm(300, () => post(`${origin}/chat/completions`, chat(model, LINK)));
      const { balance, charged } = await moneyOf('alice');
      expect(balance).toBeGreaterThanOrEqual(0);
      expect(charged).toBeGreaterThanOrEqual(answered * listPrice(model, LARGE) - 1e-9);
    },
  );

  test('serves, and charges, a member who can pay', async () => {
    await start({ usage: LARGE });
    await topUp('alice', '4');
    const origin = await serveApp(() => ({ accountId: 'alice' }));
    expect(await post(`${origin}/chat/completions`, chat('gemini', LINK))).toBe(200);
    expect((await moneyOf('alice')).charged).toBeCloseTo(listPrice('gemini', LARGE), 9);
  });

  test('charges what is reported after its client has left', async () => {
    const before = gate();
    await start({ text: ['One ', before, 'two.'], usage: LARGE });
    const attacker = await site.attacker('5', { plan: 'members' });
    const origin = await serveApp(() => ({ accountId: attacker.id }));
    const answered = await request(`${origin}/chat/completions`, {
      dispatcher: agent,
      method: 'POST',
      body: JSON.stringify({ ...chat('gpt', LINK), stream: true }),
    });
    for await (const piece of answered.body) if (String(piece).includes('One ')) break;
    before.open();
    await settled(site, attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', LARGE), 9);
  });

  test('keeps an end user within a budget, whatever the body says of who it is for', async () => {
    await start({ usage: LARGE }, { budgets: [{ subject: 'endUser', amount: '0.10', per: 'day' }] });
    await site.gateway.accounts.setPlan('shop', 'shops');
    const origin = await serveApp(() => ({ accountId: 'shop', endUser: 'visitor' }));
    const answered = await storm(100, (index) =>
      post(`${origin}/chat/completions`, { ...chat('mini', LINK), user: `u${index}`, safety_identifier: `s${index}` }),
    );
    const { charged } = await moneyOf('shop');
    expect(charged).toBeLessThanOrEqual(0.1);
    expect(charged).toBeGreaterThanOrEqual(answered * listPrice('mini', LARGE) - 1e-9);
  });
});

describe('tokens for pages of others', () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });

  test('spend their budgets at most, all at once', async () => {
    await start({ usage: LARGE });
    await site.gateway.accounts.setPlan('shop', 'shops');
    const tokens = await Promise.all(
      Array.from({ length: 5 }, () =>
        site.gateway.sessions.create({ accountId: 'shop', ttl: '15m', budget: '0.25', endUser: 'visitor' }),
      ),
    );
    const answered = await storm(200, (index) =>
      post(`${site.url}/v1/chat/completions`, chat('mini', LINK), bearer(tokens[index % 5]?.token ?? '')),
    );
    const { charged } = await moneyOf('shop');
    expect(answered).toBeGreaterThan(0);
    expect(charged).toBeLessThanOrEqual(5 * 0.25);
    expect(charged).toBeGreaterThanOrEqual(answered * listPrice('mini', LARGE) - 1e-9);
  });

  test('and keys, and the app itself, spend one balance once', async () => {
    await start({ usage: LARGE });
    const attacker = await site.attacker('0.40', { plan: 'members' });
    const { id: accountId, key } = attacker;
    const { token } = await site.gateway.sessions.create({ accountId, ttl: '15m', budget: '5' });
    const origin = await serveApp(() => ({ accountId }));
    const ways = [
      () => post(`${site.url}/v1/chat/completions`, chat('mini', LINK), bearer(token)),
      () => post(`${site.url}/v1/chat/completions`, chat('gemini', LINK), bearer(key)),
      () => post(`${origin}/chat/completions`, chat('mini', LINK)),
    ] as const;
    const answered = await storm(300, (index) => (ways[index % 3] as (typeof ways)[number])());
    expect(answered).toBeGreaterThan(0);
    const { balance, charged } = await moneyOf(accountId);
    expect(balance).toBeGreaterThanOrEqual(0);
    expect(charged).toBeGreaterThanOrEqual(answered * listPrice('mini', LARGE) - 1e-9);
  });

  test('spend nothing when they are revoked or have ended', async () => {
    await start({ usage: LARGE });
    const { id, token } = await site.gateway.sessions.create({ accountId: 'shop', ttl: '15m', budget: '5' });
    await topUp('shop', '5');
    await site.gateway.sessions.revoke(id);
    expect(await post(`${site.url}/v1/chat/completions`, chat('mini', LINK), bearer(token))).toBe(401);
    expect(site.upstream.requests).toHaveLength(0);
  });
});

describe('a provider of the AI SDK', () => {
  const MODELS = {
    gemini: { provider: 'google', model: 'gemini-2.5-flash', price: PRICES.gemini },
    haiku: { provider: 'anthropic', model: 'claude-haiku-4-5', price: PRICES.haiku },
    mini: { provider: 'openai', model: 'gpt-4o-mini', price: PRICES.mini },
  };
  const junk = `data:text/plain;base64,${Buffer.from(`%PDF-1.7\n${'x'.repeat(3_000)}`).toString('base64')}`;
  const PARTS = [
    ['an address', LINK],
    ['a file by its address', { type: 'file', file: { file_data: 'https://e.example/600.pdf' } }],
    ['a file by its id where data belong', { type: 'file', file: { file_data: 'file-abcdefghijkl' } }],
    ['a picture by the id of a file', { type: 'image_url', image_url: { url: 'file-abcdefghijkl' } }],
    ['a PDF that is called a text', { type: 'file', file: { filename: 'a.txt', file_data: junk } }],
  ] as const;
  const CASES = PARTS.flatMap(([name, part]) =>
    (['gemini', 'haiku', 'mini'] as const).map((model) => [name, model, part] as const),
  );

  test.each(CASES)('is sent %s by nobody who can’t pay for all of it, at %s', async (_, model, part) => {
    const apiKey = 'sk-fake';
    await start(
      { usage: LARGE },
      {
        models: MODELS,
        providersAt: ({ url }) => ({
          openai: fromAiSdk(createOpenAI({ apiKey, baseURL: `${url}/v1` })),
          anthropic: fromAiSdk(createAnthropic({ apiKey, baseURL: `${url}/v1` })),
          google: fromAiSdk(createGoogleGenerativeAI({ apiKey, baseURL: `${url}/v1beta` })),
        }),
      },
    );
    const attacker = await site.attacker('0.10', { plan: 'members' });
    const answered = await attacker.storm(60, 'chat/completions', chat(model, part));
    expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
    expect(await attacker.charged()).toBeGreaterThanOrEqual(answered * listPrice(model, LARGE) - 1e-9);
  });
});
