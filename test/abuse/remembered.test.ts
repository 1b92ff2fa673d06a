import { afterEach, describe, expect, test } from 'vitest';
import { memoryStore, openai, openaiCompatible } from '../../src/index.js';
import type { FakeAnswer, FakeRequest } from '../../src/testing/index.js';
import { type AbuseSite, type Attacker, abuseSite, listPrice, type Model } from './abuse-site.js';

let site: AbuseSite;
afterEach(() => site.close());

/** What a model thought, or signed, before it called a tool: some hundred times as long as what names it. */
const LONG = 'thought '.repeat(12_000);
const CALL = { name: 'look', arguments: {} };
const ASK = { role: 'user', content: 'hi' };
const OUTPUT = 16;

/** Bills each byte that it is sent, as the least efficient tokenizer would. */
const bill = ({ text }: FakeRequest) => ({ input: text.length, output: OUTPUT });

function thinking(request: FakeRequest): FakeAnswer {
  return { usage: bill(request), thinking: LONG, toolCalls: [CALL] };
}

/** Gemini with a long signature on its call. */
function signing(request: FakeRequest): FakeAnswer {
  if (request.provider !== 'google') return thinking(request);
  const parts = [{ functionCall: { name: 'look', args: {} }, thoughtSignature: Buffer.from(LONG).toString('base64') }];
  const usageMetadata = { promptTokenCount: request.text.length, candidatesTokenCount: OUTPUT };
  return {
    body: JSON.stringify({ candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }], usageMetadata }),
  };
}

/** A model that remembers what was thought before a call, behind `copy`. */
async function start(answer = signing, store = memoryStore()): Promise<AbuseSite> {
  site = await abuseSite(answer, {
    store,
    models: {
      copy: { provider: 'thinks', model: 'deepseek-reasoner', price: { input: 1, output: 2 } },
      gemini: { provider: 'google', model: 'gemini-3-pro-preview', price: { input: 0.3, output: 2.5 } },
      mini: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 0.15, output: 0.6 } },
    },
    providersAt: ({ openai: place }) => ({
      thinks: openaiCompatible({ ...place, name: 'deepseek' }),
      openai: openai(place),
    }),
  });
  return site;
}

/** Lets a model think once; returns the id of its call. */
async function thoughtOf(attacker: Attacker, model: Model): Promise<string> {
  const { status, text } = await attacker.post('chat/completions', { model, max_tokens: OUTPUT, messages: [ASK] });
  expect(status).toBe(200);
  return JSON.parse(text).choices[0].message.tool_calls[0].id;
}

/** What everything that was sent since costs by the list. */
function billOf(model: Model, from: number): number {
  return site.upstream.requests.slice(from).reduce((sum, asked) => sum + listPrice(model, bill(asked)), 0);
}

const turns = <T>(made: T[]): T[] => Array.from({ length: 8 }, () => made).flat();

/** Eight turns that name the call and nothing of what was thought, in the form of each route. */
const BODIES: readonly (readonly [string, (model: Model, id: string) => readonly [path: string, body: object]])[] = [
  [
    'chat',
    (model, id) => [
      'chat/completions',
      {
        model,
        max_tokens: OUTPUT,
        messages: [
          ASK,
          ...turns([
            {
              role: 'assistant',
              content: '',
              tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: '{}' } }],
            },
            { role: 'tool', tool_call_id: id, content: 'x' },
          ]),
        ],
      },
    ],
  ],
  [
    'responses',
    (model, id) => [
      'responses',
      {
        model,
        max_output_tokens: OUTPUT,
        input: [
          ASK,
          ...turns([
            { type: 'function_call', call_id: id, name: 'look', arguments: '{}' },
            { type: 'function_call_output', call_id: id, output: 'x' },
          ]),
        ],
      },
    ],
  ],
  [
    'messages',
    (model, id) => [
      'messages',
      {
        model,
        max_tokens: OUTPUT,
        messages: [
          ASK,
          ...turns([
            { role: 'assistant', content: [{ type: 'tool_use', id, name: 'look', input: {} }] },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'x' }] },
          ]),
        ],
      },
    ],
  ],
  [
    'generateContent',
    (model, id) => [
      `models/${model}:generateContent`,
      {
        generationConfig: { maxOutputTokens: OUTPUT },
        contents: [
          { role: 'user', parts: [{ text: 'hi' }] },
          ...turns([
            { role: 'model', parts: [{ functionCall: { id, name: 'look', args: {} } }] },
            { role: 'user', parts: [{ functionResponse: { id, name: 'look', response: {} } }] },
          ]),
        ],
      },
    ],
  ],
];

describe('what was thought before a call and the gateway remembers', () => {
  const CASES = BODIES.flatMap(([route, body]) =>
    (['copy', 'gemini'] as const).map((model) => [route, model, body] as const),
  );

  test.each(CASES)('is paid for wherever it is sent again: %s at %s', async (_, model, body) => {
    await start();
    const attacker = await site.attacker('0.10');
    const request = body(model, await thoughtOf(attacker, model));
    const before = await attacker.charged();
    const sent = site.upstream.requests.length;
    await attacker.storm(60, ...request);
    expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
    expect((await attacker.charged()) - before).toBeGreaterThanOrEqual(billOf(model, sent) - 1e-9);
  });

  test('reaches the model of who can pay for it', async () => {
    await start();
    const customer = await site.attacker('5');
    const [, body] = BODIES[0] as (typeof BODIES)[number];
    const [path, request] = body('copy', await thoughtOf(customer, 'copy'));
    expect((await customer.post(path, request)).status).toBe(200);
    expect(site.upstream.requests.at(-1)?.text).toContain(LONG);
  });

  test('counts as well where another process heard it', async () => {
    const store = memoryStore();
    await start(thinking, store);
    const first = site;
    const attacker = await first.attacker('0.30');
    const id = await thoughtOf(attacker, 'copy');
    const second = await start(thinking, store);
    const [, body] = BODIES[0] as (typeof BODIES)[number];
    const [path, request] = body('copy', id);
    const answered = await second.as(attacker.key).storm(60, path, request);
    expect(answered).toBe(0);
    expect(second.upstream.requests).toHaveLength(0);
    await first.close();
  });
});

describe('items of earlier answers that are named alone', () => {
  const WORDS = 'word '.repeat(20_000);

  test.each([
    ['responses', 'mini'],
    ['responses', 'copy'],
    ['chat/completions', 'mini'],
    ['chat/completions', 'copy'],
  ] as const)('are paid for by what they stand for: %s at %s', async (path, model) => {
    await start((request) => ({ usage: bill(request), text: WORDS }));
    const attacker = await site.attacker('0.10');
    const first = await attacker.post('responses', { model, max_output_tokens: OUTPUT, input: 'hi' });
    const { output } = JSON.parse(first.text) as { output: { id: string; type: string }[] };
    const id = output.find(({ type }) => type === 'message')?.id;
    const before = await attacker.charged();
    const sent = site.upstream.requests.length;
    const input = [...Array.from({ length: 8 }, () => ({ type: 'item_reference', id })), ASK];
    await attacker.storm(60, path, { model, max_output_tokens: OUTPUT, max_tokens: OUTPUT, input });
    expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
    expect((await attacker.charged()) - before).toBeGreaterThanOrEqual(billOf(model, sent) - 1e-9);
  });

  test('of another account, of another time and of nobody bring nothing in', async () => {
    await start((request) => ({ usage: bill(request), text: WORDS }));
    const owner = await site.attacker('1');
    const thief = await site.attacker('0.10');
    const { text } = await owner.post('responses', { model: 'copy', max_output_tokens: OUTPUT, input: 'hi' });
    const [{ id }] = JSON.parse(text).output as [{ id: string }];
    const sent = site.upstream.requests.length;
    for (const named of [id, 'msg_gone', 'rs_gone/../msg'])
      for (const path of ['responses', 'chat/completions']) {
        const input = [{ type: 'item_reference', id: named }, ASK];
        const { status } = await thief.post(path, { model: 'copy', max_output_tokens: OUTPUT, input });
        expect({ named, path, status }).toEqual({ named, path, status: named.startsWith('rs_') ? 200 : 400 });
      }
    expect(site.upstream.requests.slice(sent).some((asked) => asked.text.includes('word word'))).toBe(false);
    expect(await thief.charged()).toBeGreaterThanOrEqual(billOf('copy', sent) - 1e-9);
  });

  test('of a provider are refused, as no hold could be made for them', async () => {
    await start();
    const attacker = await site.attacker('0.10');
    for (const chain of [{ previous_response_id: 'resp_1' }, { conversation: 'conv_1' }, { conversation: { id: 'c' } }])
      for (const model of ['mini', 'copy', 'gemini']) {
        const asked = { model, max_output_tokens: OUTPUT, input: 'hi', ...chain };
        expect((await attacker.post('responses', asked)).status).toBe(400);
      }
    expect(site.upstream.requests).toHaveLength(0);
  });
});
