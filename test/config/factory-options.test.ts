import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { createAdminApi } from '../../src/admin/index.js';
import { fromAiSdk, gatewayModels } from '../../src/ai-sdk/index.js';
import { pick } from '../../src/catalogue/index.js';
import { createDashboard } from '../../src/dashboard/index.js';
import { blockWords, openaiModeration, redact } from '../../src/hooks/index.js';
import { toExpressHandler } from '../../src/http/express.js';
import { gatewayPlugin } from '../../src/http/fastify.js';
import { toNextHandlers } from '../../src/http/next.js';
import { fileOutbox, signedWebhook, toNodeHandler } from '../../src/http/node.js';
import {
  anthropic,
  azureOpenAI,
  cerebras,
  createGateway,
  deepseek,
  fireworks,
  google,
  groq,
  memoryRateLimiter,
  memoryStore,
  mistral,
  ollama,
  openai,
  openaiCompatible,
  openrouter,
  together,
  vllm,
  wrapProvider,
  xai,
} from '../../src/index.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { vertex } from '../../src/providers/vertex/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { redisItems, redisKeyEvents, redisRateLimiter } from '../../src/stores/redis/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { stripeBilling } from '../../src/stripe/index.js';
import { openTelemetry } from '../../src/telemetry/opentelemetry.js';
import { prometheus, toMetricsHandler } from '../../src/telemetry/prometheus.js';

/** What JavaScript can pass and TypeScript would refuse. */
type Loose = (...args: unknown[]) => unknown;
const loose = (make: unknown): Loose => make as Loose;

const key = { apiKey: 'sk-test' };
const base = { baseURL: 'https://api.example.com/v1' };
const gateway = { handle: () => {}, keys: {} };
const redis = { publish: () => {}, duplicate: () => {}, evalsha: () => {} };
/** An object that can't be written as text. */
const bare: object = Object.create(null);
const secret = `whsec_${Buffer.alloc(24).toString('base64')}`;

/** Each provider with options that are enough for it. */
const PROVIDERS: readonly (readonly [name: string, make: unknown, enough: object])[] = [
  ['openai', openai, key],
  ['anthropic', anthropic, key],
  ['google', google, key],
  ['openaiCompatible', openaiCompatible, base],
  ['azureOpenAI', azureOpenAI, { ...key, resource: 'mine' }],
  ['vertex', vertex, { project: 'p', location: 'us-central1', token: 't' }],
  ['bedrock', bedrock, { ...key, region: 'us-east-1' }],
  ['groq', groq, key],
  ['mistral', mistral, key],
  ['deepseek', deepseek, key],
  ['xai', xai, key],
  ['openrouter', openrouter, key],
  ['together', together, key],
  ['fireworks', fireworks, key],
  ['cerebras', cerebras, key],
  ['ollama', ollama, {}],
  ['vllm', vllm, base],
];

describe.each(PROVIDERS)('%s', (name, make, enough) => {
  const made = (options: unknown) => () => loose(make)(options);

  test('takes what is enough', () => {
    expect(made(enough)()).toMatchObject({ chat: expect.any(Function), stream: expect.any(Function) });
  });

  test('names an option that it does not have, and the one that was meant', () => {
    expect(made({ ...enough, baseUrl: 'https://proxy.example' })).toThrow(
      new TypeError(`${name}: baseUrl is not an option; did you mean 'baseURL'?`),
    );
  });

  test.each(['', 'api.example.com/v1', 'ftp://api.example.com', 5])('takes no base URL that is %j', (baseURL) => {
    expect(made({ ...enough, baseURL })).toThrow(`${name}: baseURL must be an http(s) URL`);
  });

  test.each([null, 'x: y', { 'x-version': undefined }])('takes no headers that are %j', (headers) => {
    expect(made({ ...enough, headers })).toThrow(`${name}: headers must hold strings or functions`);
  });
});

const NEEDS_NOTHING = new Set(['ollama']);

test.each(PROVIDERS.filter(([name]) => !NEEDS_NOTHING.has(name)))('%s says so when there is nothing', (name, make) => {
  expect(() => loose(make)(undefined)).toThrow(new TypeError(`${name}: the options must be an object`));
});

const REFUSED: readonly (readonly [call: string, make: () => unknown, problem: string])[] = [
  ['openaiCompatible', () => loose(openaiCompatible)(key), 'openaiCompatible: baseURL is missing'],
  [
    'openaiCompatible',
    () => loose(openaiCompatible)({ ...base, limitField: 'max', routes: { chat: true } }),
    "openaiCompatible: limitField must be one of 'max_tokens', 'max_completion_tokens'; routes.chat is not an option",
  ],
  ['anthropic', () => loose(anthropic)({ ...key, allowedBetas: 'a' }), 'anthropic: allowedBetas must be an array'],
  ['wrapProvider', () => loose(wrapProvider)(), 'wrapProvider: the provider to wrap is missing'],
  ['wrapProvider', () => loose(wrapProvider)(openai(key), { chats: () => {} }), "did you mean 'chat'?"],
  ['fromAiSdk', () => loose(fromAiSdk)(), 'fromAiSdk: give it a provider of the AI SDK'],
  ['fromAiSdk', () => loose(fromAiSdk)(() => {}, { extraOption: '*' }), "did you mean 'extraOptions'?"],
  ['gatewayModels', () => loose(gatewayModels)(undefined, { accountId: 'a' }), 'gatewayModels: give it what'],
  ['toExpressHandler', () => loose(toExpressHandler)(), 'toExpressHandler: gateway is missing'],
  ['toExpressHandler', () => loose(toExpressHandler)(Promise.resolve(gateway)), 'gateway is missing'],
  ['toNodeHandler', () => loose(toNodeHandler)(), 'toNodeHandler: gateway is missing'],
  ['toNodeHandler', () => loose(toNodeHandler)(gateway, { basepath: '/a' }), "did you mean 'basePath'?"],
  ['toNextHandlers', () => loose(toNextHandlers)(), 'toNextHandlers: gateway is missing'],
  ['toNextHandlers', () => loose(toNextHandlers)(gateway, { basepath: '/a' }), "did you mean 'basePath'?"],
  ['redact', () => loose(redact)('secret'), 'redact: patterns must be an array'],
  ['redact', () => loose(redact)([undefined]), 'redact: patterns[0] is of the wrong kind'],
  ['redact', () => loose(redact)(['x'], { on: 'requests' }), "redact: on must be one of 'request', 'answer', 'both'"],
  ['redact', () => loose(redact)(['x'], { lookbehind: 5 }), "did you mean 'lookBehind'?"],
  ['blockWords', () => loose(blockWords)('word'), 'blockWords: words must be an array'],
  ['blockWords', () => loose(blockWords)(['word'], { onError: 'ignore' }), "onError must be one of 'refuse', 'pass'"],
  ['openaiModeration', () => loose(openaiModeration)(), 'openaiModeration: the options must be an object'],
  ['openaiModeration', () => loose(openaiModeration)({}), 'openaiModeration: apiKey is missing'],
  ['openaiModeration', () => loose(openaiModeration)({ ...key, category: ['hate'] }), 'category is not an option'],
  ['signedWebhook', () => loose(signedWebhook)({ url: 'https://a.example', secret, timeout: 5 }), 'timeout is not an'],
  ['fileOutbox', () => loose(fileOutbox)(), 'fileOutbox: the path of its file is missing'],
  ['redisKeyEvents', () => loose(redisKeyEvents)(), 'redisKeyEvents needs a client'],
  ['redisKeyEvents', () => loose(redisKeyEvents)(redis, { chanel: 'x' }), "did you mean 'channel'?"],
  ['redisKeyEvents', () => loose(redisKeyEvents)(redis, null), 'redisKeyEvents: the options must be an object'],
  ['redisRateLimiter', () => loose(redisRateLimiter)(redis, null), 'redisRateLimiter: the options must be an object'],
  ['redisRateLimiter', () => loose(redisRateLimiter)(redis, { onUnavailable: 'shut' }), "one of 'insurance', 'open'"],
  ['redisRateLimiter', () => loose(redisRateLimiter)(redis, { prefix: bare }), 'prefix must be a non-empty string'],
  ['redisItems', () => loose(redisItems)(redis, null), 'redisItems: the options must be an object'],
  ['redisItems', () => loose(redisItems)(redis, { prefix: bare }), 'redisItems: prefix must be a non-empty string'],
  ['sqliteStore', () => loose(sqliteStore)({ prepare: () => {} }, null), 'sqliteStore: the options must be an object'],
  ['postgresStore', () => loose(postgresStore)({ query: () => {} }, null), 'postgresStore: the options must be an'],
  ['openTelemetry', () => loose(openTelemetry)(null), 'openTelemetry: the options must be an object'],
  ['openTelemetry', () => loose(openTelemetry)({ meterProvider: {} }), 'meterProvider must have the method getMeter'],
  ['vertex', () => loose(vertex)({ project: bare, location: 'eu' }), 'vertex: project must be a string'],
  [
    'vertex',
    () => loose(vertex)({ project: 'p', location: 'eu', token: bare }),
    'token must be a string or a function',
  ],
  ['azureOpenAI', () => loose(azureOpenAI)({ resource: 'r', token: 5 }), 'token must be a string or a function'],
  ['bedrock', () => loose(bedrock)({ ...key, region: bare }), 'bedrock: region must be a string'],
  ['pick', () => loose(pick)('gpt-*', { providers: [bare] }), "the catalogue has no provider '[object Object]'"],
  ['pick', () => loose(pick)('gpt-*', { markup: bare }), 'markup must be a number from 0 to 1000'],
  [
    'createDashboard',
    () => loose(createDashboard)({ gateway, authenticate: () => null, logo: bare }),
    'logo: must be a',
  ],
  [
    'createDashboard',
    () => loose(createDashboard)({ gateway, authenticate: () => null, billing: bare }),
    'billing: must',
  ],
  [
    'createAdminApi',
    () => loose(createAdminApi)({ gateway, allowedOrigins: [bare] }),
    'allowedOrigins must be an array',
  ],
  ['stripeBilling', () => loose(stripeBilling)({ gateway, plans: { price_1: bare } }), 'plans.price_1: '],
  ['prometheus', () => loose(prometheus)({ registry: {} }), "did you mean 'register'?"],
  ['prometheus', () => loose(prometheus)({ prefix: 5 }), 'prometheus: prefix must be a non-empty string'],
  ['toMetricsHandler', () => loose(toMetricsHandler)({}, { authorise: () => false }), "did you mean 'authorize'?"],
  ['openTelemetry', () => loose(openTelemetry)({ tracer: {} }), 'openTelemetry: tracer is not an option'],
  ['createAdminApi', () => loose(createAdminApi)({ gateway, allowedOrigins: 'x' }), 'allowedOrigins must be an array'],
  ['createDashboard', () => loose(createDashboard)({ gateway, autenticate: () => null }), 'authenticate: required'],
  ['stripeBilling', () => loose(stripeBilling)({ gateway, plan: {} }), "did you mean 'plans'?"],
  ['memoryStore', () => loose(memoryStore)(null), 'memoryStore: the options must be an object'],
  ['memoryStore', () => loose(memoryStore)({ now: 5, maxEvents: 0 }), 'now must be a function; maxEvents must be a'],
  ['memoryRateLimiter', () => loose(memoryRateLimiter)({ clock: Date.now }), 'memoryRateLimiter: clock is not an'],
  ['pick', () => loose(pick)('gpt-*', null), 'the options of pick must be an object'],
  ['pick', () => loose(pick)('gpt-*', { providers: 'openai' }), 'providers must be a list of names'],
];

test.each(REFUSED)('%s refuses by name what it can not use (%#)', (_call, make, problem) => {
  expect(make).toThrow(problem);
});

describe('createGateway names the option that holds', () => {
  const price = { input: 1, output: 2 };
  const enough = {
    providers: { openai: openai(key) },
    models: { fast: { provider: 'openai', price } },
    plans: { free: { models: '*' } },
  };
  const ODD: readonly (readonly [option: string, change: (value: unknown) => object])[] = [
    ['models.fast.provider', (value) => ({ models: { fast: { provider: value, price } } })],
    ['models.fast.targets[0].provider', (value) => ({ models: { fast: { targets: [{ provider: value }], price } } })],
    ['models.fast.price', (value) => ({ models: { fast: { provider: 'openai', price: { ...price, input: value } } } })],
    ['plans.free.models', (value) => ({ plans: { free: { models: [value] } } })],
    ['plans.free.priceMultiplier', (value) => ({ plans: { free: { models: '*', priceMultiplier: value } } })],
    ['defaultPlan', (value) => ({ defaultPlan: value })],
    ['allowedOrigins', (value) => ({ allowedOrigins: [value] })],
    ['background', (value) => ({ background: value })],
  ];

  test.each(ODD)('%s, whatever it is', (option, change) => {
    for (const value of [bare, [bare], Symbol('odd'), 5n, null]) {
      expect(() => loose(createGateway)({ ...enough, ...change(value) })).toThrow(`- ${option}`);
    }
  });
});

test('the Fastify plugin fails to load where there is nothing to serve', async () => {
  const app = Fastify();
  app.register(gatewayPlugin, { prefix: '/v1' } as never);
  await expect(app.ready()).rejects.toThrow('gatewayPlugin: gateway is missing');
});
