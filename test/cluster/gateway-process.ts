/**
 * A gateway in a process of its own, for tests that need several of them or that kill one. Its settings come as JSON
 * in the environment; it tells its parent the port it listens on, and does what the parent asks for.
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import Database from 'libsql';
import pg from 'pg';
import { fileOutbox, toNodeHandler } from '../../src/http/node.js';
import {
  anthropic,
  type ChatAnswer,
  type ChatCall,
  createGateway,
  deepseek,
  type GatewayEvent,
  type GatewayOptions,
  google,
  openai,
  type ProviderAdapter,
} from '../../src/index.js';
import type { Usage } from '../../src/lib/usage.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { redisItems, redisKeyEvents, redisRateLimiter } from '../../src/stores/redis/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import type { Store } from '../../src/stores/store.js';
import type { Ending, GatewayProcessSettings } from './gateway-processes.js';

const settings = JSON.parse(process.env['GATEWAY_PROCESS'] ?? '{}') as GatewayProcessSettings;

/** A provider in this process that takes up to ten milliseconds and says how many tokens it used. */
function quickProvider(): ProviderAdapter {
  const usage = (): Usage => ({
    inputTokens: 10,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: 1 + Math.floor(Math.random() * 50),
    reasoningTokens: 0,
    source: 'provider',
  });
  const wait = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
  const head = ({ model, now }: ChatCall) => ({ id: 'chatcmpl-quick', created: Math.floor(now() / 1000), model });
  const answer = (call: ChatCall): ChatAnswer => ({
    completion: {
      ...head(call),
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello!', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    },
    usage: usage(),
  });
  return {
    name: 'quick',
    async chat(call) {
      await wait();
      return answer(call);
    },
    async stream(call) {
      await wait();
      const chunk = (content: string, finish: 'stop' | null) => ({
        ...head(call),
        object: 'chat.completion.chunk' as const,
        choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: finish }],
      });
      async function* batches() {
        yield { chunks: [chunk('Hel', null)] };
        await wait();
        yield { chunks: [chunk('lo!', 'stop')], usage: usage(), finished: true };
      }
      return { batches: batches() };
    },
  };
}

function openStore(): Store {
  if (settings.sqlite !== undefined) return sqliteStore(new Database(settings.sqlite));
  const pool = new pg.Pool({ ...settings.postgres, max: 8, application_name: 'gateway-process' });
  pool.on('error', () => {});
  return postgresStore(pool);
}

function redisParts(): Pick<GatewayOptions, 'rateLimiter' | 'keyEvents' | 'items'> {
  if (settings.redis === undefined) return {};
  const client = new Redis({ path: settings.redis });
  client.on('error', () => {});
  // A busy test machine is no outage: with the usual limit the insurance would step in and admit more.
  return {
    rateLimiter: redisRateLimiter(client, { expectedProcesses: 4, commandTimeoutMs: 10_000 }),
    keyEvents: redisKeyEvents(client),
    ...(settings.items === 'redis' && { items: { store: redisItems(client, { commandTimeoutMs: 10_000 }) } }),
  };
}

const PRICE = { input: 1, output: 2 };

/** All dialects at one stand-in. */
function fakes(url: string): Pick<GatewayOptions, 'providers' | 'models'> {
  return {
    providers: {
      fakeOpenAI: openai({ apiKey: 'sk-fake', baseURL: `${url}/v1` }),
      anthropic: anthropic({ apiKey: 'sk-ant-fake', baseURL: url }),
      google: google({ apiKey: 'fake-google', baseURL: url }),
      deepseek: deepseek({ apiKey: 'sk-fake', baseURL: `${url}/v1` }),
    },
    models: {
      'gpt-5': { provider: 'fakeOpenAI', price: PRICE },
      claude: { provider: 'anthropic', model: 'claude-opus-4-8', price: { ...PRICE, cacheWrite: 1 } },
      'gemini-3': { provider: 'google', model: 'gemini-3-pro-preview', price: PRICE },
      deepseek: { provider: 'deepseek', model: 'deepseek-reasoner', price: PRICE },
    },
  };
}

const faked = settings.fakes === undefined ? undefined : fakes(settings.fakes);
/** Handlers that write down each event they are called for; the first call of a process fails after that. */
function eventHandlers(path: string): Pick<GatewayOptions, 'on' | 'thresholds'> {
  let calls = 0;
  const hear = ({ id, type, accountId, data }: GatewayEvent) => {
    const failed = ++calls <= 1;
    appendFileSync(path, `${JSON.stringify({ id, type, accountId, threshold: data['threshold'], failed })}\n`);
    if (failed) throw new Error('the handler is broken');
  };
  const on = { 'balance.low': hear, 'budget.reached': hear, 'allowance.reached': hear };
  return { on, thresholds: { balance: ['0.01'], budget: [0.5], allowance: [0.5] } };
}

const gateway = createGateway({
  providers: {
    quick: quickProvider(),
    ...faked?.providers,
    ...(settings.upstream && { openai: openai({ apiKey: 'sk-upstream', baseURL: settings.upstream }) }),
  },
  models: {
    quick: { provider: 'quick', price: PRICE },
    ...faked?.models,
    ...(settings.upstream && { slow: { provider: 'openai', price: { input: 1, output: 2 } } }),
  },
  plans: {
    prepaid: { models: '*', billing: 'prepaid' },
    sources: {
      models: '*',
      billing: 'prepaid',
      allowance: [
        { amount: settings.allowance ?? '1', per: 'month' },
        { amount: settings.allowance ?? '1', per: '5h' },
      ],
    },
    limited: { models: '*', limits: { requestsPerMinute: settings.requestsPerMinute ?? 60 } },
  },
  defaultPlan: settings.defaultPlan ?? 'prepaid',
  ...(settings.defaultPlan === 'sources' && {
    budgets: [
      { subject: 'account', amount: '500', per: 'month' },
      { subject: 'endUser', amount: '500', per: 'day' },
    ] as const,
  }),
  ...(settings.events !== undefined && eventHandlers(settings.events)),
  store: openStore(),
  ...redisParts(),
  ...(settings.outbox !== undefined && { outbox: fileOutbox(settings.outbox) }),
  retries: { maxAttempts: 1 },
  logger: { debug() {}, info() {}, warn() {}, error: (fields, message) => console.error(message, fields) },
});

const ENDINGS: { readonly [Kind in Ending['what']]: (id: string) => Promise<unknown> } = {
  key: (id) => gateway.keys.revoke(id),
  session: (id) => gateway.sessions.revoke(id),
  account: (id) => gateway.accounts.suspend(id),
};
process.on('message', ({ what, id }: Ending) => {
  void ENDINGS[what](id).then(() => process.send?.({ ended: id }));
});
// A parent that is gone, also by a crash of its own, leaves no process behind.
process.on('disconnect', () => process.exit(0));

const server = createServer(toNodeHandler(gateway));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
