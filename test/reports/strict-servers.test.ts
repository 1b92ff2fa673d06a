import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import {
  cerebras,
  deepseek,
  fireworks,
  groq,
  mistral,
  ollama,
  openrouter,
  type ProviderAdapter,
  together,
  xai,
} from '../../src/index.js';
import { type Conversation, FORMATS } from '../helpers/conversations.js';
import { type StrictServer, strictServer, type Turn } from '../helpers/strict-server.js';
import { type TestGateway, testGateway } from '../helpers/test-gateway.js';
import { PRICE, tool } from './reported.js';

const MAKE: Readonly<Record<string, (options: { apiKey: string; baseURL: string }) => ProviderAdapter>> = {
  mistral,
  groq,
  deepseek,
  cerebras,
  xai,
  together,
  fireworks,
  ollama,
  openrouter,
};
const PROVIDERS = Object.keys(MAKE);
const PICTURE = 'iVBORw0KGgo=';

type Message = Readonly<Record<string, unknown>> & { readonly role: string };

let server: StrictServer;
let site: TestGateway;
/** What the models say next; undefined: they call a tool, and answer once it has answered. */
let next: Turn | undefined;

beforeAll(async () => {
  let turn = 0;
  server = await strictServer((_, { messages }) => {
    if (next) return next;
    turn += 1;
    const last = (messages as Message[]).at(-1);
    const thinking = `Thought ${turn}.`;
    if (last?.role === 'tool') return { thinking, text: `Said ${turn}.` };
    const call = { id: `call_${turn}_longer_than_nine`, name: 'weather', args: { city: 'Bern' } };
    return { thinking, text: turn % 2 === 0 ? `Called ${turn}.` : undefined, calls: [call] };
  });
  site = await testGateway({
    providers: Object.fromEntries(
      PROVIDERS.map((name) => [
        name,
        MAKE[name]?.({ apiKey: 'upstream-secret', baseURL: `${server.origin}/${name}` }) as ProviderAdapter,
      ]),
    ),
    models: Object.fromEntries(
      PROVIDERS.map((name) => [
        name,
        { provider: name, model: name === 'mistral' ? 'magistral' : `${name}-model`, price: PRICE },
      ]),
    ),
  });
});
afterAll(async () => {
  await site.close();
  await server.close();
});

async function ask(body: object): Promise<Message> {
  const response = await site.post('v1/chat/completions', body, { authorization: `Bearer ${site.key}` });
  const answer = (await response.json()) as { choices: { message: Message }[]; error?: object };
  expect({ status: response.status, error: answer.error, refusals: server.refusals }).toEqual({
    status: 200,
    error: undefined,
    refusals: [],
  });
  return answer.choices[0]?.message as Message;
}

const IMAGE = { type: 'image_url', image_url: { url: `data:image/png;base64,${PICTURE}` } };

describe.each(PROVIDERS)('a server as strict as the schema of %s', (model) => {
  describe.each(Object.keys(FORMATS))('over %s', (format) => {
    test.each([
      ['whole answers', false],
      ['streams', true],
    ])('takes four turns with tools, reasoning and pictures, as %s', async (_, stream) => {
      next = undefined;
      server.refusals.length = 0;
      const conversation = FORMATS[format]?.(site, stream) as Conversation;
      for (let turn = 0; turn < 4; turn += 1) {
        const picture = turn % 2 === 0 && model !== 'deepseek' ? PICTURE : undefined;
        expect(await conversation.say(model, `Question ${turn}.`, picture)).toEqual(['weather']);
        expect(await conversation.answer(model)).toMatch(/^Said \d+\.$/);
      }
      expect(server.refusals).toEqual([]);
      const sent = server.bodies.at(-1)?.['messages'] as Message[];
      expect(sent.filter(({ role }) => role === 'assistant').length).toBe(7);
    });
  });

  it('takes everything that SDKs send with a request', async () => {
    next = undefined;
    server.refusals.length = 0;
    const extras = {
      store: false,
      metadata: {},
      user: 'ann',
      seed: 1,
      verbosity: 'low',
      reasoning_effort: 'medium',
      parallel_tool_calls: true,
      max_completion_tokens: 50,
      max_tokens: 60,
      logprobs: false,
      logit_bias: {},
      frequency_penalty: 0,
      presence_penalty: 0,
      n: 1,
      stop: 'x',
      modalities: ['text'],
      service_tier: 'auto',
      safety_identifier: 'ann',
      prompt_cache_key: 'k',
      top_k: 5,
      tools: [tool('weather')],
      tool_choice: 'auto',
    };
    const messages: object[] = [
      { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', name: 'ann', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] },
    ];
    for (let turn = 0; turn < 4; turn += 1) {
      const message = await ask({ model, messages, ...extras });
      messages.push(message);
      const [call] = (message['tool_calls'] ?? []) as { id: string }[];
      messages.push(
        call
          ? { role: 'tool', tool_call_id: call.id, content: [{ type: 'text', text: 'ok' }] }
          : { role: 'user', content: 'more' },
      );
    }
  });

  it('takes the history of every other one', async () => {
    next = { text: 'Done.' };
    server.refusals.length = 0;
    const from = [
      { reasoning_content: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 's' }] },
      { extra_content: { google: { thought_signature: 'QUJD' } }, images: [] },
      { thinking_blocks: [{ type: 'thinking', thinking: 'Hm', signature: 's' }], annotations: [] },
      { refusal: null, audio: null, function_call: null, tool_calls: [], citations: ['https://a'] },
      { content: null, refusal: 'No.' },
      { executed_tools: [{ type: 'search' }], reasoning: 'Hm' },
    ];
    const messages = from.flatMap((fields) => [
      { role: 'user', content: [{ type: 'text', text: 'hi' }, IMAGE] },
      { role: 'assistant', content: 'x', ...fields },
    ]);
    await ask({ model, messages: [...messages, { role: 'user', content: 'more' }] });
  });

  it('takes pictures and files that a tool gave', async () => {
    next = { text: 'Done.' };
    server.refusals.length = 0;
    const calls = [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }];
    const messages = [
      { role: 'user', content: 'look' },
      { role: 'assistant', content: null, reasoning_content: 'Hm', tool_calls: calls },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'here' }, IMAGE] },
      { role: 'assistant', content: 'Seen.' },
      { role: 'user', content: 'and?' },
    ];
    await ask({ model, messages, tools: [tool('weather')] });
  });
});

const turns = fc.record(
  {
    thinking: fc.constantFrom(undefined, 'Hm.', ' ', '{"a":1}'),
    text: fc.constantFrom(undefined, '', 'Hello.', ' ', '😀 [x](https://a.example)'),
    calls: fc.uniqueArray(
      fc.record({
        id: fc.constantFrom('call_1', 'toolu_01AbCdEfGh', 'a.b:c', 'x'.repeat(80), 'abcdefghi'),
        name: fc.constant('weather'),
        args: fc.dictionary(fc.constantFrom('city', 'a b', ''), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
      }),
      { maxLength: 3, selector: ({ id }) => id },
    ),
  },
  { requiredKeys: ['thinking', 'text', 'calls'] },
);

it('any answer comes back to any of them, over every format', async () => {
  const model = fc.constantFrom(...PROVIDERS);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(FORMATS)),
      fc.boolean(),
      fc.array(fc.tuple(model, turns, model), { minLength: 1, maxLength: 4 }),
      async (format, stream, story) => {
        server.refusals.length = 0;
        const conversation = FORMATS[format]?.(site, stream) as Conversation;
        for (const [first, turn, second] of story) {
          next = turn;
          const calls = await conversation.say(first, 'Go on.');
          next = { text: 'Done.' };
          if (calls.length > 0) await conversation.answer(second);
          else await conversation.say(second, 'And?');
        }
        expect([...server.refusals]).toEqual([]);
      },
    ),
    { numRuns: 40, seed: 20_261_129 },
  );
}, 120_000);
