import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AzureOpenAIOptions, azureOpenAI, createGateway, type Gateway } from '../../../src/index.js';
import { loggedErrors, testLogger } from '../../helpers/test-logger.js';
import { type AzureServer, azureServer, KEY, PROMPT_FILTER, TOKEN } from './azure-server.js';

let azure: AzureServer;
beforeAll(async () => {
  azure = await azureServer();
});
afterAll(() => azure.close());

const gateways: Gateway[] = [];
afterEach(async () => {
  azure.next = undefined;
  azure.requests.length = 0;
  for (const gateway of gateways.splice(0)) await gateway.close();
});

interface Client {
  readonly client: OpenAI;
  readonly gateway: Gateway;
  raw(route: string, body: object): Promise<Response>;
}

/** A client of a gateway in front of the resource. */
async function clientOf(options: Partial<AzureOpenAIOptions> = { apiKey: KEY }): Promise<Client> {
  const gateway = createGateway({
    providers: { azure: azureOpenAI({ baseURL: azure.origin, ...options }) },
    models: {
      'gpt-4o-mini': { targets: [{ provider: 'azure', model: 'my-gpt' }], price: { input: 1, output: 2 } },
      'text-embedding': { targets: [{ provider: 'azure', model: 'my embedding' }], price: { input: 1, output: 0 } },
      gone: { targets: [{ provider: 'azure', model: 'deleted' }], price: { input: 1, output: 2 } },
    },
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  gateways.push(gateway);
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const fetch: typeof globalThis.fetch = (input, init) => gateway.fetch(new Request(input, init));
  const client = new OpenAI({ apiKey: key, baseURL: 'http://gateway/v1', fetch, maxRetries: 0 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const raw = (route: string, body: object) =>
    gateway.fetch(new Request(`http://gateway/v1/${route}`, { method: 'POST', headers, body: JSON.stringify(body) }));
  return { client, gateway, raw };
}

const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hi' }] };
const lastRequest = () => azure.requests.at(-1);

describe('the v1 API', () => {
  test('chat: the deployment is the model, the key is in api-key, and the filter results are kept', async () => {
    const { client, gateway } = await clientOf();
    const answer = await client.chat.completions.create(CHAT);
    expect(answer.choices[0]?.message.content).toBe('Hi.');
    expect(answer).toMatchObject({ prompt_filter_results: PROMPT_FILTER });
    expect(lastRequest()?.url).toBe('/openai/v1/chat/completions');
    expect(lastRequest()?.body).toMatchObject({ model: 'my-gpt' });
    expect(lastRequest()?.headers['api-key']).toBe(KEY);
    expect(lastRequest()?.headers.authorization).toBeUndefined();
    const [row] = await gateway.usage.query({ accountId: 'user_1' });
    expect(row).toMatchObject({ inputTokens: 9, outputTokens: 2 });
  });

  test('a stream opens with the verdict on the prompt, and every chunk is one of the same answer', async () => {
    const { client } = await clientOf();
    const chunks = [];
    const options = { ...CHAT, stream: true as const, stream_options: { include_usage: true } };
    for await (const chunk of await client.chat.completions.create(options)) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hi.');
    expect(chunks[0]).toMatchObject({ prompt_filter_results: PROMPT_FILTER });
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 2 });
    expect(lastRequest()?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  test.each(['', '/', '/openai', '/openai/', '/openai/v1', '/openai/v1/'])(
    'takes a base URL that ends in "%s"',
    async (end) => {
      const { client } = await clientOf({ apiKey: KEY, baseURL: azure.origin + end });
      await client.chat.completions.create(CHAT);
      expect(lastRequest()?.url).toBe('/openai/v1/chat/completions');
    },
  );

  test('embeddings, completions and responses', async () => {
    const { client } = await clientOf();
    const embeddings = await client.embeddings.create({
      model: 'text-embedding',
      input: 'a',
      encoding_format: 'float',
    });
    expect(embeddings.data[0]?.embedding).toEqual([0.25, -0.5]);
    expect(lastRequest()).toMatchObject({ url: '/openai/v1/embeddings', body: { model: 'my embedding' } });
    const completion = await client.completions.create({ model: 'gpt-4o-mini', prompt: 'Hi' });
    expect(completion.choices[0]?.text).toBe('Hi.');
    const response = await client.responses.create({ model: 'gpt-4o-mini', input: 'Hi' });
    expect(response.output_text).toBe('Hi.');
    expect(lastRequest()).toMatchObject({ url: '/openai/v1/responses', body: { model: 'my-gpt', store: false } });
    const thought = { type: 'reasoning' as const, id: 'rs_9', summary: [], encrypted_content: 'gAAA' };
    await client.responses.create({
      model: 'gpt-4o-mini',
      store: false,
      input: [thought, { role: 'user', content: 'Hi' }],
    });
    const { id: _, ...nameless } = thought;
    expect(lastRequest()?.body['input']).toEqual([nameless, { role: 'user', content: 'Hi' }]);
  });

  test('preview is a version of it', async () => {
    const { client } = await clientOf({ apiKey: KEY, apiVersion: 'preview' });
    await client.chat.completions.create(CHAT);
    expect(lastRequest()?.url).toBe('/openai/v1/chat/completions?api-version=preview');
  });
});

describe('the dated API', () => {
  const dated = { apiKey: KEY, apiVersion: '2024-10-21' };

  test('has a path for each deployment, and the version in every URL', async () => {
    const { client } = await clientOf(dated);
    await client.chat.completions.create(CHAT);
    expect(lastRequest()?.url).toBe('/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21');
    await client.embeddings.create({ model: 'text-embedding', input: 'a' });
    expect(lastRequest()?.url).toBe('/openai/deployments/my%20embedding/embeddings?api-version=2024-10-21');
    await client.completions.create({ model: 'gpt-4o-mini', prompt: 'Hi' });
    expect(lastRequest()?.url).toBe('/openai/deployments/my-gpt/completions?api-version=2024-10-21');
  });

  test('but responses have none', async () => {
    const { client } = await clientOf({ ...dated, apiVersion: '2025-04-01-preview' });
    await client.responses.create({ model: 'gpt-4o-mini', input: 'Hi' });
    expect(lastRequest()?.url).toBe('/openai/responses?api-version=2025-04-01-preview');
    expect(lastRequest()?.body).toMatchObject({ model: 'my-gpt' });
  });
});

describe('tokens of Microsoft Entra ID', () => {
  test('are sent as Bearer, and a refused one is asked for again', async () => {
    const tokens = ['expired', TOKEN];
    const { client } = await clientOf({ token: async () => tokens.shift() ?? TOKEN });
    await client.chat.completions.create(CHAT);
    expect(azure.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer expired', `Bearer ${TOKEN}`]);
    expect(lastRequest()?.headers['api-key']).toBeUndefined();
  });
});

describe('errors', () => {
  test("a wrong key, a missing deployment and a wrong version are the operator's mistakes", async () => {
    const wrongKey = await (await clientOf({ apiKey: 'wrong-key' })).raw('chat/completions', CHAT);
    expect(wrongKey.status).toBe(502);
    const { raw } = await clientOf();
    const gone = await raw('chat/completions', { ...CHAT, model: 'gone' });
    expect(gone.status).toBe(404);
    expect(await gone.json()).toMatchObject({
      error: { code: 'model_not_found', message: 'The model does not exist.' },
    });
    const old = await (await clientOf({ apiKey: KEY, apiVersion: '2019-01-01' })).raw('chat/completions', CHAT);
    expect(old.status).toBe(502);
    expect(await old.text()).not.toContain('ersion');
    expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
  });

  test('a refused prompt names what the filter found', async () => {
    const { raw, gateway } = await clientOf();
    const found = {
      hate: { filtered: false, severity: 'safe' },
      violence: { filtered: true, severity: 'high' },
      jailbreak: { filtered: true, detected: true },
    };
    azure.next = {
      status: 400,
      body: {
        error: {
          message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
          type: null,
          param: 'prompt',
          code: 'content_filter',
          status: 400,
          innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: found },
        },
      },
    };
    const answer = await raw('chat/completions', CHAT);
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('content_policy_violation');
    expect(error.message).toMatch(/content management policy\. Filtered: violence \(high\), jailbreak\.$/);
    expect((await gateway.usage.query({ accountId: 'user_1' }))[0]?.cost ?? '0').toBe('0');
  });

  test('a filtered answer ends with content_filter, also without a message', async () => {
    const { client } = await clientOf();
    azure.next = {
      status: 200,
      body: {
        id: 'chatcmpl-A2',
        object: 'chat.completion',
        created: 1,
        model: 'gpt-4o-mini',
        choices: [
          {
            index: 0,
            finish_reason: 'content_filter',
            content_filter_results: { hate: { filtered: true, severity: 'high' } },
          },
        ],
        usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
      },
    };
    const answer = await client.chat.completions.create(CHAT);
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { role: 'assistant', content: null, refusal: null },
      content_filter_results: { hate: { filtered: true } },
    });
  });

  test('a rate limit is passed on with its pause', async () => {
    const { raw } = await clientOf();
    const message =
      'Requests to the ChatCompletions_Create Operation have exceeded token rate limit. Retry after 7 seconds.';
    azure.next = { status: 429, body: { error: { code: '429', message } }, headers: { 'retry-after': '7' } };
    const answer = await raw('chat/completions', CHAT);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
  });
});

describe('options', () => {
  const apiKey = KEY;
  test.each([
    ['neither resource nor base URL', { apiKey }],
    ['both of them', { apiKey, resource: 'a', baseURL: 'https://a' }],
    ['a resource that is a URL', { apiKey, resource: 'https://a.openai.azure.com' }],
    ['neither key nor token', { resource: 'a' }],
    ['both of them', { apiKey, token: TOKEN, resource: 'a' }],
    ['an empty token', { token: '', resource: 'a' }],
    ['a version that is none', { apiKey, resource: 'a', apiVersion: '2024' }],
  ])('%s: a TypeError', (_name, options) => {
    expect(() => azureOpenAI(options)).toThrow(TypeError);
  });

  test('the name of a resource is enough', async () => {
    const adapter = azureOpenAI({ resource: 'contoso', apiKey });
    const urls: string[] = [];
    const send = (request: { url: string }) => {
      urls.push(request.url);
      return Promise.reject(new Error('no network'));
    };
    const { chatCall } = await import('../../helpers/chat-call.js');
    await adapter.chat(chatCall({}, { model: 'gpt', transport: { send } })).catch(() => undefined);
    expect(urls).toEqual(['https://contoso.openai.azure.com/openai/v1/chat/completions']);
  });
});
