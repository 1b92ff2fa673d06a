import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, chatAnswer, HI, type Json, type Reported, reported, stream } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const called = (name: string, args: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c1', type: 'function', function: { name, arguments: args } }],
});
const SHELL = { type: 'function', name: 'shell', parameters: { type: 'object', properties: {} } };
const PATCH = {
  type: 'custom',
  name: 'apply_patch',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' },
};
const NAMESPACE = {
  type: 'namespace',
  name: 'mcp__docs',
  description: 'd',
  tools: [{ type: 'function', name: 'search', parameters: { type: 'object', properties: { q: { type: 'string' } } } }],
};
const OTHERS = ['claude', 'gem', 'groq', 'mistral', 'deepseek', 'vllm'];

describe.each(OTHERS)('tools that Codex declares, at %s', (model) => {
  const ask = (body: object) => site.ask({ model, input: 'Reply OK', ...body }, 'responses');

  it.each(['web_search', 'file_search', 'code_interpreter', 'image_generation', 'local_shell', 'mcp', 'not_known_yet'])(
    'leave out %s, which OpenAI would run, and say so',
    async (type) => {
      site.answers(chatAnswer());
      const { status, dropped, sent } = await ask({ tools: [SHELL, PATCH, { type, external_web_access: false }] });
      expect([status, dropped]).toEqual([200, ['tools[2]']]);
      expect(JSON.stringify(sent[0])).toContain('apply_patch');
      expect(JSON.stringify(sent[0])).not.toContain(type);
    },
  );

  it('are refused when one that is left out is the choice', async () => {
    const { status, body } = await ask({
      tools: [SHELL, { type: 'web_search' }],
      tool_choice: { type: 'web_search' },
    });
    expect([status, at(body, 'error.param')]).toEqual([400, 'tool_choice']);
  });
});

describe('calls of the tools that Codex declares', () => {
  it.each(['groq', 'vllm'])('come back as they were declared, from %s', async (model) => {
    site.answers(chatAnswer(called('apply_patch', '{"input":"*** Begin Patch"}')));
    const custom = await site.ask({ model, input: 'x', tools: [PATCH] }, 'responses');
    expect(custom.body['output']).toMatchObject([
      { type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch', call_id: 'c1' },
    ]);
    const first = await site.ask({ model, input: 'x', tools: [NAMESPACE] }, 'responses');
    const sentName = at(first.sent[0], 'tools.0.function.name') as string;
    expect(sentName).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    site.answers(chatAnswer(called(sentName, '{"q":"a"}')));
    const inner = await site.ask({ model, input: 'x', tools: [NAMESPACE] }, 'responses');
    expect(inner.body['output']).toMatchObject([
      { type: 'function_call', namespace: 'mcp__docs', name: 'search', arguments: '{"q":"a"}' },
    ]);
    site.answers(
      stream(
        { id: 'a', choices: [{ index: 0, delta: called(sentName, '{"q":"a"}'), finish_reason: 'tool_calls' }] },
        '[DONE]',
      ),
    );
    const { events } = await site.ask({ model, input: 'x', tools: [NAMESPACE], stream: true }, 'responses');
    expect(at(events.at(-1), 'response.output')).toMatchObject([{ namespace: 'mcp__docs', name: 'search' }]);
    site.answers(chatAnswer());
  });
});

const REPORTS = [
  { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
  { type: 'tool_search_call', call_id: 'ts', execution: 'client', arguments: {} },
  { type: 'tool_search_output', call_id: 'ts', execution: 'client', tools: [] },
  { type: 'additional_tools', role: 'developer', tools: [] },
  { type: 'compaction', encrypted_content: 'gAAA' },
  { type: 'local_shell_call', id: 'l', call_id: 'l', status: 'completed', action: { type: 'exec', command: ['ls'] } },
  { type: 'not_known_yet', id: 'n' },
];

describe.each(REPORTS)('the item $type in a history', (item) => {
  it.each([...OTHERS, 'gpt'])('stops nothing at %s', async (model) => {
    if (model === 'gpt') site.answers({ ...JSON.parse(chatAnswer().body as string), object: 'response', output: [] });
    else site.answers(chatAnswer());
    const { status, text } = await site.ask({ model, input: [HI, item, HI] }, 'responses');
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    site.answers(chatAnswer());
  });
});

it.each(OTHERS)('a patch applied at OpenAI is a call and its result at %s', async (model) => {
  site.answers(chatAnswer());
  const input = [
    HI,
    { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: '*** Begin Patch' },
    { type: 'custom_tool_call_output', call_id: 'c1', output: 'Done' },
    HI,
  ];
  const { status, sent } = await site.ask({ model, input }, 'responses');
  expect(status).toBe(200);
  expect(JSON.stringify(sent[0])).toContain('*** Begin Patch');
  expect(JSON.stringify(sent[0])).toContain('Done');
});

describe('reasoning of an API that copies the chat format, on /responses', () => {
  const message = { ...called('look', '{}'), reasoning_content: 'I should look' };
  const look = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} } };
  const chunks = stream(
    { id: 'a', choices: [{ index: 0, delta: { role: 'assistant', reasoning_content: 'I should' } }] },
    { id: 'a', choices: [{ index: 0, delta: { reasoning_content: ' look' } }] },
    { id: 'a', choices: [{ index: 0, delta: called('look', '{}'), finish_reason: 'tool_calls' }] },
    '[DONE]',
  );

  it.each([
    ['whole', false, {}],
    ['whole, with a summary', false, { reasoning: { summary: 'auto' } }],
    ['streamed', true, {}],
    ['streamed, with a summary', true, { reasoning: { summary: 'auto' } }],
  ])('goes back to DeepSeek, %s', async (_, streamed, wish) => {
    const own = await reported();
    const base = {
      model: 'deepseek',
      store: false,
      include: ['reasoning.encrypted_content'],
      tools: [look],
      stream: streamed,
      ...wish,
    };
    own.answers(streamed ? chunks : chatAnswer(message));
    const first = await own.ask({ ...base, input: [HI] }, 'responses');
    const output = (streamed ? at(first.events.at(-1), 'response.output') : first.body['output']) as Json[];
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    own.answers(chatAnswer());
    // another process: nothing of it is in this one's memory
    const other = await reported();
    other.answers(chatAnswer());
    const result = { type: 'function_call_output', call_id: 'c1', output: 'seen' };
    const { sent } = await other.ask({ ...base, stream: false, input: [HI, ...output, result] }, 'responses');
    expect(at(sent[0], 'messages.1')).toMatchObject({ reasoning_content: 'I should look' });
    await own.close();
    await other.close();
  });
});

it('a body of the neighboring route is refused with the name of its own', async () => {
  const input = [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }];
  const neighbors = [
    ['responses', { messages: [HI] }, 'POST /chat/completions'],
    ['chat/completions', { prompt: 'hi' }, 'POST /completions'],
    ['completions', { messages: [HI] }, 'POST /chat/completions'],
    ['embeddings', { messages: [HI] }, 'POST /chat/completions'],
    ['messages', { input, max_tokens: 5 }, 'POST /responses'],
    ['chat/completions', { contents: [{ parts: [{ text: 'hi' }] }] }, 'generateContent'],
    ['models/claude:generateContent', { messages: [HI] }, 'POST /chat/completions'],
  ] as const;
  for (const [route, body, named] of neighbors) {
    const { status, body: answer } = await site.ask({ model: 'claude', ...body }, route);
    expect([route, status, String(at(answer, 'error.message')).includes(named)]).toEqual([route, 400, true]);
  }
});

describe.each(['claude', 'gem', 'gpt', 'vllm'])(
  'a responses body on /chat/completions, as Cursor sends it, to %s',
  (model) => {
    const input = [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }];
    const tools = [{ type: 'function', name: 'read', parameters: { type: 'object' } }];

    it('is served as chat', async () => {
      site.answers(chatAnswer());
      const { status, body, sent } = await site.ask({ model, input, tools });
      expect(status).toBe(200);
      expect(at(body, 'choices.0.message.content')).toBe('Hi');
      expect(JSON.stringify(sent[0])).toContain('read');
    });
  },
);

describe('usage that a provider reports with a failure after words', () => {
  it('is what is recorded, of a failed response', async () => {
    const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', output: [], status: 'in_progress' };
    const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15, input_tokens_details: { cached_tokens: 4 } };
    site.answers(
      stream(
        { type: 'response.created', sequence_number: 0, response },
        { type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta: 'Hel' },
        {
          type: 'response.failed',
          response: { ...response, status: 'failed', error: { code: 'server_error', message: 'x' }, usage },
        },
      ),
    );
    await site.ask({ model: 'gpt', input: 'x', stream: true }, 'responses');
    const event = await site.lastUsage();
    expect(event['usage']).toMatchObject({ inputTokens: 10, cachedInputTokens: 4, outputTokens: 5 });
    site.answers(chatAnswer());
  });

  it.each(['vllm', 'gpt'])('is what is recorded, of a chat at %s', async (model) => {
    const words = { index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const chunk = { id: 'chatcmpl-a', object: 'chat.completion.chunk', created: 1, model: 'm' };
    const failure = { ...chunk, choices: [], usage, error: { message: 'down', code: 502 } };
    site.answers(stream({ ...chunk, choices: [words] }, failure));
    await site.ask({ model, messages: [HI], stream: true });
    expect((await site.lastUsage())['usage']).toMatchObject({ inputTokens: 10, outputTokens: 5 });
    // nothing was passed on, so nothing is charged
    const own = await reported();
    own.answers(stream(failure));
    expect((await own.ask({ model, messages: [HI], stream: true })).status).toBe(502);
    expect(await own.lastUsage()).toBeUndefined();
    await own.close();
    site.answers(chatAnswer());
  });
});
