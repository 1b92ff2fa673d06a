import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import type { ChatCompletionRunner } from 'openai/lib/ChatCompletionRunner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toNodeHandler } from '../../../src/http/node.js';
import { createGateway, type Gateway, google, memoryStore } from '../../../src/index.js';
import { testLogger } from '../../helpers/test-logger.js';
import { type Expected, type Recording, recordedConversations, toEvent } from './support/recordings.js';

const recordings = recordedConversations().flat();

interface Sent {
  readonly url: string;
  readonly body: { readonly contents?: { role: string; parts: object[] }[] };
}

/** What the fake provider was sent, and what it answers next. */
const provider: { sent: Sent[]; answers: Recording[] } = {
  sent: [],
  answers: [],
};

let client: OpenAI;
let gateway: Gateway;
const servers: Server[] = [];

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const baseURL = await listen((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      provider.sent.push({ url: request.url ?? '', body: JSON.parse(Buffer.concat(pieces).toString()) });
      const answer = provider.answers.shift();
      if (answer === undefined) throw new Error('nothing left to answer');
      const { status, sse, json } = answer;
      response.writeHead(status, { 'content-type': sse === undefined ? 'application/json' : 'text/event-stream' });
      response.end(sse ?? JSON.stringify(json));
    });
  });
  gateway = createGateway({
    providers: { google: google({ apiKey: 'operator-key', baseURL }) },
    models: { gemini: { provider: 'google', model: 'gemini-3-flash-preview', price: { input: 1, output: 2 } } },
    plans: { all: { models: '*' } },
    defaultPlan: 'all',
    store: memoryStore(),
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  const { key } = await gateway.keys.create({ accountId: 'user', name: 'test' });
  client = new OpenAI({ apiKey: key, baseURL: `${await listen(toNodeHandler(gateway))}/v1`, maxRetries: 0 });
});

afterAll(async () => {
  await gateway.close();
  for (const server of servers) server.close();
});

const messages = [{ role: 'user' as const, content: 'Go' }];

describe('recorded answers, read by the openai client', () => {
  for (const recording of recordings.filter(
    ({ expected, sse }) => expected?.finish_reason !== undefined && sse !== '',
  )) {
    it(`are what was expected: ${recording.name}`, async () => {
      provider.answers = [recording];
      const isStream = recording.sse !== undefined;
      const { choices, usage } = isStream
        ? await finalCompletion()
        : await client.chat.completions.create({ model: 'gemini', messages });
      check(recording.expected as Expected, choices[0], usage);
    });
  }

  async function finalCompletion() {
    const stream_options = { include_usage: true };
    return client.chat.completions.stream({ model: 'gemini', messages, stream_options }).finalChatCompletion();
  }

  for (const recording of recordings.filter(({ sse }) => sse === '')) {
    it(`are an error before the stream begins: ${recording.name}`, async () => {
      provider.answers = [recording];
      await expect(finalCompletion()).rejects.toMatchObject({ status: 502, code: 'upstream_truncated' });
    });
  }

  for (const recording of recordings.filter(({ status }) => status >= 400)) {
    it(`are the right error: ${recording.name}`, async () => {
      provider.answers = [recording];
      await expect(client.chat.completions.create({ model: 'gemini', messages })).rejects.toMatchObject({
        status: recording.status,
        code: recording.status === 404 ? 'model_not_found' : null,
      });
    });
  }
});

function check(
  expected: Expected,
  choice: OpenAI.ChatCompletion.Choice | undefined,
  usage: OpenAI.CompletionUsage | undefined,
): void {
  const calls = choice?.message.tool_calls ?? [];
  expect({
    text: choice?.message.content ?? '',
    finish: choice?.finish_reason,
    calls: calls.map((call) => call.type === 'function' && [call.function.name, JSON.parse(call.function.arguments)]),
    usage: usage && {
      prompt_tokens: usage.prompt_tokens,
      completion_tokens: usage.completion_tokens,
      total_tokens: usage.total_tokens,
      cached_tokens: usage.prompt_tokens_details?.cached_tokens,
      reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens,
    },
  }).toEqual({
    text: expected.text,
    finish: expected.finish_reason,
    calls: expected.tool_calls.map((call) => [call.name, call.arguments]),
    usage: expect.objectContaining(
      Object.fromEntries(Object.entries(expected.usage ?? {}).filter(([name]) => name !== 'native_total')),
    ),
  });
}

describe("the openai client's tool runner", () => {
  const call = { functionCall: { name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'AAAA' };
  const asks = { candidates: [{ content: { role: 'model', parts: [call] }, finishReason: 'STOP' }] };
  const says = { candidates: [{ content: { role: 'model', parts: [{ text: 'Cold.' }] }, finishReason: 'STOP' }] };

  const tools = [
    {
      type: 'function' as const,
      function: {
        name: 'weather',
        description: 'The weather in a city.',
        parameters: { type: 'object' as const, properties: { city: { type: 'string' } } },
        parse: JSON.parse,
        function: ({ city }: { city: string }) => `${city}: -3 °C`,
      },
    },
  ];

  function answer(native: object, stream: boolean): Recording {
    const told = stream ? { sse: toEvent(native) } : { json: native };
    return { name: '', url: '', status: 200, request: undefined, expected: null, ...told };
  }

  it.each([false, true])('goes through both turns, signature included (stream: %s)', async (stream) => {
    provider.sent = [];
    provider.answers = [answer(asks, stream), answer(says, stream)];
    const request = { model: 'gemini', messages: [...messages], tools };
    const runner = stream
      ? client.chat.completions.runTools({ ...request, stream: true as const })
      : (client.chat.completions.runTools(request) as ChatCompletionRunner<null>);
    expect(await runner.finalContent()).toBe('Cold.');
    const [user, model, results] = provider.sent[1]?.body.contents ?? [];
    expect(user?.parts).toEqual([{ text: 'Go' }]);
    const id = expect.stringMatching(/^call_/);
    expect(model).toEqual({ role: 'model', parts: [{ ...call, functionCall: { ...call.functionCall, id } }] });
    expect(results?.parts).toEqual([
      { functionResponse: { id, name: 'weather', response: { output: 'Oslo: -3 °C' } } },
    ]);
  });
});
