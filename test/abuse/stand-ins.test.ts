import { createOpenAI } from '@ai-sdk/openai';
import { describe, expect, test, vi } from 'vitest';
import type { GatewayRequest } from '../../src/http/exchange.js';
import type { HoldRequest } from '../../src/meter/meter.js';
import type { Transport } from '../../src/upstream/transport.js';
import { png } from '../helpers/media-files.js';
import { Reading } from './obedient-reading.js';

const OUTPUT = 16;
/** USD per million tokens of input: each token is held for with a thousand nano-USD. */
const PRICE = { input: 1, output: 0 };
const NANO_PER_TOKEN = 1_000n;

/** A gateway that has loaded nothing yet, and whose providers refuse what they are sent. */
async function freshGateway() {
  vi.resetModules();
  const { createGateway, ...lib } = await import('../../src/index.js');
  const { fromAiSdk } = await import('../../src/ai-sdk/index.js');
  const { bedrock } = await import('../../src/providers/bedrock/index.js');
  const { vertex } = await import('../../src/providers/vertex/index.js');
  const held: bigint[] = [];
  const sent: { readonly url: string; readonly body: string }[] = [];
  const transport: Transport = {
    async send({ url, body }) {
      sent.push({ url, body: Buffer.from(body as Uint8Array).toString() });
      return {
        status: 400,
        headers: {},
        body: { read: async () => undefined, cancel() {}, discard() {} },
      };
    },
  };
  const refusing: typeof fetch = async (url, init) => {
    sent.push({ url: String(url), body: String(init?.body) });
    return Response.json({ error: { message: 'no' } }, { status: 400 });
  };
  const base = { apiKey: 'k', baseURL: 'http://provider.invalid' };
  const at = (provider: string, model: string) => ({ provider, model, price: PRICE });
  const meter = lib.memoryMeter();
  const gateway = createGateway({
    providers: {
      openai: lib.openai(base),
      azure: lib.azureOpenAI(base),
      copy: lib.openaiCompatible({ ...base, name: 'copy' }),
      anthropic: lib.anthropic(base),
      google: lib.google(base),
      bedrock: bedrock({ ...base, region: 'us-east-1' }),
      vertex: vertex({ project: 'p', location: 'global', token: 't', baseURL: base.baseURL }),
      sdk: fromAiSdk(createOpenAI({ apiKey: 'k', fetch: refusing })),
    },
    models: {
      openai: at('openai', 'gpt-4o'),
      azure: at('azure', 'deployed'),
      copy: at('copy', 'qwen'),
      anthropic: at('anthropic', 'claude-haiku-4-5'),
      google: at('google', 'gemini-2.5-flash'),
      'bedrock claude': at('bedrock', 'anthropic.claude-haiku-4-5-20251001-v1:0'),
      'bedrock converse': at('bedrock', 'amazon.nova-lite-v1:0'),
      'vertex claude': at('vertex', 'claude-haiku-4-5'),
      'vertex gemini': at('vertex', 'gemini-2.5-flash'),
      sdk: at('sdk', 'gpt-4o'),
    },
    plans: { prepaid: { models: '*', billing: 'prepaid' } },
    retries: { maxAttempts: 1 },
    transport,
    meter: Object.assign(Object.create(meter) as typeof meter, {
      reserve(request: HoldRequest) {
        held.push(request.amount);
        return meter.reserve(request);
      },
    }),
  });
  await gateway.credits.topUp({ accountId: 'a', amount: '1000', idempotencyKey: 't' });
  const { key } = await gateway.keys.create({ accountId: 'a', name: 'k' });
  return { gateway, held, sent, key };
}

const MODELS = [
  ...['openai', 'azure', 'copy', 'anthropic', 'google', 'sdk'],
  ...['bedrock claude', 'bedrock converse', 'vertex claude', 'vertex gemini'],
] as const;

/** As long as providers take them. */
const ids = Array.from({ length: 100 }, (_, index) => `call_${index}_${'x'.repeat(50)}`);
const ASK = { role: 'user', content: 'go on' };

const called = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '' } });
const chat = (model: string, ...messages: readonly object[]) => ({
  path: '/v1/chat/completions',
  body: { model, max_tokens: OUTPUT, messages: [...messages, ASK] },
});
const PICTURE = {
  type: 'image_url',
  image_url: { url: `data:image/png;base64,${Buffer.from(png(1, 1)).toString('base64')}`, detail: 'low' },
};

/** Calls that nobody answered, and results whose calls were cut away. */
const REQUESTS = {
  'calls on chat': (model: string) => chat(model, { role: 'assistant', tool_calls: ids.map(called) }),
  'calls on chat, beside a picture': (model: string) =>
    chat(
      model,
      { role: 'user', content: [PICTURE] },
      ...ids.map((id) => ({ role: 'assistant', tool_calls: [called(id)] })),
    ),
  'results on chat': (model: string) =>
    chat(model, ...ids.map((id) => ({ role: 'tool', tool_call_id: id.slice(0, 8), content: '' }))),
  'calls on messages': (model: string) => ({
    path: '/v1/messages',
    body: {
      model,
      max_tokens: OUTPUT,
      messages: [
        ASK,
        { role: 'assistant', content: ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} })) },
        ASK,
      ],
    },
  }),
  'results on messages': (model: string) => ({
    path: '/v1/messages',
    body: {
      model,
      max_tokens: OUTPUT,
      messages: [{ role: 'user', content: ids.map((id) => ({ type: 'tool_result', tool_use_id: id.slice(0, 8) })) }],
    },
  }),
  'calls on responses': (model: string) => ({
    path: '/v1/responses',
    body: {
      model,
      max_output_tokens: OUTPUT,
      input: [...ids.map((id) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '' })), ASK],
    },
  }),
  'results on responses': (model: string) => ({
    path: '/v1/responses',
    body: {
      model,
      max_output_tokens: OUTPUT,
      input: [...ids.map((id) => ({ type: 'function_call_output', call_id: id.slice(0, 8), output: '' })), ASK],
    },
  }),
  'calls on generateContent': (model: string) => ({
    path: `/v1beta/models/${model}:generateContent`,
    body: {
      generationConfig: { maxOutputTokens: OUTPUT },
      contents: [
        { role: 'user', parts: [{ text: 'go on' }] },
        { role: 'model', parts: ids.map((id) => ({ functionCall: { id, name: 'f' } })) },
        { role: 'user', parts: [{ text: 'go on' }] },
      ],
    },
  }),
  'responses on generateContent': (model: string) => ({
    path: `/v1beta/models/${model}:generateContent`,
    body: {
      generationConfig: { maxOutputTokens: OUTPUT },
      contents: [{ role: 'user', parts: ids.map(() => ({ functionResponse: { name: 'g', response: {} } })) }],
    },
  }),
} as const;

describe('what stands in for a result or a call that is not there', () => {
  const cases = MODELS.flatMap((model) => Object.entries(REQUESTS).map(([name, make]) => [name, model, make] as const));
  test.each(cases)('is held for: %s at %s', async (_name, model, make) => {
    const { gateway, held, sent, key } = await freshGateway();
    const { path, body } = make(model);
    // The first request of a process finds less of the code loaded than the second.
    for (const turn of ['first', 'second'] as const) {
      const request: GatewayRequest = {
        method: 'POST',
        path: path.replace(' ', '%20'),
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: () => Buffer.from(JSON.stringify(body)),
        signal: new AbortController().signal,
      };
      await gateway.handle(request);
      const [asked, amount] = [sent.at(-1), held.at(-1)];
      if (!asked || amount === undefined) throw new Error('nothing was sent');
      const { most } = new Reading(new URL(asked.url).pathname, JSON.parse(asked.body));
      expect(asked.body, turn).toMatch(/no result|earlier tool call/);
      expect(Number(amount / NANO_PER_TOKEN), turn).toBeGreaterThanOrEqual(most);
    }
    expect(sent).toHaveLength(2);
    expect(held[1]).toBe(held[0]);
    await gateway.close({ deadlineMs: 0 });
  });
});
