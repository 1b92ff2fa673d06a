import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../../src/index.js';
import { type BedrockOptions, bedrock } from '../../../src/providers/bedrock/index.js';
import { loggedErrors, testLogger } from '../../helpers/test-logger.js';
import {
  API_KEY,
  type BedrockServer,
  bedrockServer,
  CONVERSE_STREAM,
  CREDENTIALS,
  exceptionAnswer,
  LASTING,
  REGION,
} from './bedrock-server.js';

let server: BedrockServer;
beforeAll(async () => {
  server = await bedrockServer();
});
afterAll(() => server.close());

const gateways: Gateway[] = [];
afterEach(async () => {
  Object.assign(server, { next: undefined, cut: undefined });
  server.requests.length = 0;
  for (const gateway of gateways.splice(0)) await gateway.close();
});

const PROFILE = 'arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0';
const MODELS = {
  claude: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  nova: 'amazon.nova-pro-v1:0',
  oss: 'openai.gpt-oss-120b-1:0',
  profile: PROFILE,
  titan: 'amazon.titan-embed-text-v2:0',
  cohere: 'cohere.embed-v4:0',
  'nova-embed': 'amazon.nova-2-multimodal-embeddings-v1:0',
  gone: 'amazon.gone-v1:0',
};

async function clientOf(options: Partial<BedrockOptions> = { credentials: CREDENTIALS }) {
  const gateway = createGateway({
    providers: { bedrock: bedrock({ region: REGION, baseURL: server.origin, ...options }) },
    models: Object.fromEntries(
      Object.entries(MODELS).map(([name, model]) => [
        name,
        { targets: [{ provider: 'bedrock', model }], price: { input: 1, cachedInput: 0.5, output: 2 } },
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
const lastRequest = () => server.requests.at(-1);

async function streamed(client: OpenAI, body: object) {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  const options = { messages, stream: true as const, stream_options: { include_usage: true }, ...body };
  const stream = await client.chat.completions.create(options as OpenAI.ChatCompletionCreateParamsStreaming);
  for await (const chunk of stream) chunks.push(chunk);
  const calls = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
  return {
    chunks,
    text: chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''),
    call: { name: calls[0]?.function?.name, arguments: calls.map((call) => call.function?.arguments ?? '').join('') },
    finish: chunks.find((chunk) => chunk.choices[0]?.finish_reason)?.choices[0]?.finish_reason,
    usage: chunks.at(-1)?.usage,
  };
}

const weather = {
  type: 'function' as const,
  function: { name: 'weather', description: 'The weather', parameters: { type: 'object', properties: { city: {} } } },
};

describe('Claude, by its own bodies', () => {
  test('whole and streamed, signed, with exact usage', async () => {
    const { client, gateway } = await clientOf();
    const answer = await client.chat.completions.create({ model: 'claude', messages, service_tier: 'flex' });
    expect(answer.choices[0]?.message.content).toBe('Hi.');
    expect(answer.usage).toMatchObject({ prompt_tokens: 12, prompt_tokens_details: { cached_tokens: 3 } });
    expect(lastRequest()?.url).toBe('/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke');
    expect(await streamed(client, { model: 'claude' })).toMatchObject({ text: 'Hi.', usage: { completion_tokens: 2 } });
    expect(lastRequest()?.url).toMatch(/v1%3A0\/invoke-with-response-stream$/);
    const [row] = await gateway.usage.query({ accountId: 'user_1' });
    expect(row).toMatchObject({ inputTokens: 24, cachedInputTokens: 6, outputTokens: 4 });
  });

  test('betas stand in the body', async () => {
    const { client } = await clientOf();
    const provider_options = { anthropic: { betas: ['context-1m-2025-08-07'] } };
    await client.chat.completions.create({ model: 'claude', messages, ...{ provider_options } });
    expect(lastRequest()?.body).toMatchObject({ anthropic_beta: ['context-1m-2025-08-07'] });
    expect(lastRequest()?.headers).not.toHaveProperty('anthropic-beta');
  });
});

describe('every other model, by Converse', () => {
  test('an answer with reasoning, text and a call', async () => {
    const { client, gateway } = await clientOf();
    const answer = await client.chat.completions.create({ model: 'nova', messages, tools: [weather] });
    expect(lastRequest()?.url).toBe('/model/amazon.nova-pro-v1%3A0/converse');
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Looking it up. ☂',
        reasoning_content: 'Hm.',
        tool_calls: [
          { id: 'tooluse_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Köln","days":2}' } },
        ],
      },
    });
    expect(answer.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 });
    expect((await gateway.usage.query({ accountId: 'user_1' }))[0]).toMatchObject({ inputTokens: 12, outputTokens: 7 });
  });

  test.each([undefined, 1, 7, 64])('the same as a stream, cut into pieces of %s bytes', async (cut) => {
    const { client } = await clientOf();
    server.cut = cut;
    const seen = await streamed(client, { model: 'nova', tools: [weather] });
    expect(seen).toMatchObject({
      text: 'Looking it up. ☂',
      call: { name: 'weather', arguments: '{"city":"Köln","days":2}' },
      finish: 'tool_calls',
      usage: { prompt_tokens: 12, completion_tokens: 7 },
    });
  });

  test('a whole conversation: system, pictures, files, calls, results, caches, reasoning, settings', async () => {
    const { client } = await clientOf();
    const first = await client.chat.completions.create({ model: 'nova', messages, tools: [weather] });
    await client.chat.completions.create({
      model: 'nova',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See:', ...{ cache_control: { type: 'ephemeral' } } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgoAAAA=' } },
            { type: 'file', file: { filename: 'a_b.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' } },
          ],
        },
        first.choices[0]?.message as OpenAI.ChatCompletionMessage,
        { role: 'tool', tool_call_id: 'tooluse_1', content: '' },
        { role: 'user', content: 'And?' },
      ],
      tools: [weather],
      tool_choice: 'required',
      temperature: 0.5,
      top_p: 0.9,
      stop: ['END'],
      max_tokens: 100,
      user: 'ann',
    });
    expect(lastRequest()?.body).toMatchObject({
      system: [{ text: 'Be brief.' }],
      messages: [
        {
          role: 'user',
          content: [
            { text: 'See:' },
            { cachePoint: { type: 'default' } },
            { image: { format: 'png', source: { bytes: 'iVBORw0KGgoAAAA=' } } },
            { document: { format: 'pdf', name: 'a b pdf 1' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
            { text: 'Looking it up. ☂' },
            { toolUse: { toolUseId: 'tooluse_1', name: 'weather', input: { city: 'Köln', days: 2 } } },
          ],
        },
        {
          role: 'user',
          content: [{ toolResult: { toolUseId: 'tooluse_1', content: [{ text: '-' }] } }, { text: 'And?' }],
        },
      ],
      inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
      toolConfig: { toolChoice: { any: {} } },
    });
    expect(JSON.stringify(lastRequest()?.body['requestMetadata'])).not.toContain('ann');
  });

  test('a history with calls has tools, also where the client sends none', async () => {
    const { client } = await clientOf();
    const call = { id: 'c1', type: 'function' as const, function: { name: 'weather', arguments: '{}' } };
    await client.chat.completions.create({
      model: 'nova',
      messages: [
        ...messages,
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: 'Rain' },
      ],
    });
    expect(lastRequest()?.body).toMatchObject({ toolConfig: { tools: [{ toolSpec: { name: 'weather' } }] } });
  });

  test('an ARN is a model', async () => {
    const { client } = await clientOf();
    await client.chat.completions.create({ model: 'profile', messages });
    expect(lastRequest()?.url).toBe(`/model/${encodeURIComponent(PROFILE)}/converse`);
  });

  test('reasoning effort where the model takes one, reported where not', async () => {
    const { client } = await clientOf();
    await client.chat.completions.create({ model: 'oss', messages, reasoning_effort: 'low' });
    expect(lastRequest()?.body).toMatchObject({ additionalModelRequestFields: { reasoning_effort: 'low' } });
    const { response } = await client.chat.completions
      .create({ model: 'nova', messages, reasoning_effort: 'low', seed: 3 })
      .withResponse();
    expect(response.headers.get('x-gateway-dropped-params')).toBe('seed, reasoning_effort');
  });

  test('native fields, but none that costs more than was paid for', async () => {
    const { client } = await clientOf();
    const ask = (options: object) =>
      client.chat.completions.create({ model: 'nova', messages, ...{ provider_options: { bedrock: options } } });
    await ask({ guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' } });
    expect(lastRequest()?.body).toMatchObject({ guardrailConfig: { guardrailIdentifier: 'g' } });
    for (const options of [
      { performanceConfig: { latency: 'optimized' } },
      { inferenceConfig: { maxTokens: 9 } },
      { additionalModelRequestFields: { max_new_tokens: 9 } },
    ]) {
      await expect(ask(options)).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter' });
    }
  });

  test('a guardrail that stepped in is a content filter', async () => {
    const { client } = await clientOf();
    const output = { message: { role: 'assistant', content: [{ text: 'Sorry.' }] } };
    const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
    server.next = { status: 200, body: { output, stopReason: 'guardrail_intervened', usage } };
    const answer = await client.chat.completions.create({ model: 'nova', messages });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      native_finish_reason: 'guardrail_intervened',
    });
  });
});

describe('streams that break', () => {
  const half = CONVERSE_STREAM.slice(0, 7);

  test('an exception in the middle is an error', async () => {
    const { client } = await clientOf();
    server.next = { messages: [...half, ['modelStreamErrorException', { message: 'broke' }, 'exception']] };
    await expect(streamed(client, { model: 'nova' })).rejects.toThrow();
  });

  test('an exception at the beginning has its status', async () => {
    const { client } = await clientOf();
    server.next = { messages: [['throttlingException', { message: 'slow down' }, 'exception']] };
    await expect(streamed(client, { model: 'claude' })).rejects.toMatchObject({
      status: 503,
      code: 'upstream_unavailable',
    });
  });

  test('an end without its stop is an error', async () => {
    const { client } = await clientOf();
    server.next = { messages: half };
    await expect(streamed(client, { model: 'nova' })).rejects.toThrow();
  });

  test('a flipped bit is found by the checksum', async () => {
    const { client } = await clientOf();
    const bytes = (whole: Uint8Array) => whole.map((byte, at) => (at === 60 ? byte ^ 1 : byte));
    server.next = { messages: CONVERSE_STREAM, bytes };
    await expect(streamed(client, { model: 'nova' })).rejects.toMatchObject({ status: 502 });
  });
});

describe('embeddings', () => {
  test.each([
    [
      'titan',
      ['abc', 'a'],
      [
        [3, 4],
        [1, 4],
      ],
      4,
      2,
    ],
    [
      'cohere',
      ['abc', 'a'],
      [
        [3, 4],
        [1, 4],
      ],
      4,
      1,
    ],
    ['nova-embed', ['abc'], [[3, 4]], 4, 1],
  ])('of %s', async (model, input, vectors, tokens, requests) => {
    const { client, gateway } = await clientOf();
    const answer = await client.embeddings.create({ model, input, encoding_format: 'float' });
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(vectors);
    expect(server.requests).toHaveLength(requests);
    expect((await gateway.usage.query({ accountId: 'user_1' }))[0]).toMatchObject({ inputTokens: tokens });
  });

  test('of a model that makes none', async () => {
    const { client } = await clientOf();
    await expect(client.embeddings.create({ model: 'nova', input: 'a' })).rejects.toMatchObject({ status: 400 });
    expect(server.requests).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    ['an unknown model', 'gone', undefined, 404, 'model_not_found'],
    [
      'a long prompt',
      'nova',
      exceptionAnswer(400, 'ValidationException', 'Input is too long for requested model.'),
      400,
      'context_length_exceeded',
    ],
    [
      'throttling',
      'nova',
      exceptionAnswer(429, 'ThrottlingException', 'Too many requests'),
      503,
      'upstream_unavailable',
    ],
    [
      'a refused identity',
      'nova',
      exceptionAnswer(403, 'AccessDeniedException', `no access to ${PROFILE}`),
      502,
      'upstream_error',
    ],
    [
      'a model that is not ready',
      'nova',
      exceptionAnswer(429, 'ModelNotReadyException', 'warming up'),
      503,
      'upstream_unavailable',
    ],
    ['a fault', 'nova', exceptionAnswer(500, 'InternalServerException', 'oops'), 502, 'upstream_error'],
  ])('%s', async (name, model, next, status, code) => {
    const { client } = await clientOf();
    server.next = next;
    await expect(client.chat.completions.create({ model, messages })).rejects.toMatchObject({ status, code });
    const refused = name === 'a refused identity' ? ["a provider refused the gateway's credential"] : [];
    expect(loggedErrors()).toEqual(refused);
  });

  test("the number of the operator's account reaches no client", async () => {
    const { client } = await clientOf();
    server.next = exceptionAnswer(400, 'ValidationException', `Malformed input for ${PROFILE}: no`);
    const thrown = await client.chat.completions.create({ model: 'nova', messages }).catch((error: unknown) => error);
    expect(String(thrown)).toContain('Malformed input');
    expect(String(thrown)).not.toContain('123456789012');
  });

  test('pictures by URL are refused before anything is sent', async () => {
    const { client } = await clientOf();
    const content = [{ type: 'image_url' as const, image_url: { url: 'https://x.test/a.png' } }];
    const asked = client.chat.completions.create({ model: 'nova', messages: [{ role: 'user', content }] });
    await expect(asked).rejects.toMatchObject({ status: 400, param: 'messages' });
    expect(server.requests).toEqual([]);
  });
});

describe('signatures', () => {
  const TEXTS = ['Hi', 'Grüße, 你好 😀', '{"a":1}%2F%20+&=?', 'x'.repeat(100_000)];

  test.each([
    ['temporary', CREDENTIALS],
    ['lasting', LASTING],
  ])('of %s credentials are those of another library, over every kind of path and body', async (_name, credentials) => {
    const { client } = await clientOf({ credentials });
    for (const model of ['nova', 'profile', 'claude', 'oss']) {
      for (const content of TEXTS) {
        const asked = { model, messages: [{ role: 'user' as const, content }] };
        expect((await client.chat.completions.create(asked)).choices).toHaveLength(1);
        expect((await streamed(client, asked)).chunks.length).toBeGreaterThan(0);
      }
    }
    const vectors = await client.embeddings.create({ model: 'titan', input: 'é', encoding_format: 'float' });
    expect(vectors.data).toHaveLength(1);
  });

  test.each([
    ['the body', (url: string, body: string) => [url, body.replace('Hi', 'Ho')] as const],
    ['the path', (url: string, body: string) => [url.replace('nova-pro', 'nova-lite'), body] as const],
  ])('do not fit when %s is changed on its way', async (_name, change) => {
    const { client } = await clientOf();
    await client.chat.completions.create({ model: 'nova', messages });
    const { url, text, headers } = lastRequest() ?? { url: '', text: '', headers: {} };
    const { 'content-length': _, connection: __, ...signed } = headers as Record<string, string>;
    const [path, body] = change(url, text);
    const send = (to: string, what: string) =>
      fetch(server.origin + to, { method: 'POST', headers: signed, body: what }).then(({ status }) => status);
    expect(await send(url, text)).toBe(200);
    expect([400, 403]).toContain(await send(path, body));
  });

  test('of another region are refused', async () => {
    const { client } = await clientOf({ credentials: CREDENTIALS, region: 'us-east-1' });
    await expect(client.chat.completions.create({ model: 'nova', messages })).rejects.toMatchObject({ status: 502 });
    expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
  });
});

describe('credentials', () => {
  test('a Bedrock API key', async () => {
    const { client } = await clientOf({ apiKey: API_KEY });
    await client.chat.completions.create({ model: 'nova', messages });
    expect(lastRequest()?.headers.authorization).toBe(`Bearer ${API_KEY}`);
  });

  test('a function: expired ones are asked for again', async () => {
    const asked: object[] = [];
    const expired = { ...CREDENTIALS, sessionToken: 'expired-token-0123456789' };
    const { client } = await clientOf({
      credentials: async (context) => {
        asked.push(context);
        return context.forceRefresh ? CREDENTIALS : expired;
      },
    });
    await client.chat.completions.create({ model: 'nova', messages });
    expect(asked).toEqual([
      expect.objectContaining({ accountId: 'user_1', model: MODELS.nova }),
      expect.objectContaining({ forceRefresh: true }),
    ]);
  });

  test('a wrong secret is a 502 that names nothing', async () => {
    const { client } = await clientOf({ credentials: { ...CREDENTIALS, secretAccessKey: 'wrong' } });
    await expect(client.chat.completions.create({ model: 'nova', messages })).rejects.toMatchObject({ status: 502 });
    expect(server.requests).toHaveLength(1);
    expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
  });

  test.each([
    ['no region', { region: '', apiKey: API_KEY }],
    ['a region that is a URL', { region: 'https://x', apiKey: API_KEY }],
    ['neither key nor credentials', { region: REGION }],
    ['both', { region: REGION, apiKey: API_KEY, credentials: CREDENTIALS }],
    ['half an identity', { region: REGION, credentials: { ...CREDENTIALS, secretAccessKey: '' } }],
  ])('%s: a TypeError', (_name, options) => {
    expect(() => bedrock(options)).toThrow(TypeError);
  });
});
