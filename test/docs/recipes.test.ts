import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import express, { type Express, type Router } from 'express';
import OpenAI from 'openai';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, type GatewayOptions, openai } from '../../src/index.js';
import { createKey } from '../../src/keys/key-format.js';
import type { FakeUpstream, TestClock } from '../../src/testing/index.js';
import { REPOSITORY } from '../helpers/built-package.js';
import { type GatewayBehind, gatewayBehind } from '../helpers/gateway-behind.js';
import { type Listening, listen } from '../helpers/listen.js';
import { buildSnippets, snippets } from './snippets.js';

const RECIPES = join('docs', 'recipes', '/');
const recipes = snippets.filter(({ document, language }) => document.startsWith(RECIPES) && language === 'ts');
const folder = join(REPOSITORY, 'node_modules', '.cache', `recipes-${process.pid}`);
const open: { close(): Promise<unknown> }[] = [];

/** The code of every page, as it stands there. */
beforeAll(async () => {
  const nameOf = (document: string) => document.slice(RECIPES.length).replace('.md', '');
  await buildSnippets(folder, Object.fromEntries(recipes.map(({ document, code }) => [nameOf(document), code])));
  Object.assign(process.env, {
    OPENAI_API_KEY: 'sk-test',
    OPENAI_EU_API_KEY: 'sk-eu',
    AZURE_API_KEY: 'azure-key',
    BEDROCK_API_KEY: 'bedrock-key',
  });
});

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a page exports. */
async function recipe<T>(name: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(folder, `${name}.mjs`)).href)) as T;
}

async function behind(options?: Partial<GatewayOptions>): Promise<GatewayBehind> {
  const made = await gatewayBehind(options);
  open.push(made);
  return made;
}

async function serve(app: Express): Promise<Listening> {
  const made = await listen(app);
  open.push(made);
  return made;
}

async function webhook(router: Router): Promise<(body: string, headers: Record<string, string>) => Promise<number>> {
  const { origin } = await serve(express().use('/hook', router));
  return async (body, headers) => {
    const all = { 'content-type': 'application/json', ...headers };
    return (await fetch(`${origin}/hook`, { method: 'POST', headers: all, body })).status;
  };
}

const balanceOf = async (gateway: Gateway, id: string) => (await gateway.accounts.overview(id)).balance;

test('each page has code that is run here', () => {
  const pages = recipes.map(({ document }) => document.slice(RECIPES.length).replace('.md', ''));
  expect(pages.sort()).toEqual([
    'eu-only',
    'leaked-key',
    'lemon-squeezy',
    'low-balance-mail',
    'reverse-proxies',
    'serverless',
    'stripe-webhook',
    'team-accounts',
    'testing-your-app',
    'trial-credit',
  ]);
});

describe('Stripe without our module', () => {
  const secret = 'whsec_test';
  const stripe = new Stripe('sk_test_x');
  const session = {
    id: 'cs_1',
    client_reference_id: 'user_1',
    payment_status: 'paid',
    currency: 'usd',
    amount_total: 1250,
  };

  async function send(changes: object = {}, type = 'checkout.session.completed', signed = true) {
    const { stripeWebhook } = await recipe<{ stripeWebhook(g: Gateway, s: Stripe, secret: string): Router }>(
      'stripe-webhook',
    );
    const { gateway } = await behind();
    const post = await webhook(stripeWebhook(gateway, stripe, secret));
    const payload = JSON.stringify({
      id: 'evt_1',
      object: 'event',
      type,
      data: { object: { ...session, ...changes } },
    });
    const signature = stripe.webhooks.generateTestHeaderString({ payload, secret: signed ? secret : 'whsec_other' });
    const statuses = [
      await post(payload, { 'stripe-signature': signature }),
      await post(payload, { 'stripe-signature': signature }),
    ];
    return { statuses, balance: await balanceOf(gateway, 'user_1') };
  }

  test('credits a payment once, in dollars', async () => {
    expect(await send()).toEqual({ statuses: [200, 200], balance: '12.5' });
  });

  test('credits nothing that is unpaid, in another currency, or not signed', async () => {
    expect((await send({ payment_status: 'unpaid' })).balance).toBe('0');
    expect((await send({ currency: 'jpy' })).balance).toBe('0');
    expect(await send({}, undefined, false)).toEqual({ statuses: [400, 400], balance: '0' });
  });
});

test('Lemon Squeezy: a paid order is credited once, and only when it is signed', async () => {
  const { lemonSqueezyWebhook } = await recipe<{ lemonSqueezyWebhook(g: Gateway, secret: string): Router }>(
    'lemon-squeezy',
  );
  const { gateway } = await behind();
  const post = await webhook(lemonSqueezyWebhook(gateway, 'secret'));
  const body = JSON.stringify({
    meta: { event_name: 'order_created', custom_data: { account_id: 'user_1' } },
    data: { id: '77', attributes: { status: 'paid', total_usd: 999 } },
  });
  const signature = createHmac('sha256', 'secret').update(body).digest('hex');
  expect(await post(body, { 'x-signature': 'f'.repeat(64) })).toBe(400);
  expect(await post(body, {})).toBe(400);
  expect(await post(body, { 'x-signature': signature })).toBe(200);
  expect(await post(body, { 'x-signature': signature })).toBe(200);
  expect(await balanceOf(gateway, 'user_1')).toBe('9.99');
});

test('mail on a low balance: once per crossing', async () => {
  type Mail = (to: string, text: string) => Promise<void>;
  const { gatewayWithMail } = await recipe<{ gatewayWithMail(o: GatewayOptions, mail: Mail): Gateway }>(
    'low-balance-mail',
  );
  const mails: string[] = [];
  let sent = () => {};
  const first = new Promise<void>((resolve) => (sent = resolve));
  const { upstream } = await behind();
  const gateway = gatewayWithMail(
    {
      providers: { openai: openai(upstream.openai) },
      // A dollar for each token.
      models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 0, output: 1_000_000 } } },
      plans: { prepaid: { models: '*', billing: 'prepaid' } },
    },
    async (to, text) => {
      mails.push(`${to}: ${text}`);
      sent();
    },
  );
  open.push(gateway);
  await gateway.credits.topUp({ accountId: 'user_1', amount: '10', idempotencyKey: 'start' });
  upstream.answer({ usage: { input: 1, output: 6 } });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  await inside(gateway).chat.completions.create({ model: 'gpt-4o-mini', messages, max_tokens: 6 });
  await first;
  expect(mails).toEqual(['user_1: $4 are left.']);
});

test('trial credit: given once, and gone after two weeks', async () => {
  const { signUp } = await recipe<{ signUp(g: Gateway, id: string, now?: number): Promise<unknown> }>('trial-credit');
  const start = Date.UTC(2026, 10, 1);
  let now = start;
  const { gateway } = await behind({ plans: { trial: { models: '*', billing: 'prepaid' } }, now: () => now });
  await signUp(gateway, 'user_2', now);
  await signUp(gateway, 'user_2', now);
  expect((await gateway.accounts.get('user_2')).available).toBe('5');
  now = start + 14 * 24 * 3_600_000 + 1;
  expect(Number((await gateway.accounts.get('user_2')).available)).toBe(0);
});

test('team accounts: a key for each member, spend by member, nothing after they leave', async () => {
  const team = await recipe<{
    addMember(g: Gateway, team: string, member: string): Promise<{ key: string }>;
    removeMember(g: Gateway, team: string, member: string): Promise<void>;
    spentByMember(g: Gateway, team: string, from: Date): Promise<{ member: string | null; cost: string }[]>;
  }>('team-accounts');
  const { gateway } = await behind();
  const { key } = await team.addMember(gateway, 'acme', 'ann');
  await team.addMember(gateway, 'acme', 'bob');
  expect(await statusOf(gateway, key)).toBe(200);
  const [row] = await team.spentByMember(gateway, 'acme', new Date(0));
  expect([row?.member, Number(row?.cost) > 0]).toEqual(['ann', true]);
  await team.removeMember(gateway, 'acme', 'ann');
  expect(await statusOf(gateway, key)).toBe(401);
  expect((await gateway.keys.list('acme')).filter(({ revokedAt }) => !revokedAt)).toHaveLength(1);
});

test('a leaked key: found by its hint, replaced at once, with what it did', async () => {
  type Replace = (
    g: Gateway,
    account: string,
    leaked: string,
    since: Date,
  ) => Promise<{ key: string; requests: unknown[] }>;
  const { replaceLeaked } = await recipe<{ replaceLeaked: Replace }>('leaked-key');
  const { gateway, key } = await behind();
  expect(await statusOf(gateway, key)).toBe(200);
  const replaced = await replaceLeaked(gateway, 'user_1', key, new Date(0));
  expect(replaced.requests).toHaveLength(1);
  expect([await statusOf(gateway, key), await statusOf(gateway, replaced.key)]).toEqual([401, 200]);
  expect(await replaceLeaked(gateway, 'user_1', 'napi-unknown', new Date(0))).toBeUndefined();
});

test('models in the EU alone: the plan has no other', async () => {
  const { euGateway } = await recipe<{ euGateway(): Gateway }>('eu-only');
  const gateway = euGateway();
  open.push(gateway);
  const client = inside(gateway, 'eu');
  expect((await client.models.list()).data.map(({ id }) => id).sort()).toEqual(['eu/claude', 'eu/gpt-4o-mini']);
  await expect(client.chat.completions.create({ model: 'gpt-4o-mini', messages: [] })).rejects.toThrow(/403|400/);
});

test('behind a reverse proxy: the client is whom the trusted proxy names', async () => {
  const { behindProxy } = await recipe<{ behindProxy(g: Gateway): Express }>('reverse-proxies');
  const { gateway } = await behind();
  const { origin } = await serve(behindProxy(gateway));
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'office', allowIps: ['203.0.113.0/24'] });
  const ask = async (client: string) => {
    const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': client };
    return (await fetch(`${origin}/v1/models`, { headers })).status;
  };
  expect([await ask('203.0.113.7'), await ask('198.51.100.1')]).toEqual([200, 403]);
});

test('serverless: handlers that answer, also while the database is away', async () => {
  process.env['DATABASE_URL'] = 'postgres://nobody@127.0.0.1:1/none';
  type Post = (request: Request, context: { params: Promise<{ path: string[] }> }) => Promise<Response>;
  const { POST } = await recipe<{ POST: Post }>('serverless');
  const ask = async (headers: Record<string, string>) => {
    const request = new Request('http://app.example/v1/chat/completions', { method: 'POST', headers, body: '{}' });
    return (await POST(request, { params: Promise.resolve({ path: ['chat', 'completions'] }) })).status;
  };
  expect(await ask({})).toBe(401);
  expect(await ask({ authorization: `Bearer ${createKey('napi-')}` })).toBe(503);
});

test('tests of your app: a script, what the provider got, and a clock', async () => {
  type Made = { gateway: Gateway; upstream: FakeUpstream; clock: TestClock; close(): Promise<void> };
  const { testGateway } = await recipe<{ testGateway(): Promise<Made> }>('testing-your-app');
  const made = await testGateway();
  open.push(made);
  const client = inside(made.gateway);
  made.upstream.answer({ text: 'Hi', usage: { input: 10, output: 5 } });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
  expect(answer.choices[0]?.message.content).toBe('Hi');
  expect((await made.upstream.received()).body).toMatchObject({ messages });
  const [event] = await made.gateway.usage.events({ accountId: 'user_1' });
  expect(event?.cost).toBe('0.00002');
  await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
  await expect(client.chat.completions.create({ model: 'gpt-4o-mini', messages })).rejects.toThrow('429');
  made.clock.advance(60_000);
  await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
});

function inside(gateway: Gateway, plan?: string): OpenAI {
  const fetch = gateway.fetchFor({ accountId: 'user_1', ...(plan !== undefined && { plan }) });
  return new OpenAI({ baseURL: 'http://gateway.test/v1', apiKey: 'unused', maxRetries: 0, fetch });
}

/** The status of a chat request with a key. */
async function statusOf(gateway: Gateway, key: string): Promise<number> {
  const request = new Request('http://gateway.test/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return (await gateway.fetch(request)).status;
}
