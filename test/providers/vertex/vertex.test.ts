import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../../src/index.js';
import { type VertexOptions, vertex } from '../../../src/providers/vertex/index.js';
import { chatCall } from '../../helpers/chat-call.js';
import { testLogger } from '../../helpers/test-logger.js';
import { LOCATION, PROJECT, TOKEN, type VertexServer, vertexServer } from './vertex-server.js';

let server: VertexServer;
beforeAll(async () => {
  server = await vertexServer();
});
afterAll(() => server.close());

const gateways: Gateway[] = [];
afterEach(async () => {
  server.next = undefined;
  server.requests.length = 0;
  for (const gateway of gateways.splice(0)) await gateway.close();
});

const MODELS = {
  gemini: 'gemini-2.5-pro',
  claude: 'claude-sonnet-4-5@20250929',
  text: 'text-embedding-005',
  single: 'gemini-embedding-001',
  newest: 'gemini-embedding-2',
  tuned: 'endpoints/4242',
  gone: 'gemini-gone',
  'claude-gone': 'claude-gone',
};

async function clientOf(options: Partial<VertexOptions> = { token: TOKEN }) {
  const gateway = createGateway({
    providers: { vertex: vertex({ project: PROJECT, location: LOCATION, baseURL: server.origin, ...options }) },
    models: Object.fromEntries(
      Object.entries(MODELS).map(([name, model]) => [
        name,
        { targets: [{ provider: 'vertex', model }], price: { input: 1, cachedInput: 0.5, output: 2 } },
      ]),
    ),
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  gateways.push(gateway);
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const fetch: typeof globalThis.fetch = (input, init) => gateway.fetch(new Request(input, init));
  return { gateway, client: new OpenAI({ apiKey: key, baseURL: 'http://gateway/v1', fetch, maxRetries: 0 }) };
}

const messages = [{ role: 'user' as const, content: 'Hi' }];
const HOME = `/v1/projects/${PROJECT}/locations/${LOCATION}`;
const lastRequest = () => server.requests.at(-1);

async function streamed(client: OpenAI, model: string) {
  let text = '';
  let usage: OpenAI.CompletionUsage | null | undefined;
  const options = { model, messages, stream: true as const, stream_options: { include_usage: true } };
  for await (const chunk of await client.chat.completions.create(options)) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  return { text, usage };
}

describe('Gemini', () => {
  test('whole and streamed, with exact usage', async () => {
    const { client, gateway } = await clientOf();
    const answer = await client.chat.completions.create({ model: 'gemini', messages });
    expect(answer.choices[0]?.message.content).toBe('Hi.');
    expect(lastRequest()?.url).toBe(`${HOME}/publishers/google/models/gemini-2.5-pro:generateContent`);
    expect(lastRequest()?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(await streamed(client, 'gemini')).toMatchObject({
      text: 'Hi.',
      usage: { prompt_tokens: 9, completion_tokens: 7, completion_tokens_details: { reasoning_tokens: 5 } },
    });
    expect(lastRequest()?.url).toBe(`${HOME}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`);
    const [row] = await gateway.usage.query({ accountId: 'user_1' });
    expect(row).toMatchObject({ inputTokens: 18, outputTokens: 14, reasoningTokens: 10 });
  });

  test('a tuned model is an endpoint', async () => {
    const { client } = await clientOf();
    await client.chat.completions.create({ model: 'tuned', messages });
    expect(lastRequest()?.url).toBe(`${HOME}/endpoints/4242:generateContent`);
  });

  test('responses are made out of it', async () => {
    const { client } = await clientOf();
    expect((await client.responses.create({ model: 'gemini', input: 'Hi' })).output_text).toBe('Hi.');
  });
});

describe('Claude', () => {
  test('whole and streamed, by its own bodies without a model', async () => {
    const { client } = await clientOf();
    const answer = await client.chat.completions.create({ model: 'claude', messages, service_tier: 'flex' });
    expect(answer.choices[0]?.message.content).toBe('Hi.');
    expect(answer.usage).toMatchObject({ prompt_tokens: 12, prompt_tokens_details: { cached_tokens: 3 } });
    const path = `${HOME}/publishers/anthropic/models/claude-sonnet-4-5@20250929`;
    expect(lastRequest()?.url).toBe(`${path}:rawPredict`);
    expect(lastRequest()?.body).not.toHaveProperty('service_tier');
    expect(await streamed(client, 'claude')).toMatchObject({ text: 'Hi.', usage: { completion_tokens: 2 } });
    expect(lastRequest()?.url).toBe(`${path}:streamRawPredict`);
  });

  test('betas stay a header, and a client can not choose the version', async () => {
    const { client } = await clientOf();
    const provider_options = { anthropic: { betas: ['context-1m-2025-08-07'] } };
    await client.chat.completions.create({ model: 'claude', messages, ...{ provider_options } });
    expect(lastRequest()?.headers['anthropic-beta']).toBe('context-1m-2025-08-07');
    expect(lastRequest()?.body).toMatchObject({ anthropic_version: 'vertex-2023-10-16' });
  });
});

describe('embeddings', () => {
  test('many texts in one request', async () => {
    const { client, gateway } = await clientOf();
    const answer = await client.embeddings.create({ model: 'text', input: ['abc', 'a'], encoding_format: 'float' });
    expect(answer.data.map(({ embedding }) => embedding)).toEqual([
      [3, 4],
      [1, 4],
    ]);
    expect(server.requests).toHaveLength(1);
    expect(lastRequest()?.url).toBe(`${HOME}/publishers/google/models/text-embedding-005:predict`);
    expect((await gateway.usage.query({ accountId: 'user_1' }))[0]).toMatchObject({ inputTokens: 4 });
  });

  test('one text in each where the model takes one, in order', async () => {
    const { client, gateway } = await clientOf();
    const input = Array.from({ length: 20 }, (_, i) => 'x'.repeat(i + 1));
    const answer = await client.embeddings.create({ model: 'single', input, encoding_format: 'float' });
    expect(answer.data.map(({ embedding }) => embedding[0])).toEqual(input.map(({ length }) => length));
    expect(server.requests).toHaveLength(20);
    expect((await gateway.usage.query({ accountId: 'user_1' }))[0]).toMatchObject({ inputTokens: 40 });
  });

  test('fewer dimensions come scaled to length 1', async () => {
    const { client } = await clientOf();
    const options = { model: 'newest', input: 'abc', dimensions: 2, encoding_format: 'float' as const };
    const answer = await client.embeddings.create({
      ...options,
      ...{ provider_options: { google: { taskType: 'X' } } },
    });
    expect(answer.data[0]?.embedding).toEqual([0.6, 0.8]);
    expect(lastRequest()?.body).toMatchObject({ embedContentConfig: { outputDimensionality: 2, taskType: 'X' } });
  });
});

describe('errors', () => {
  test.each(['gone', 'claude-gone'])('an unknown model, without the name of the project: %s', async (model) => {
    const { client } = await clientOf();
    const thrown = await client.chat.completions.create({ model, messages }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(String(thrown)).not.toContain(PROJECT);
  });

  test("Anthropic's own errors keep their text", async () => {
    const { client } = await clientOf();
    server.next = {
      status: 400,
      body: { type: 'error', error: { type: 'invalid_request_error', message: 'messages.0: too odd' } },
    };
    const thrown = await client.chat.completions.create({ model: 'claude', messages }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ status: 400 });
    expect(String(thrown)).toContain('too odd');
  });

  test.each(['gemini', 'claude'])('a used up quota of %s is nobody else’s', async (model) => {
    const { client } = await clientOf();
    const message = `Quota exceeded for ${PROJECT}.`;
    server.next = { status: 429, body: [{ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED' } }] };
    const thrown = await client.chat.completions.create({ model, messages }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ status: 503, code: 'upstream_unavailable' });
    expect(String(thrown)).not.toContain(PROJECT);
  });
});

describe('tokens', () => {
  test('a revoked one is asked for again', async () => {
    const { client } = await clientOf({ token: ({ rejected }) => (rejected === undefined ? 'ya29.revoked' : TOKEN) });
    await client.chat.completions.create({ model: 'gemini', messages });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer ya29.revoked',
      `Bearer ${TOKEN}`,
    ]);
  });

  describe('of a service account', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const credentials = {
      type: 'service_account',
      client_email: 'it@contoso.iam',
      private_key: privateKey,
      project_id: PROJECT,
    };
    /** Claims of the assertions that were exchanged. */
    const claims: Record<string, unknown>[] = [];
    const google = setupServer(
      http.post('https://oauth2.googleapis.com/token', async ({ request }) => {
        const form = new URLSearchParams(await request.text());
        const [head = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.');
        const signed = Buffer.from(`${head}.${payload}`);
        const sound = verify('RSA-SHA256', signed, createPublicKey(publicKey), Buffer.from(signature, 'base64url'));
        if (!sound) return HttpResponse.json({ error: 'invalid_grant' }, { status: 400 });
        claims.push(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>);
        const access_token = `ya29.made-${claims.length}`;
        return HttpResponse.json({ access_token, expires_in: 3599, token_type: 'Bearer' });
      }),
    );
    beforeAll(() => google.listen({ onUnhandledRequest: 'bypass' }));
    afterAll(() => google.close());

    test('are exchanged once, and again when the service refuses one', async () => {
      server.tokens.add('ya29.made-1').add('ya29.made-2');
      const { client } = await clientOf({ credentials });
      await client.chat.completions.create({ model: 'gemini', messages });
      await client.chat.completions.create({ model: 'claude', messages });
      expect(claims).toEqual([
        expect.objectContaining({ iss: 'it@contoso.iam', scope: 'https://www.googleapis.com/auth/cloud-platform' }),
      ]);
      server.tokens.delete('ya29.made-1');
      await client.chat.completions.create({ model: 'gemini', messages });
      expect(lastRequest()?.headers.authorization).toBe('Bearer ya29.made-2');
    });
  });

  test('a client of google-auth-library fits as it is', async () => {
    const { OAuth2Client } = await import('google-auth-library');
    const maker = new OAuth2Client();
    maker.setCredentials({ access_token: TOKEN });
    const { client } = await clientOf({ credentials: maker });
    expect((await client.chat.completions.create({ model: 'gemini', messages })).choices).toHaveLength(1);
  });
});

describe('options', () => {
  test.each([
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
    ['global', 'https://aiplatform.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
  ])('the host of %s', async (location, host) => {
    const urls: string[] = [];
    const send = (request: { url: string }) => {
      urls.push(request.url);
      return Promise.reject(new Error('no network'));
    };
    const adapter = vertex({ project: PROJECT, location, token: TOKEN });
    const call = chatCall({}, { model: 'gemini-2.5-pro', transport: { send } });
    await adapter.chat(call).catch(() => undefined);
    const path = `/v1/projects/${PROJECT}/locations/${location}/publishers/google/models/gemini-2.5-pro:generateContent`;
    expect(urls).toEqual([host + path]);
  });

  test.each([
    ['no project', { project: '', location: 'global', token: TOKEN }],
    ['no location', { project: 'p', location: undefined as unknown as string, token: TOKEN }],
    ['a location that is a URL', { project: 'p', location: 'https://x/', token: TOKEN }],
    ['both token and credentials', { project: 'p', location: 'us', token: TOKEN, credentials: {} }],
    ['an empty token', { project: 'p', location: 'us', token: '' }],
  ])('%s: a TypeError', (_name, options) => {
    expect(() => vertex(options)).toThrow(TypeError);
  });
});
