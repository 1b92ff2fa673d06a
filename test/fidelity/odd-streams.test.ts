import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT_FORMATS, type ClientFormat, type Said } from '../helpers/said-in.js';
import { type Json, type Reported, reported, stream } from '../reports/reported.js';

/**
 * What servers with OpenAI's API say in their own ways, in small: each is the same to clients of every format, whole and as a
 * stream. Sources: the providers' API references, their recorded answers in `test/recordings`, and reports of other clients.
 */

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'm' };
const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const chunk = (delta: object | null, finish: string | null = null, more: object = {}, choice: object = {}) => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: finish, ...choice }],
  ...more,
});
const last = (more: object = {}) => ({ ...head, choices: [], usage, ...more });
const call = (fields: object, definition: object) => ({ tool_calls: [{ ...fields, function: definition }] });
const whole = (message: object, finish: string, more: object = {}) => ({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  usage,
  ...more,
});
const CALLED = { name: 'weather', arguments: '{"city":"Bern"}' };
const BERN = { name: 'weather', input: { city: 'Bern' } };
const OSLO = { name: 'weather', input: { city: 'Oslo' } };
const TEXT = { thoughts: '', text: 'Hello.', calls: [], tokens: [10, 5], ended: true } as const;
const THOUGHT = { ...TEXT, thoughts: 'Hm. So.' };
const ONE_CALL = { ...TEXT, text: '', calls: [BERN] };
const TWO_CALLS = { ...TEXT, text: '', calls: [BERN, OSLO] };

interface Odd {
  readonly model: string;
  readonly events: readonly (object | string)[];
  /** The same as a whole answer. */
  readonly json?: object;
  readonly said: Said;
}

const ODD: Readonly<Record<string, Odd>> = {
  'DeepSeek: thoughts beside null content, and the usage with the end': {
    model: 'deepseek',
    events: [
      chunk({ role: 'assistant', content: null, reasoning_content: '' }),
      chunk({ content: null, reasoning_content: 'Hm. ' }),
      chunk({ content: null, reasoning_content: 'So.' }),
      chunk({ content: 'Hel', reasoning_content: null }),
      chunk({ content: 'lo.', reasoning_content: null }),
      chunk({ content: '', reasoning_content: null }, 'stop', {
        usage: { ...usage, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 },
      }),
      '[DONE]',
    ],
    json: whole({ content: 'Hello.', reasoning_content: 'Hm. So.' }, 'stop'),
    said: THOUGHT,
  },
  'Groq: `reasoning`, a whole call in one delta, and the usage in `x_groq`': {
    model: 'groq',
    events: [
      chunk({ role: 'assistant', content: '' }, null, { x_groq: { id: 'req_1' } }),
      chunk({ channel: 'analysis', reasoning: 'Hm. So.' }),
      chunk(call({ id: 'fc_1', type: 'function', index: 0 }, CALLED)),
      chunk({}, 'tool_calls', { x_groq: { id: 'req_1', usage } }),
      '[DONE]',
    ],
    json: whole(
      { reasoning: 'Hm. So.', tool_calls: [{ id: 'fc_1', type: 'function', function: CALLED }] },
      'tool_calls',
      { x_groq: { id: 'req_1' } },
    ),
    said: { ...ONE_CALL, thoughts: 'Hm. So.' },
  },
  'Mistral: content as a list of parts': {
    model: 'mistral',
    events: [
      chunk({ role: 'assistant', content: '' }, null, { p: 'abc' }),
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm. ' }] }] }),
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'So.' }], closed: true }] }),
      chunk({ content: [{ type: 'text', text: 'Hel' }] }),
      chunk({ content: 'lo.' }),
      chunk({ content: '' }, 'stop', { usage }),
      '[DONE]',
    ],
    json: whole(
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm. So.' }] },
          { type: 'text', text: 'Hello.' },
        ],
        tool_calls: null,
      },
      'stop',
    ),
    said: THOUGHT,
  },
  'Mistral: calls with the end, without a type': {
    model: 'mistral',
    events: [
      chunk({ role: 'assistant', content: '' }),
      chunk(
        {
          content: '',
          tool_calls: [
            { id: 'abcdefghi', function: CALLED, index: 0 },
            { id: 'null', function: { name: 'weather', arguments: { city: 'Oslo' } }, index: 1 },
          ],
        },
        'tool_calls',
        { usage },
      ),
      '[DONE]',
    ],
    said: TWO_CALLS,
  },
  'OpenRouter: comments, thoughts twice, and a usage beside an empty choice': {
    model: 'openrouter',
    events: [
      chunk({ role: 'assistant', content: '', reasoning: 'Hm. So.', reasoning_details: [] }, null, { provider: 'x' }),
      chunk({ role: 'assistant', content: 'Hello.' }, null, { provider: 'x' }),
      chunk({ role: 'assistant', content: '' }, 'stop', {}, { native_finish_reason: 'completed' }),
      chunk(
        { role: 'assistant', content: '' },
        null,
        { usage: { ...usage, cost: 0.001 } },
        { native_finish_reason: null },
      ),
      '[DONE]',
    ],
    json: whole(
      {
        content: 'Hello.',
        refusal: null,
        reasoning: 'Hm. So.',
        reasoning_details: [{ type: 'reasoning.text', text: 'Hm. So.' }],
      },
      'stop',
    ),
    said: THOUGHT,
  },
  'Ollama: the role again and again, and parallel calls of one index': {
    model: 'ollama',
    events: [
      chunk({ role: 'assistant', content: '', reasoning: 'Hm. So.' }),
      chunk({ role: 'assistant', content: '', ...call({ id: 'call_a', index: 0, type: 'function' }, CALLED) }),
      chunk({
        role: 'assistant',
        content: '',
        ...call({ id: 'call_b', index: 0, type: 'function' }, { name: 'weather', arguments: '{"city":"Oslo"}' }),
      }),
      chunk({ role: 'assistant', content: '' }, 'stop'),
      last(),
      '[DONE]',
    ],
    said: { ...TWO_CALLS, thoughts: 'Hm. So.' },
  },
  'vLLM: a call in pieces, whose later ones have nulls': {
    model: 'vllm',
    events: [
      chunk({ role: 'assistant', content: '' }, null, { usage: null, prompt_token_ids: null }),
      chunk(call({ id: 'chatcmpl-tool-1', index: 0, type: 'function' }, { name: 'weather' })),
      chunk(call({ id: null, index: 0, type: null }, { name: null, arguments: '{"city":' })),
      chunk(call({ index: 0 }, { arguments: '"Bern"}' })),
      chunk({ content: '' }, 'tool_calls', {}, { stop_reason: null, token_ids: null }),
      last(),
      '[DONE]',
    ],
    said: ONE_CALL,
  },
  'xAI: thoughts that are counted beside the output, and citations at the top': {
    model: 'xai',
    events: [
      chunk({ role: 'assistant', content: '', reasoning_content: 'Hm. So.' }),
      chunk({ role: 'assistant', content: 'Hello.' }),
      chunk({}, 'stop'),
      last({
        usage: {
          prompt_tokens: 10,
          completion_tokens: 2,
          total_tokens: 15,
          completion_tokens_details: { reasoning_tokens: 3 },
        },
        citations: ['https://x.test'],
      }),
      '[DONE]',
    ],
    said: THOUGHT,
  },
  'Together: tokens beside their text, and an end of its own': {
    model: 'together',
    events: [
      chunk(
        { role: 'assistant', token_id: 1, content: 'Hel', tool_calls: null },
        null,
        {},
        { text: 'Hel', logprobs: null },
      ),
      chunk({ role: 'assistant', token_id: 2, content: 'lo.' }, 'eos', { usage }, { text: 'lo.', seed: 5 }),
      '[DONE]',
    ],
    said: TEXT,
  },
  'Fireworks: a call whose name and arguments come apart, and the usage with the end': {
    model: 'fireworks',
    events: [
      chunk({ role: 'assistant' }),
      chunk(call({ index: 0, id: 'call_1', type: 'function' }, { name: 'weather' })),
      chunk(call({ index: 0, id: null, type: 'function' }, { name: null, arguments: CALLED.arguments })),
      chunk({}, 'tool_calls', { usage }),
      '[DONE]',
    ],
    said: ONE_CALL,
  },
  'Cerebras: `reasoning`, and times beside the usage': {
    model: 'cerebras',
    events: [
      chunk({ role: 'assistant', reasoning: 'Hm. ' }),
      chunk({ reasoning: 'So.' }),
      chunk({ content: 'Hello.' }),
      chunk({}, 'stop', { usage, time_info: { queue_time: 0.1 } }),
      '[DONE]',
    ],
    said: THOUGHT,
  },
  'a finish reason that is empty until the end, and calls without index or id': {
    model: 'litellm',
    events: [
      chunk({ role: 'assistant', content: null }, ''),
      chunk(call({}, { name: 'weather', arguments: '' }), ''),
      chunk(call({}, { arguments: '{"city":"Bern"}' }), ''),
      chunk(call({}, { name: 'weather', arguments: { city: 'Oslo' } }), ''),
      chunk({ content: null }, 'tool_calls'),
      last(),
      '[DONE]',
    ],
    said: TWO_CALLS,
  },
  'calls side by side without index or id, whose pieces come side by side': {
    model: 'litellm',
    events: [
      chunk({
        role: 'assistant',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'weather', arguments: '' } },
          { id: 'b', type: 'function', function: { name: 'weather', arguments: '' } },
        ],
      }),
      chunk({
        tool_calls: [{ function: { arguments: '{"city":"Bern"' } }, { function: { arguments: '{"city":"Oslo"' } }],
      }),
      chunk({ tool_calls: [{ function: { arguments: '}' } }, { function: { arguments: '}' } }] }),
      chunk({}, 'tool_calls'),
      last(),
      '[DONE]',
    ],
    said: TWO_CALLS,
  },
  'a text and a thought between the pieces of a call, and after it': {
    model: 'litellm',
    events: [
      chunk({ role: 'assistant', ...call({ index: 0, id: 'a' }, { name: 'weather', arguments: '{"city":' }) }),
      chunk({ content: 'Hel', reasoning_content: 'Hm. ' }),
      chunk(call({ index: 0 }, { arguments: '"Bern"}' })),
      chunk({ content: 'lo.', reasoning_content: 'So.' }),
      chunk({}, 'tool_calls'),
      last(),
      '[DONE]',
    ],
    said: { ...THOUGHT, calls: [BERN] },
  },
  'the whole message again with the end': {
    model: 'litellm',
    events: [
      chunk({ role: 'assistant', content: 'Hel' }),
      chunk({ content: 'lo.' }),
      {
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
        usage,
      },
      '[DONE]',
    ],
    said: TEXT,
  },
  'messages in place of deltas': {
    model: 'litellm',
    events: [
      { ...head, choices: [{ index: 0, message: { role: 'assistant', content: 'Hel' } }] },
      { ...head, choices: [{ index: 0, message: { role: 'assistant', content: 'lo.' }, finish_reason: 'stop' }] },
      last(),
      '[DONE]',
    ],
    said: TEXT,
  },
  'a usage in the choice, no choices, null choices, a null delta, and no finish reason': {
    model: 'litellm',
    events: [
      { ...head, choices: null },
      { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [] },
      chunk({ role: 'assistant', content: 'Hello.' }),
      chunk(null, null, {}, { usage }),
      { ...head, choices: [] },
      '[DONE]',
    ],
    said: TEXT,
  },
  'a usage that grows with each chunk, and one of zeros after it': {
    model: 'vllm',
    events: [
      chunk({ role: 'assistant', content: 'Hel' }, null, {
        usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
      }),
      chunk({ content: 'lo.' }, 'stop', { usage }),
      last({ usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }),
      '[DONE]',
    ],
    said: TEXT,
  },
};

const COMMENTS = ': OPENROUTER PROCESSING\n\n: keep-alive\n\n';

async function heard({ ask, read }: ClientFormat, model: string, isStream: boolean): Promise<Said> {
  const { path, body } = ask(model, isStream);
  const { status, text, body: answer, events } = await site.ask(body, path);
  expect(status, text).toBe(200);
  return read(isStream ? events : [answer]);
}

describe.each(Object.entries(CLIENT_FORMATS))('over %s', (_, format) => {
  test.each(Object.entries(ODD))('%s', async (_name, { model, events, json, said }) => {
    site.answers(COMMENTS + stream(...events).replaceAll('\n\n', `\n\n${COMMENTS}`));
    expect(await heard(format, model, true)).toEqual(said);
    site.answers(stream(...events).replaceAll('\n', '\r\n'));
    expect(await heard(format, model, true)).toEqual(said);
    if (!json) return;
    site.answers(json);
    expect(await heard(format, model, false)).toEqual(said);
  });

  const BROKEN: Readonly<Record<string, readonly (object | string)[]>> = {
    'an error with a code': [{ error: { message: 'Overloaded.', code: 503 } }, '[DONE]'],
    'an error that is a text': [{ error: 'Overloaded.' }, '[DONE]'],
    'an error at the top (vLLM, Mistral)': [
      { object: 'error', message: 'Overloaded.', type: 'InternalServerError', param: null, code: 500 },
      '[DONE]',
    ],
    'an error of the framework': [{ detail: 'Overloaded.' }, '[DONE]'],
    'an error in a choice (OpenRouter)': [
      chunk({ content: '' }, 'error', { error: { code: 502, message: 'Overloaded.' } }),
      '[DONE]',
    ],
    'an error of Groq’s': [{ ...head, choices: [], x_groq: { error: 'Overloaded.' } }, '[DONE]'],
    'an end that is a failure': [chunk({}, 'insufficient_system_resource'), '[DONE]'],
    'no end at all': [],
    'no JSON': ['{"id":'],
  };
  test.each(Object.entries(BROKEN))('after a word, %s is never a complete answer', async (_name, events) => {
    site.answers(stream(chunk({ role: 'assistant', content: 'Hel' }), ...events));
    const { path, body } = format.ask('vllm', true);
    const { status, text, events: got } = await site.ask(body, path);
    expect([status, format.read(got.filter((event) => !('error' in event))).ended, text.includes('rror')]).toEqual([
      200,
      false,
      true,
    ]);
    expect(text).not.toContain('[DONE]');
  });

  test.each(Object.entries(BROKEN))('before a word, %s is an error with a status', async (_name, events) => {
    site.answers(stream(...events));
    const { path, body } = format.ask('vllm', true);
    const { status, body: refused } = await site.ask(body, path);
    expect(status).toBeGreaterThanOrEqual(500);
    expect((refused as { error: Json }).error['message']).toEqual(expect.any(String));
  });
});
