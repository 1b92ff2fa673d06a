import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_MODELS, type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { problemOf } from '../helpers/picky-provider.js';
import { problemIn } from '../helpers/route-schemas.js';

/** Custom tools on chat, at models whose providers have none. */

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
});
afterAll(() => site.close());

type Fields = Readonly<Record<string, unknown>>;

const INPUT = '*** Begin Patch\n+"x" \\ 😀\n*** End Patch';
const PATCH = {
  type: 'custom',
  custom: {
    name: 'apply_patch',
    description: 'Patches files.',
    format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: /.+/' } },
  },
};
const SHELL = { type: 'function', function: { name: 'shell', parameters: { type: 'object', properties: {} } } };
const BODY = { messages: [{ role: 'user', content: 'Patch it.' }], tools: [SHELL, PATCH] };
const ANSWER = {
  text: 'Now.',
  toolCalls: [
    { name: 'apply_patch', arguments: { input: INPUT } },
    { name: 'shell', arguments: { command: 'ls' } },
  ],
};

const ask = (model: string, body: object) => site.post('v1/chat/completions', { model, ...BODY, ...body });
const sent = () => site.upstream.requests.at(-1);

async function chunksOf(response: Response): Promise<OpenAI.ChatCompletionChunk[]> {
  const events = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('data: {'));
  return events.map((frame) => JSON.parse(frame.slice('data: '.length)) as OpenAI.ChatCompletionChunk);
}

/** The calls of a stream, each put together from its pieces. */
function callsIn(chunks: readonly OpenAI.ChatCompletionChunk[]): Fields[] {
  const calls: Record<string, unknown>[] = [];
  for (const piece of chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []))) {
    const { index, id, type, function: called, custom } = piece as typeof piece & { custom?: Fields };
    const call = (calls[index] ??= { id, type });
    for (const [kind, said] of Object.entries({ function: called, custom })) {
      for (const [name, text] of Object.entries(said ?? {})) {
        const before = (call[kind] ??= {}) as Record<string, string>;
        before[name] = (before[name] ?? '') + String(text);
      }
    }
  }
  return calls;
}

describe.each(['claude', 'claude-opus', 'gemini', 'gemini-3', 'deepseek'])('a custom tool at %s', (model) => {
  it('is a function with one text there, and its call is a call of the custom tool, whole and streamed', async () => {
    site.upstream.answer(ANSWER);
    const response = await ask(model, {});
    const completion = (await response.json()) as OpenAI.ChatCompletion;
    expect(problemIn('CreateChatCompletionResponse', completion)).toBe('');
    const calls = completion.choices[0]?.message.tool_calls;
    expect(calls).toMatchObject([
      { type: 'custom', custom: { name: 'apply_patch', input: INPUT } },
      { type: 'function', function: { name: 'shell', arguments: '{"command":"ls"}' } },
    ]);
    expect(calls?.[0]).not.toHaveProperty('function');
    expect(response.headers.get('x-gateway-dropped-params')).toBeNull();
    expect(sent()?.text).toContain('start: /.+/');
    expect(sent()?.text).not.toContain('"custom"');

    site.upstream.answer(ANSWER);
    const chunks = await chunksOf(await ask(model, { stream: true }));
    const said = callsIn(chunks);
    const bare = (call: object) => ({ ...call, id: '' });
    const plain = ((calls ?? []) as unknown as Fields[]).map(({ extra_content: _, ...call }) => call);
    expect(said.map(bare)).toEqual(plain.map(bare));
    expect(said.every(({ id }) => typeof id === 'string' && id !== '')).toBe(true);
    expect(chunks.findLast(({ choices }) => choices.length > 0)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('goes on with what the tool gave', async () => {
    site.upstream.answer(ANSWER);
    const { choices } = (await (await ask(model, {})).json()) as OpenAI.ChatCompletion;
    const message = choices[0]?.message as OpenAI.ChatCompletionMessage;
    const results = message.tool_calls?.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: `Done ${id}.` }));
    // The official client's types have no place for more than this.
    const known = message.tool_calls?.map((call) =>
      call.type === 'custom'
        ? { id: call.id, type: call.type, custom: call.custom }
        : { id: call.id, type: call.type, function: call.function },
    );
    for (const calls of [message.tool_calls, known]) {
      const assistant = { role: 'assistant', content: message.content, tool_calls: calls };
      for (const tools of [BODY.tools, undefined]) {
        const messages = [...BODY.messages, assistant, ...(results ?? [])];
        site.upstream.answer({ text: 'Good.' });
        const response = await ask(model, { messages, tools });
        expect([response.status, await response.json()]).toMatchObject([
          200,
          { choices: [{ message: { content: 'Good.' } }] },
        ]);
        const request = sent();
        if (!request) throw new Error('nothing was sent');
        expect(problemOf(request)).toBeUndefined();
        expect(request.text).toContain('Begin Patch');
      }
    }
  });

  it.each([
    ['by its name', { type: 'custom', custom: { name: 'apply_patch' } }],
    [
      'among those that are allowed',
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'custom', custom: { name: 'apply_patch' } }] },
      },
    ],
  ])('can be the choice %s', async (_, choice) => {
    site.upstream.answer(ANSWER);
    expect((await ask(model, { tool_choice: choice })).status).toBe(200);
    expect(problemOf(sent() as never)).toBeUndefined();
  });
});

it('an input that is cut off is what there is of it', async () => {
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: 'apply_patch', arguments: '{"input":"*** Beg\\nPa' },
  };
  const choice = (said: object) => ({ choices: [{ index: 0, ...said, finish_reason: 'length' }] });
  site.upstream.answer({ body: JSON.stringify(choice({ message: { role: 'assistant', tool_calls: [call] } })) });
  const { choices } = (await (await ask('deepseek', {})).json()) as OpenAI.ChatCompletion;
  expect(choices[0]?.message.tool_calls).toMatchObject([{ custom: { input: '*** Beg\nPa' } }]);
  const event = JSON.stringify(choice({ delta: { role: 'assistant', tool_calls: [{ index: 0, ...call }] } }));
  site.upstream.answer({ body: `data: ${event}\n\ndata: [DONE]\n\n` });
  const [streamed] = callsIn(await chunksOf(await ask('deepseek', { stream: true })));
  expect(streamed).toMatchObject({ type: 'custom', custom: { name: 'apply_patch', input: '*** Beg\nPa' } });
});

it('OpenAI gets custom tools as they are, and its calls pass as they came', async () => {
  const call = { id: 'call_1', type: 'custom', custom: { name: 'apply_patch', input: INPUT } };
  const message = { role: 'assistant', content: null, refusal: null, tool_calls: [call] };
  const choice = { index: 0, message, logprobs: null, finish_reason: 'tool_calls' };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const body = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', choices: [choice], usage };
  site.upstream.answer({ body: JSON.stringify(body) });
  const answer = (await (await ask(AGENT_MODELS.OpenAI, {})).json()) as OpenAI.ChatCompletion;
  expect(answer.choices[0]?.message.tool_calls).toEqual([call]);
  expect(sent()?.body).toMatchObject({ tools: [SHELL, PATCH] });
});

describe('what is wrong with a custom tool is refused by its name', () => {
  const custom = (fields: object) => ({ tools: [{ type: 'custom', custom: { name: 'a', ...fields } }] });
  const made = (fields: object) => ({
    messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: fields }] }],
  });
  it.each([
    [custom({ name: 5 }), 'tools[0].custom.name'],
    [custom({ description: 5 }), 'tools[0].custom.description'],
    [custom({ format: 'grammar' }), 'tools[0].custom.format'],
    [custom({ format: {} }), 'tools[0].custom.format.type'],
    [custom({ format: { type: 'grammar' } }), 'tools[0].custom.format.grammar'],
    [custom({ format: { type: 'grammar', grammar: { syntax: 'lark' } } }), 'tools[0].custom.format.grammar.definition'],
    [{ tools: [{ type: 'custom', custom: { name: 'shell' } }, SHELL] }, 'tools[0].custom.name'],
    [made({ input: 'x' }), 'messages[0].tool_calls[0].custom.name'],
    [made({ name: 'a' }), 'messages[0].tool_calls[0].custom.input'],
    [made({ name: 'a', input: {} }), 'messages[0].tool_calls[0].custom.input'],
  ])('%j', async (body, param) => {
    for (const model of ['claude', 'gemini', 'deepseek']) {
      const before = site.upstream.requests.length;
      const response = await ask(model, body);
      const { error } = (await response.json()) as { error: Fields };
      expect([response.status, error['param'], site.upstream.requests.length]).toEqual([400, param, before]);
    }
  });
});
