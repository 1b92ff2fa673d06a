import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cerebras, createGateway, deepseek, type Gateway, groq, mistral } from '../../src/index.js';
import { closed, listening } from '../helpers/replay-server.js';
import { PRICE, tool } from './reported.js';

/** What a provider's published schema has; its server refuses everything else. */
interface Schema {
  readonly fields: readonly string[];
  readonly messages: Readonly<Record<string, readonly string[]>>;
  readonly parts: Readonly<Record<string, readonly string[]>>;
  readonly ids?: RegExp;
}

const COMMON = [
  'model',
  'messages',
  'stream',
  'temperature',
  'top_p',
  'stop',
  'tools',
  'tool_choice',
  'response_format',
];

/** Sources: the types of the packages `@mistralai/mistralai`, `groq-sdk` and `@cerebras/cerebras_cloud_sdk`; DeepSeek's API docs. */
const SCHEMAS: Readonly<Record<string, Schema>> = {
  mistral: {
    fields: [
      ...COMMON,
      'max_tokens',
      'random_seed',
      'metadata',
      'presence_penalty',
      'frequency_penalty',
      'n',
      'prediction',
      'parallel_tool_calls',
      'reasoning_effort',
      'prompt_mode',
      'prompt_cache_key',
      'safe_prompt',
    ],
    messages: { system: [], user: [], assistant: ['tool_calls', 'prefix'], tool: ['tool_call_id', 'name'] },
    parts: {
      system: ['text'],
      user: ['text', 'image_url', 'document_url', 'input_audio'],
      assistant: ['text', 'thinking'],
      tool: ['text', 'image_url'],
    },
    ids: /^[a-zA-Z0-9]{9}$/,
  },
  groq: {
    fields: [
      ...COMMON,
      'max_completion_tokens',
      'max_tokens',
      'frequency_penalty',
      'presence_penalty',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'n',
      'seed',
      'metadata',
      'store',
      'user',
      'parallel_tool_calls',
      'reasoning_effort',
      'service_tier',
    ],
    messages: {
      system: ['name'],
      developer: ['name'],
      user: ['name'],
      assistant: ['name', 'tool_calls', 'reasoning', 'function_call'],
      tool: ['tool_call_id'],
    },
    parts: {
      system: ['text'],
      developer: ['text'],
      user: ['text', 'image_url'],
      assistant: ['text'],
      tool: ['text', 'image_url'],
    },
  },
  deepseek: {
    fields: [
      ...COMMON,
      'max_tokens',
      'thinking',
      'reasoning_effort',
      'frequency_penalty',
      'presence_penalty',
      'logprobs',
      'top_logprobs',
      'stream_options',
    ],
    messages: {
      system: ['name'],
      user: ['name'],
      assistant: ['name', 'tool_calls', 'reasoning_content', 'prefix'],
      tool: ['tool_call_id'],
    },
    parts: { system: [], user: [], assistant: [], tool: [] },
  },
  cerebras: {
    fields: [
      ...COMMON,
      'max_completion_tokens',
      'max_tokens',
      'frequency_penalty',
      'presence_penalty',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'n',
      'seed',
      'user',
      'parallel_tool_calls',
      'prediction',
      'prompt_cache_key',
      'reasoning_effort',
      'reasoning_format',
      'service_tier',
      'stream_options',
    ],
    messages: {
      system: ['name'],
      developer: ['name'],
      user: ['name'],
      assistant: ['name', 'tool_calls', 'reasoning'],
      tool: ['tool_call_id', 'name'],
    },
    parts: { system: ['text'], developer: ['text'], user: ['text', 'image_url'], assistant: ['text'], tool: ['text'] },
  },
};

type Message = Readonly<Record<string, unknown>> & { readonly role: string };

/** What is wrong with a body; undefined for one that the schema allows. */
function problemIn(body: Readonly<Record<string, unknown>>, schema: Schema): string | undefined {
  for (const name of Object.keys(body)) if (!schema.fields.includes(name)) return `the field ${name}`;
  for (const message of body['messages'] as Message[]) {
    const known = schema.messages[message.role];
    if (known === undefined) return `the role ${message.role}`;
    for (const [name, value] of Object.entries(message)) {
      if (name === 'role' || name === 'content') continue;
      if (!known.includes(name) || value === null) return `${name} of ${message.role}`;
    }
    if (Array.isArray(message['content'])) {
      for (const part of message['content'] as { type: string }[]) {
        if (!schema.parts[message.role]?.includes(part.type)) return `${part.type} in ${message.role}`;
        if ('cache_control' in part) return 'cache_control';
      }
    }
    for (const call of (message['tool_calls'] ?? []) as Record<string, unknown>[]) {
      if (Object.keys(call).sort().join() !== 'function,id,type') return `a call with ${Object.keys(call)}`;
      if (schema.ids && !schema.ids.test(String(call['id']))) return `the id ${call['id']}`;
    }
    const id = message['tool_call_id'];
    if (schema.ids && id !== undefined && !schema.ids.test(String(id))) return `the id ${id}`;
  }
  return undefined;
}

const refusals: string[] = [];
let server: Server;
let gateway: Gateway;
let key = '';

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
    const [, name = ''] = (request.url ?? '').split('/');
    const problem = problemIn(body, SCHEMAS[name] as Schema);
    if (problem !== undefined) refusals.push(`${name}: ${problem}`);
    const turn = (body['messages'] as Message[]).filter(({ role }) => role === 'assistant').length;
    const place = name === 'deepseek' ? 'reasoning_content' : 'reasoning';
    const message =
      turn % 2 === 0
        ? {
            role: 'assistant',
            content: null,
            [place]: 'Hm',
            tool_calls: [
              { id: `call_${turn}_long_enough`, type: 'function', function: { name: 'f', arguments: '{}' } },
            ],
          }
        : { role: 'assistant', content: 'Done.', [place]: 'Hm' };
    const answer = {
      id: 'a',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    };
    response.writeHead(problem === undefined ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(problem === undefined ? answer : { error: { message: problem } }));
  });
  const url = await listening(server);
  const at = (name: string) => ({ apiKey: 'upstream-secret', baseURL: `${url}/${name}` });
  gateway = createGateway({
    providers: {
      mistral: mistral(at('mistral')),
      groq: groq(at('groq')),
      deepseek: deepseek(at('deepseek')),
      cerebras: cerebras(at('cerebras')),
    },
    models: Object.fromEntries(
      Object.keys(SCHEMAS).map((name) => [name, { provider: name, model: 'm', price: PRICE }]),
    ),
    plans: { free: { models: '*' } },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  ({ key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' }));
});
afterAll(async () => {
  await gateway.close({ deadlineMs: 0 });
  await closed(server);
});

async function ask(body: object): Promise<Message> {
  const response = await gateway.fetch(
    new Request('http://g.test/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  const answer = (await response.json()) as { choices: { message: Message }[]; error?: object };
  expect({ status: response.status, error: answer.error, refusals }).toEqual({
    status: 200,
    error: undefined,
    refusals: [],
  });
  return answer.choices[0]?.message as Message;
}

const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };

describe.each(Object.keys(SCHEMAS))('a server as strict as the schema of %s', (model) => {
  it('takes a conversation of four turns with tools, reasoning, pictures and everything SDKs send', async () => {
    const extras = {
      store: false,
      metadata: {},
      user: 'ann',
      seed: 1,
      verbosity: 'low',
      reasoning_effort: 'medium',
      parallel_tool_calls: true,
      max_completion_tokens: 50,
      prompt_cache_key: 'k',
      tools: [tool('f')],
    };
    const messages: object[] = [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', name: 'ann', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] },
    ];
    if (model !== 'deepseek') messages.push({ role: 'user', content: [{ type: 'text', text: 'look' }, PICTURE] });
    for (let turn = 0; turn < 4; turn += 1) {
      const message = await ask({ model, messages, ...extras });
      messages.push(message);
      const [call] = (message['tool_calls'] ?? []) as { id: string }[];
      messages.push(call ? { role: 'tool', tool_call_id: call.id, content: 'ok' } : { role: 'user', content: 'more' });
    }
  });

  it('takes the history of every other one', async () => {
    const from = [
      { reasoning_content: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 's' }] },
      { extra_content: { google: { thought_signature: 'QUJD' } }, images: [] },
      { thinking_blocks: [{ type: 'thinking', thinking: 'Hm', signature: 's' }], annotations: [] },
      { refusal: null, audio: null, function_call: null, tool_calls: [], citations: ['https://a'] },
    ];
    const messages = from.flatMap((fields) => [
      { role: 'user', content: [{ type: 'text', text: 'hi' }, PICTURE] },
      { role: 'assistant', content: 'x', ...fields },
    ]);
    await ask({ model, messages: [...messages, { role: 'user', content: 'more' }] });
  });
});
