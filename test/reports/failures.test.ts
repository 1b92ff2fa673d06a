import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway, openai, openrouter, xai } from '../../src/index.js';
import { testLogger } from '../helpers/test-logger.js';
import { at, chatAnswer, claudeStream, HI, PRICE, type Reported, reported, stream } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const usageOf = async () => (await site.lastUsage())['usage'];

describe('counts of a stream', () => {
  it('of Claude are not wiped by later zeros', async () => {
    const opening = {
      input_tokens: 15,
      output_tokens: 1,
      cache_read_input_tokens: 900,
      cache_creation_input_tokens: 700,
    };
    site.answers(
      claudeStream(
        {
          type: 'message_start',
          message: { id: 'm', type: 'message', role: 'assistant', model: 'c', content: [], usage: opening },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } },
        { type: 'content_block_stop', index: 0 },
        {
          type: 'message_delta',
          delta: { stop_reason: 'end_turn' },
          usage: { input_tokens: 0, output_tokens: 20, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
        },
        { type: 'message_stop' },
      ),
    );
    await site.ask({ model: 'claude', messages: [HI], stream: true });
    expect(await usageOf()).toMatchObject({
      inputTokens: 1_615,
      cachedInputTokens: 900,
      cacheWriteTokens: 700,
      outputTokens: 20,
    });
  });

  it.each(['groq', 'gpt'])('of %s neither, and the larger report is what the client is told', async (model) => {
    const chunk = (more: object) => ({
      id: 'chatcmpl-a',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      ...more,
    });
    const report = (prompt: number, completion: number) =>
      chunk({
        choices: [],
        usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
      });
    const words = chunk({
      choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    });
    for (const reports of [
      [report(10, 5), report(0, 0)],
      [report(0, 0), report(10, 5)],
    ]) {
      site.answers(stream(words, ...reports, '[DONE]'));
      const { events } = await site.ask({
        model,
        messages: [HI],
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(await usageOf()).toMatchObject({ inputTokens: 10, outputTokens: 5 });
      expect(events.at(-1)).toMatchObject({ usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
    }
  });
});

describe('a failure in a second field', () => {
  const failed = {
    id: 'x',
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop', native_finish_reason: 'network_error' }],
  };

  it.each(['chat/completions', 'responses'])(
    'is a failure on %s, whole or streamed, and costs nothing',
    async (route) => {
      const own = await reported();
      const body = route === 'responses' ? { input: 'x' } : { messages: [HI] };
      own.answers(stream(failed, '[DONE]'));
      expect((await own.ask({ model: 'openrouter', stream: true, ...body }, route)).status).toBe(502);
      own.answers({
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: '' },
            finish_reason: 'stop',
            native_finish_reason: 'network_error',
          },
        ],
      });
      expect((await own.ask({ model: 'openrouter', ...body }, route)).status).toBe(502);
      expect(await own.gateway.usage.events({ accountId: 'user_1' })).toEqual([]);
      await own.close();
    },
  );

  it('is a failure in the message, too, and an unknown word is none', async () => {
    site.answers(chatAnswer({ role: 'assistant', content: '', error: { message: 'down', code: 502 } }));
    expect((await site.ask({ model: 'openrouter', messages: [HI] })).status).toBe(502);
    site.answers({
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hi' },
          finish_reason: 'stop',
          native_finish_reason: 'completed',
        },
      ],
    });
    expect((await site.ask({ model: 'openrouter', messages: [HI] })).status).toBe(200);
  });
});

describe('the reason of a refusal', () => {
  const detail = [
    {
      type: 'extra_forbidden',
      loc: ['body', 'messages', 1, 'assistant', 'refusal'],
      msg: 'Extra inputs are not permitted',
    },
  ];

  it.each([
    ['inside of message', { object: 'error', message: { detail }, type: 'invalid_request_error' }],
    ['as detail', { detail }],
    ['as message', { object: 'error', message: detail }],
  ])('is told with the path, %s', async (_, body) => {
    site.answers({ status: 422, body: JSON.stringify(body) });
    const answer = await site.ask({ model: 'mistral', messages: [HI] });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({
      error: {
        param: 'messages[1].assistant.refusal',
        message: 'messages[1].assistant.refusal: Extra inputs are not permitted',
      },
    });
  });
});

it('a stream that begins with an overload is tried again as the status would be', async () => {
  const own = await reported({ retries: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 1 } });
  own.answers(
    claudeStream({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    claudeStream(
      {
        type: 'message_start',
        message: {
          id: 'm',
          type: 'message',
          role: 'assistant',
          model: 'c',
          content: [],
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } },
      { type: 'message_stop' },
    ),
  );
  const { status, headers, text } = await own.ask({ model: 'claude', messages: [HI], stream: true });
  expect(status).toBe(200);
  expect(headers.get('x-gateway-attempts')).toBe('2');
  expect(text).toContain('"Hi"');
  await own.close();
});

it('chunks without words and id leave with those of the others, or not at all', async () => {
  const azure = {
    id: '',
    object: '',
    created: 0,
    model: '',
    choices: [{ index: 0, finish_reason: null, content_filter_offsets: { check_offset: 44 } }],
  };
  const words = (content: string, reason: string | null) => ({
    id: 'chatcmpl-a',
    object: 'chat.completion.chunk',
    created: 5,
    model: 'm',
    choices: [{ index: 0, delta: { content }, finish_reason: reason }],
  });
  site.answers(stream(azure, words('Hi', null), azure, words('', 'stop'), '[DONE]'));
  const { events } = await site.ask({ model: 'gpt', messages: [HI], stream: true });
  expect(events.map(({ id, model }) => [id, model])).toEqual([
    ['chatcmpl-a', 'm'],
    ['chatcmpl-a', 'm'],
  ]);
});

it('an answer without usage says what was counted, on every route', async () => {
  const message = { role: 'assistant', content: 'Hello there' };
  for (const model of ['gpt', 'vllm', 'claude', 'gem']) {
    for (const route of model === 'gpt' ? ['chat/completions'] : ['chat/completions', 'responses']) {
      site.answers(chatAnswer(message, { usage: {}, usageMetadata: undefined }));
      const { body } = await site.ask(
        route === 'responses' ? { model, input: 'hi' } : { model, messages: [HI] },
        route,
      );
      const { inputTokens, outputTokens } = (await usageOf()) as { inputTokens: number; outputTokens: number };
      const told = body['usage'] as Record<string, number>;
      expect([
        model,
        route,
        told['prompt_tokens'] ?? told['input_tokens'],
        told['completion_tokens'] ?? told['output_tokens'],
      ]).toEqual([model, route, inputTokens, outputTokens]);
      expect(outputTokens).toBeGreaterThan(0);
    }
  }
});

it('a rate limit in an encoding that nobody asked for is still a rate limit', async () => {
  site.answers({ status: 429, headers: { 'content-encoding': 'zstd', 'retry-after': '7' }, body: '\u0028\u00b5' });
  const { status, headers } = await site.ask({ model: 'groq', messages: [HI] });
  expect([status, headers.get('retry-after')]).toEqual([503, '7']);
});

it.each(['api_base', 'base_url', 'api_key', 'custom_llm_provider', 'mock_response', 'API_BASE'])(
  '%s does not steer a gateway behind',
  async (field) => {
    site.answers(chatAnswer());
    for (const body of [{ [field]: 'x' }, { provider_options: { litellm: { [field]: 'x' } } }]) {
      const { sent, status } = await site.ask({ model: 'litellm', messages: [HI], ...body });
      expect(status === 400 || !JSON.stringify(sent).toLowerCase().includes(field.toLowerCase())).toBe(true);
    }
  },
);

it('what a provider says it charged is what is charged, where the price says so', async () => {
  const gateway = createGateway({
    providers: {
      openrouter: openrouter({ apiKey: 'upstream-secret', baseURL: `${site.provider.url}/v1` }),
      xai: xai({ apiKey: 'upstream-secret', baseURL: `${site.provider.url}/v1` }),
    },
    models: {
      a: { provider: 'openrouter', price: { ...PRICE, reported: { markup: 2 } } },
      b: { provider: 'xai', price: { ...PRICE, reported: { markup: 2 } } },
    },
    plans: { free: { models: '*' } },
    logger: testLogger,
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  for (const [model, usage] of [
    ['a', { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.00014 }],
    ['b', { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost_in_usd_ticks: 1_400_000 }],
  ] as const) {
    site.answers({
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage,
    });
    const body = JSON.stringify({ model, messages: [HI] });
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    expect(
      (await gateway.fetch(new Request('http://g.test/v1/chat/completions', { method: 'POST', headers, body }))).status,
    ).toBe(200);
    const [event] = await gateway.usage.events({ accountId: 'user_1' });
    expect(event?.cost).toBe('0.00028');
  }
  await gateway.close();
});

describe('a connection that died while it was kept', () => {
  it.each(['reset', 'closed'])('costs the next request nothing (%s)', async (how) => {
    const answer = chatAnswer().body;
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nkeep-alive: timeout=600\r\ncontent-length: ${Buffer.byteLength(answer)}\r\n\r\n`;
    const seen = new Map<Socket, number>();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        const count = (seen.get(socket) ?? 0) + 1;
        seen.set(socket, count);
        if (count === 1) socket.write(head + answer);
        else if (how === 'reset') socket.resetAndDestroy();
        else socket.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const gateway = createGateway({
      providers: { openai: openai({ apiKey: 'upstream-secret', baseURL }) },
      models: { gpt: { provider: 'openai', price: PRICE } },
      plans: { free: { models: '*' } },
      logger: testLogger,
    });
    const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
    const ask = () =>
      gateway.fetch(
        new Request('http://g.test/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'gpt', messages: [HI] }),
        }),
      );
    for (let round = 0; round < 3; round += 1) {
      const response = await ask();
      expect([round, response.status, response.headers.get('x-gateway-attempts')]).toEqual([round, 200, '1']);
      expect(at(await response.json(), 'choices.0.message.content')).toBe('Hi');
    }
    await gateway.close({ deadlineMs: 0 });
    for (const socket of seen.keys()) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
