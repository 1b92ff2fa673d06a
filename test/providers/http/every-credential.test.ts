import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { afterEach, describe, expect, test } from 'vitest';
import { type AiSdkProvider, fromAiSdk } from '../../../src/ai-sdk/index.js';
import {
  anthropic,
  azureOpenAI,
  type CredentialContext,
  createGateway,
  deepseek,
  google,
  groq,
  mistral,
  openai,
  openaiCompatible,
  openrouter,
  type ProviderAdapter,
} from '../../../src/index.js';
import { type AwsCredentialSource, bedrock } from '../../../src/providers/bedrock/index.js';
import { vertex } from '../../../src/providers/vertex/index.js';
import { type FakeAnswer, type FakeUpstream, fakeUpstream } from '../../../src/testing/index.js';
import { png, wav } from '../../helpers/media-files.js';
import { loggedErrors, testLogger } from '../../helpers/test-logger.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

/** Asked with each request; returns the name of a credential. */
type Ask = (context: CredentialContext) => Promise<string>;

const awsOf = (ask: Ask): AwsCredentialSource => {
  return async ({ rejected, ...context }) => ({
    accessKeyId: await ask({ ...context, ...(rejected !== undefined && { rejected }) }),
    secretAccessKey: 'a-secret-access-key',
  });
};

/** The AI SDK's providers carry their key: one is made for each. */
function sdkOf(ask: Ask, make: (apiKey: string) => Exclude<AiSdkProvider, (context: never) => unknown>): AiSdkProvider {
  const keys = new WeakMap<object, string>();
  return async ({ rejected, ...context }) => {
    const refused = rejected && keys.get(rejected);
    const key = await ask({ ...context, ...(refused !== undefined && { rejected: refused }) });
    const provider = make(key);
    keys.set(provider, key);
    return provider;
  };
}

interface Provider {
  readonly adapter: (at: FakeUpstream, ask: Ask) => ProviderAdapter;
  readonly model?: string;
  readonly embeddings?: string;
}

const EMBEDS = { embeddings: 'embed' };
const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: { adapter: (at, apiKey) => openai({ ...at.openai, apiKey }), ...EMBEDS },
  openaiCompatible: { adapter: (at, apiKey) => openaiCompatible({ ...at.openai, apiKey }), ...EMBEDS },
  groq: { adapter: (at, apiKey) => groq({ ...at.openai, apiKey }) },
  mistral: { adapter: (at, apiKey) => mistral({ ...at.openai, apiKey }), ...EMBEDS },
  deepseek: { adapter: (at, apiKey) => deepseek({ ...at.openai, apiKey }) },
  openrouter: { adapter: (at, apiKey) => openrouter({ ...at.openai, apiKey }), ...EMBEDS },
  anthropic: { adapter: (at, apiKey) => anthropic({ ...at.anthropic, apiKey }), model: 'claude-sonnet-4-5' },
  google: {
    adapter: (at, apiKey) => google({ ...at.google, apiKey }),
    model: 'gemini-2.5-flash',
    embeddings: 'gemini-embedding-001',
  },
  'azureOpenAI by key': { adapter: ({ azure: { baseURL } }, apiKey) => azureOpenAI({ baseURL, apiKey }), ...EMBEDS },
  'azureOpenAI by token': { adapter: ({ azure: { baseURL } }, token) => azureOpenAI({ baseURL, token }), ...EMBEDS },
  'vertex, Gemini': {
    adapter: (at, token) => vertex({ ...at.vertex, token }),
    model: 'gemini-2.5-flash',
    embeddings: 'text-embedding-005',
  },
  'vertex, Claude': { adapter: (at, token) => vertex({ ...at.vertex, token }), model: 'claude-sonnet-4-5@20250929' },
  'bedrock by key, Claude': {
    adapter: (at, apiKey) => bedrock({ ...at.bedrock, apiKey }),
    model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    embeddings: 'amazon.titan-embed-text-v2:0',
  },
  'bedrock by identity, Converse': {
    adapter: ({ bedrock: { region, baseURL } }, ask) => bedrock({ region, baseURL, credentials: awsOf(ask) }),
    model: 'amazon.nova-pro-v1:0',
    embeddings: 'amazon.titan-embed-text-v2:0',
  },
  'fromAiSdk, OpenAI': {
    adapter: (at, ask) => fromAiSdk(sdkOf(ask, (apiKey) => createOpenAI({ ...at.openai, apiKey }))),
    ...EMBEDS,
  },
  'fromAiSdk, Anthropic': {
    adapter: ({ anthropic: { baseURL } }, ask) =>
      fromAiSdk(sdkOf(ask, (apiKey) => createAnthropic({ apiKey, baseURL: `${baseURL}/v1` }))),
    model: 'claude-sonnet-4-5',
  },
};

const MESSAGES = [{ role: 'user', content: 'Hi' }];
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
const CHAT = { model: 'it', messages: MESSAGES };
const MESSAGE = { ...CHAT, max_tokens: 100 };
const sound = () => form({ model: 'it', file: new File([new Uint8Array(wav(2))], 'a.wav', { type: 'audio/wav' }) });
const edit = () =>
  form({ model: 'it', prompt: 'A cat', image: new File([new Uint8Array(png(8, 8))], 'a.png', { type: 'image/png' }) });

function form(fields: Readonly<Record<string, string | File>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

/** Every way in: path and body, and the good answer where the fake has none of its own. */
const ROUTES: Readonly<Record<string, readonly [path: string, body: () => object, answer?: FakeAnswer]>> = {
  chat: ['chat/completions', () => CHAT],
  'chat, streamed': ['chat/completions', () => ({ ...CHAT, stream: true })],
  responses: ['responses', () => ({ model: 'it', input: 'Hi' })],
  'responses, streamed': ['responses', () => ({ model: 'it', input: 'Hi', stream: true })],
  messages: ['messages', () => MESSAGE],
  'messages, streamed': ['messages', () => ({ ...MESSAGE, stream: true })],
  generateContent: ['models/it:generateContent', () => CONTENTS],
  streamGenerateContent: ['models/it:streamGenerateContent', () => CONTENTS],
  completions: ['completions', () => ({ model: 'it', prompt: 'Hi' })],
  embeddings: ['embeddings', () => ({ model: 'embeds', input: 'Hi' })],
  images: ['images/generations', () => ({ model: 'it', prompt: 'A cat' }), { body: '{"data":[{"b64_json":"AAAA"}]}' }],
  'images, edited': ['images/edits', edit, { body: '{"data":[{"b64_json":"AAAA"}]}' }],
  speech: ['audio/speech', () => ({ model: 'it', input: 'Hi', voice: 'alloy' }), { body: 'sound' }],
  transcriptions: ['audio/transcriptions', sound, { body: '{"text":"Hi"}' }],
  moderations: ['moderations', () => ({ model: 'it', input: 'Hi' }), { body: '{"results":[]}' }],
};
const OPENAI_ONLY = ['completions', 'images', 'images, edited', 'speech', 'transcriptions', 'moderations'];
const SERVES_ALL = /^(?:openai|azureOpenAI by (?:key|token))$/;

function routesOf(name: string): string[] {
  const { embeddings } = PROVIDERS[name] ?? {};
  return Object.keys(ROUTES).filter((route) =>
    OPENAI_ONLY.includes(route) ? SERVES_ALL.test(name) : route !== 'embeddings' || embeddings !== undefined,
  );
}

const keyIn = ({ headers }: FakeUpstream['requests'][number]): string => {
  const { authorization = '', 'x-api-key': own, 'x-goog-api-key': googles, 'api-key': azures } = headers;
  const carried = String(own ?? googles ?? azures ?? authorization);
  return /Credential=([^/]+)/.exec(carried)?.[1] ?? carried.replace('Bearer ', '');
};

describe.each(Object.keys(PROVIDERS))('a credential of %s', (name) => {
  const { adapter, model = 'model-1', embeddings = 'none' } = PROVIDERS[name] as Provider;

  async function site(ask: Ask) {
    const upstream = await fakeUpstream();
    const price = { input: 1, output: 2, units: { image: 1, character: 1, input_second: 1 } };
    const gateway = createGateway({
      providers: { it: adapter(upstream, ask) },
      models: {
        it: { targets: [{ provider: 'it', model }], price },
        embeds: { targets: [{ provider: 'it', model: embeddings }], price },
      },
      plans: { free: { models: '*' } },
      retries: { maxAttempts: 1 },
      logger: testLogger,
    });
    open.push(upstream, { close: () => gateway.close({ deadlineMs: 0 }) });
    const post = (accountId: string, path: string, body: object) =>
      gateway.fetchFor({ accountId, tags: { team: 'a' } })(
        `http://gateway/v1/${path}`,
        body instanceof FormData
          ? { method: 'POST', body }
          : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
      );
    return { upstream, post };
  }

  test.each(routesOf(name))('%s: each tenant has its own, and one that is refused is replaced once', async (route) => {
    const [path, body, good] = ROUTES[route] ?? ['', () => ({})];
    const asked: CredentialContext[] = [];
    const it = await site(async (context) => {
      asked.push(context);
      return `${context.rejected === undefined ? 'leaked' : 'fresh'}-key-of-${context.accountId}`;
    });
    const answers = good ? [good] : [];
    for (const status of [401, 403]) {
      it.upstream.answer({ status }, ...answers);
      const answer = await it.post(`user_${status}`, path, body());
      expect(answer.status, await answer.text()).toBe(200);
    }
    const of = (account: string) => [`leaked-key-of-${account}`, `fresh-key-of-${account}`];
    expect(it.upstream.requests.map(keyIn)).toEqual([...of('user_401'), ...of('user_403')]);
    expect(asked.map(({ accountId, rejected, tags }) => [accountId, rejected, tags])).toEqual(
      ['user_401', 'user_403'].flatMap((account) => [
        [account, undefined, { team: 'a' }],
        [account, `leaked-key-of-${account}`, { team: 'a' }],
      ]),
    );
    // All of the request is sent again.
    const [first, second] = it.upstream.requests;
    expect(second?.text.replaceAll(/-{6,}[\w-]+/g, 'boundary')).toBe(
      first?.text.replaceAll(/-{6,}[\w-]+/g, 'boundary'),
    );
  });

  test('that is refused twice ends the request, and no answer names it', async () => {
    let count = 0;
    const it = await site(async () => `key-number-${++count}`);
    it.upstream.answer({ status: 401 }, { status: 403 });
    const answer = await it.post('user_1', 'chat/completions', CHAT);
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toContain('key-number');
    expect(it.upstream.requests).toHaveLength(2);
    expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
  });

  test('that the function can not make is a 502 that says nothing; nothing is sent', async () => {
    const it = await site(() => Promise.reject(new Error('vault-7.internal is down')));
    const answer = await it.post('user_1', 'chat/completions', { ...CHAT, stream: true });
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toContain('vault');
    expect(it.upstream.requests).toEqual([]);
    expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
  });
});
