import { afterEach, describe, expect, test } from 'vitest';
import { type FullStore, memoryStore, openaiCompatible } from '../../src/index.js';
import { type FakeAnswer, type FakeRequest, type Gate, gate } from '../../src/testing/index.js';
import { type AbuseSite, abuseSite, listPrice, type Model } from './abuse-site.js';

let site: AbuseSite;
afterEach(() => site.close());

const LONG = 'thought '.repeat(12_000);
const ASK = { role: 'user', content: 'hi' };
const OUTPUT = 16;
const ID = 'call_known';
const PICTURE = { type: 'image_url', image_url: { url: `data:image/gif;base64,R0lGODlhAQABAAAAACw=` } };

/** Bills each byte that it is sent. */
const bill = ({ text }: FakeRequest) => ({ input: text.length, output: OUTPUT });

/** The first answer thinks for long, or signs with a long text, and calls something by an id that its client knows before. */
function answer(request: FakeRequest): FakeAnswer {
  if (request.provider !== 'google') {
    return { usage: bill(request), thinking: LONG, toolCalls: [{ name: 'look', arguments: {}, id: ID }] };
  }
  const thoughtSignature = Buffer.from(LONG).toString('base64');
  const parts = [{ functionCall: { id: ID, name: 'look', args: {} }, thoughtSignature }];
  const usageMetadata = { promptTokenCount: request.text.length, candidatesTokenCount: OUTPUT };
  return {
    body: JSON.stringify({ candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }], usageMetadata }),
  };
}

/** A store that makes the second hold, and waits with saying so. */
function storeThatWaits(held: Gate): FullStore {
  const store = memoryStore();
  let holds = 0;
  const meter = new Proxy(store.meter, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      if (name !== 'reserve') return method.bind(target);
      return async (...given: unknown[]) => {
        const result: unknown = method.apply(target, given);
        holds += 1;
        if (holds === 1) await held.pass();
        return result;
      };
    },
  });
  return { ...store, meter };
}

/** A call of which the gateway remembers something. */
const NAMED = [
  ASK,
  {
    role: 'assistant',
    content: '',
    tool_calls: [{ id: ID, type: 'function', function: { name: 'look', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: ID, content: 'x' },
];
const turnsOf = (made: object[]) => Array.from({ length: 8 }, () => made).flat();

/** Requests that bring in what an answer has left, if it comes before they are sent. */
const REQUESTS: readonly (readonly [name: string, model: Model, path: string, body: (model: Model) => object])[] = [
  [
    'reasoning by the id of its call, on chat',
    'copy',
    'chat/completions',
    (model) => ({ model, max_tokens: OUTPUT, messages: turnsOf(NAMED) }),
  ],
  [
    'reasoning by the id of its call, beside a picture',
    'copy',
    'chat/completions',
    (model) => ({ model, max_tokens: OUTPUT, messages: [...turnsOf(NAMED), { role: 'user', content: [PICTURE] }] }),
  ],
  [
    'reasoning by the id of its call, on messages',
    'copy',
    'messages',
    (model) => ({
      model,
      max_tokens: OUTPUT,
      messages: [
        ASK,
        ...turnsOf([
          { role: 'assistant', content: [{ type: 'tool_use', id: ID, name: 'look', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: ID, content: 'x' }] },
        ]),
      ],
    }),
  ],
  [
    'reasoning by the id of its call, on responses',
    'copy',
    'responses',
    (model) => ({
      model,
      max_output_tokens: OUTPUT,
      input: [
        ASK,
        ...turnsOf([
          { type: 'function_call', call_id: ID, name: 'look', arguments: '{}' },
          { type: 'function_call_output', call_id: ID, output: 'x' },
        ]),
      ],
    }),
  ],
  [
    'a signature by the id of its call, on chat',
    'gemini',
    'chat/completions',
    (model) => ({ model, max_tokens: OUTPUT, messages: turnsOf(NAMED) }),
  ],
  [
    'a signature by the id of its call, on generateContent through chat',
    'copy',
    'models/copy:generateContent',
    () => ({
      generationConfig: { maxOutputTokens: OUTPUT },
      contents: [
        { role: 'user', parts: [{ text: 'hi' }] },
        ...turnsOf([
          { role: 'model', parts: [{ functionCall: { id: ID, name: 'look', args: {} } }] },
          { role: 'user', parts: [{ functionResponse: { id: ID, name: 'look', response: {} } }] },
        ]),
      ],
    }),
  ],
  [
    'reasoning under a name that its server has not used yet, beside a picture',
    'mini',
    'chat/completions',
    (model) => ({
      model,
      max_tokens: OUTPUT,
      messages: [
        { role: 'assistant', content: 'x', reasoning_content: LONG },
        { role: 'user', content: [PICTURE] },
      ],
    }),
  ],
];

describe('what an answer leaves while another request has its hold and is not yet sent', () => {
  test.each(REQUESTS)('adds nothing to it: %s', async (_name, model, path, body) => {
    const held = gate();
    site = await abuseSite(answer, {
      store: storeThatWaits(held),
      models: {
        copy: { provider: 'thinks', model: 'deepseek-reasoner', price: { input: 1, output: 2 } },
        gemini: { provider: 'google', model: 'gemini-3-pro-preview', price: { input: 0.3, output: 2.5 } },
        mini: { provider: 'learns', model: 'qwen', price: { input: 0.15, output: 0.6 } },
      },
      providersAt: ({ openai: place }) => ({
        thinks: openaiCompatible({ ...place, name: 'deepseek' }),
        learns: openaiCompatible({ ...place, name: 'unknown' }),
      }),
    });
    const attacker = await site.attacker('1');
    const second = attacker.post(path, body(model));
    await held.reached;
    const first = await attacker.post('chat/completions', { model, max_tokens: OUTPUT, messages: [ASK] });
    expect(first.status).toBe(200);
    held.open();
    expect((await second).status).toBe(200);
    const sent = site.upstream.requests.at(-1)?.text;
    expect(sent).not.toContain('thought thought');
    expect(sent).not.toContain(Buffer.from(LONG).toString('base64').slice(0, 40));
    const billed = site.upstream.requests.reduce((sum, asked) => sum + listPrice(model, bill(asked)), 0);
    expect(await attacker.charged()).toBeGreaterThanOrEqual(billed - 1e-9);
  });

  test('comes with the next request', async () => {
    site = await abuseSite(answer, {
      models: { copy: { provider: 'thinks', model: 'deepseek-reasoner', price: { input: 1, output: 2 } } },
      providersAt: ({ openai: place }) => ({ thinks: openaiCompatible({ ...place, name: 'deepseek' }) }),
    });
    const customer = await site.attacker('5');
    const ask = { model: 'copy', max_tokens: OUTPUT };
    await customer.post('chat/completions', { ...ask, messages: [ASK] });
    await customer.post('chat/completions', { ...ask, messages: NAMED });
    expect(site.upstream.requests.at(-1)?.text).toContain(LONG);
  });
});
