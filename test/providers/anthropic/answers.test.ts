import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatAnswerMessage } from '../../../src/openai-api/chat-completion.js';
import type { AssistantMessage, ChatRequest } from '../../../src/openai-api/chat-request.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { chatCall } from '../../helpers/chat-call.js';
import { problemIn } from '../../helpers/route-schemas.js';
import { bodyOf, OLD, user } from './native-request.js';
import { assembled, translateEvents } from './streams.js';

type Block = Record<string, unknown> & { type: string };

interface Native {
  content: Block[];
  stop_reason?: string | null;
  stop_details?: object;
  usage?: object;
}

const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x' };
const usage = { input_tokens: 3, output_tokens: 4 };

/** The events in which Anthropic would stream a message, its texts cut after each `cut` characters. */
function eventsOf({ content, stop_reason = 'end_turn', stop_details, usage: used = usage }: Native, cut = 3): object[] {
  const pieces = (text: unknown) => String(text).match(new RegExp(`[^]{1,${cut}}`, 'g')) ?? [];
  const blocks = content.flatMap((block, index) => {
    const delta = (fields: object) => ({ type: 'content_block_delta', index, delta: fields });
    const open: Block = { ...block };
    const deltas: object[] = [];
    if (block.type === 'text') {
      open['text'] = '';
      delete open['citations'];
      deltas.push(...pieces(block['text']).map((text) => delta({ type: 'text_delta', text })));
      const citations = (block['citations'] ?? []) as unknown[];
      deltas.push(...citations.map((citation) => delta({ type: 'citations_delta', citation })));
    } else if (block.type === 'thinking') {
      Object.assign(open, { thinking: '', signature: '' });
      deltas.push(...pieces(block['thinking']).map((thinking) => delta({ type: 'thinking_delta', thinking })));
      deltas.push(delta({ type: 'signature_delta', signature: block['signature'] }));
    } else if (block.type.endsWith('tool_use')) {
      open['input'] = {};
      const json = JSON.stringify(block['input']);
      deltas.push(delta({ type: 'input_json_delta', partial_json: '' }));
      if (json !== '{}')
        deltas.push(...pieces(json).map((partial_json) => delta({ type: 'input_json_delta', partial_json })));
    }
    return [
      { type: 'content_block_start', index, content_block: open },
      ...deltas,
      { type: 'content_block_stop', index },
    ];
  });
  return [
    { type: 'message_start', message: { ...head, content: [], usage: { ...used, output_tokens: 1 } } },
    { type: 'ping' },
    ...blocks,
    { type: 'message_delta', delta: { stop_reason, stop_details }, usage: used },
    { type: 'message_stop' },
  ];
}

type Answer = ChatAnswerMessage & { finish: string; native?: string };

function fromJson(message: Native, request: Partial<ChatRequest> = {}): Answer {
  const json = { ...head, stop_reason: 'end_turn', usage, ...message };
  const { completion } = anthropicDialect().toCompletion(json, '', chatCall(request));
  const [choice] = completion.choices;
  if (!choice) throw new Error('no choice');
  const { finish_reason: finish, native_finish_reason: native, message: answer } = choice;
  return { ...answer, finish, ...(native !== undefined && { native }) };
}

const fromStream = (message: Native, request: Partial<ChatRequest> = {}): Answer =>
  assembled(translateEvents(chatCall(request), eventsOf(message)).chunks);

/** A stream can't know that no text follows: its empty content is JSON's null. */
const alike = (answer: Answer) => ({ ...answer, content: answer.content || null });

/** Both ways of answering; they must say the same. */
function answer(message: Native, request: Partial<ChatRequest> = {}): Answer {
  const json = fromJson(message, request);
  expect(alike(fromStream(message, request))).toEqual(alike(json));
  return json;
}

const text = (value: string, citations?: unknown[]): Block => ({
  type: 'text',
  text: value,
  ...(citations && { citations }),
});
const use = (id: string, input: object = {}, name = 'f'): Block => ({ type: 'tool_use', id, name, input });
const details = { format: 'anthropic-claude-v1' };

describe('content', () => {
  test('texts are joined; without any, content is empty, or null beside calls', () => {
    expect(answer({ content: [text('a'), text('b')] }).content).toBe('ab');
    expect(answer({ content: [] }).content).toBe('');
    expect(answer({ content: [use('a')], stop_reason: 'tool_use' }).content).toBeNull();
  });

  test('refusal is null unless there was one', () => {
    expect(answer({ content: [text('a')] }).refusal).toBeNull();
    const stop_details = { type: 'refusal', category: 'cyber', explanation: 'Not this.' };
    expect(answer({ content: [], stop_reason: 'refusal', stop_details })).toMatchObject({
      content: '',
      refusal: 'Not this.',
      finish: 'content_filter',
      native: 'refusal',
    });
    expect(answer({ content: [text('I can')], stop_reason: 'refusal' })).toMatchObject({
      content: 'I can',
      refusal: null,
    });
  });

  test('web citations are annotations over the whole content, others are none', () => {
    const web = { type: 'web_search_result_location', url: 'https://a.example', title: 'A', cited_text: 'x' };
    const page = { type: 'page_location', document_index: 0, cited_text: 'x' };
    expect(answer({ content: [text('one '), text('two', [web, page]), text('!')] }).annotations).toEqual([
      { type: 'url_citation', url_citation: { start_index: 4, end_index: 7, url: 'https://a.example', title: 'A' } },
    ]);
  });
});

describe('tool calls', () => {
  test('are counted from 0 whatever stands before them, with {} for no arguments', () => {
    const content = [text('let me'), use('a', { x: 1 }), use('b')];
    expect(answer({ content, stop_reason: 'tool_use' })).toMatchObject({
      finish: 'tool_calls',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
      ],
    });
  });

  test("of Anthropic's own tools and of MCP servers are none of the client's", () => {
    const content: Block[] = [
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [{ encrypted_content: 'e' }] },
      { type: 'mcp_tool_use', id: 'm', name: 'echo', server_name: 'e', input: {} },
      { type: 'mcp_tool_result', tool_use_id: 'm', content: [] },
      text('done'),
      use('c'),
    ];
    const { tool_calls, reasoning_details } = answer({ content, stop_reason: 'tool_use' });
    expect(tool_calls?.map(({ id }) => id)).toEqual(['c']);
    expect(reasoning_details).toEqual(
      content.slice(0, 4).map((block, index) => ({ type: 'anthropic.block', block, index, ...details })),
    );
  });

  test('with input in their first event are complete', () => {
    const events = [
      { type: 'message_start', message: head },
      { type: 'content_block_start', index: 0, content_block: use('a', { x: 1 }) },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ];
    expect(assembled(translateEvents(chatCall({}), events).chunks).tool_calls?.[0]?.function.arguments).toBe('{"x":1}');
  });

  test('are function_call for clients that sent functions', () => {
    const request = { functions: [{ name: 'f' }] };
    const given = answer({ content: [use('a', { x: 1 }), use('b')], stop_reason: 'tool_use' }, request);
    expect(given).toMatchObject({ finish: 'function_call', function_call: { name: 'f', arguments: '{"x":1}' } });
    expect(given).not.toHaveProperty('tool_calls');
  });
});

describe('reasoning', () => {
  test('is shown as text and handed over for the next request', () => {
    const content = [
      text('\n'),
      { type: 'thinking', thinking: 'hm', signature: 's1' },
      { type: 'redacted_thinking', data: 'd' },
      { type: 'thinking', thinking: '', signature: 's2' },
      text('so'),
    ];
    expect(answer({ content })).toMatchObject({
      content: '\nso',
      reasoning_content: 'hm',
      reasoning_details: [
        { type: 'reasoning.text', text: 'hm', signature: 's1', index: 1, content_offset: 1, ...details },
        { type: 'reasoning.encrypted', data: 'd', index: 2, content_offset: 1, ...details },
        { type: 'reasoning.text', text: '', signature: 's2', index: 3, content_offset: 1, ...details },
      ],
    });
  });

  test('compactions come along', () => {
    const block = { type: 'compaction', content: 'summary' };
    expect(answer({ content: [block, text('a')] }).reasoning_details).toEqual([
      { type: 'anthropic.block', block, index: 0, ...details },
    ]);
    const events = eventsOf({ content: [{ type: 'compaction', content: null }] });
    events.splice(3, 0, {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'compaction_delta', content: 'c', encrypted_content: 'e' },
    });
    expect(assembled(translateEvents(chatCall({}), events).chunks).reasoning_details?.[0]?.['block']).toEqual({
      type: 'compaction',
      content: 'c',
      encrypted_content: 'e',
    });
  });
});

describe('stop reasons', () => {
  test.each<[string | null, string, string | undefined]>([
    ['end_turn', 'stop', undefined],
    ['stop_sequence', 'stop', 'stop_sequence'],
    ['pause_turn', 'stop', 'pause_turn'],
    ['max_tokens', 'length', undefined],
    ['model_context_window_exceeded', 'length', 'model_context_window_exceeded'],
    ['refusal', 'content_filter', 'refusal'],
    ['compaction', 'stop', 'compaction'],
    ['something_new', 'stop', 'something_new'],
    ['tool_use', 'stop', undefined],
    [null, 'stop', undefined],
  ])('%s', (stop_reason, finish, native) => {
    const given = answer({ content: [text('a')], stop_reason });
    expect([given.finish, given.native]).toEqual([finish, native]);
  });
});

describe('the tool that stands in for structured output', () => {
  const request: Partial<ChatRequest> = {
    model: OLD,
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
  };

  test('is the content, and nothing but the content', () => {
    const given = answer(
      { content: [text('Here it is.'), use('a', { x: [1] }, 'json')], stop_reason: 'tool_use' },
      request,
    );
    expect(given).toMatchObject({ content: '{"x":[1]}', finish: 'stop' });
    expect(given).not.toHaveProperty('tool_calls');
  });

  test('another call is a call', () => {
    const given = answer({ content: [text('I look.'), use('a', {}, 'weather')], stop_reason: 'tool_use' }, request);
    expect(given).toMatchObject({ content: 'I look.', finish: 'tool_calls', tool_calls: [{ id: 'a' }] });
  });

  test('a text in its place is the content', () => {
    expect(answer({ content: [text('{"x":1}')] }, request).content).toBe('{"x":1}');
  });

  test("a client's own tool of that name is a call where nothing stands in", () => {
    expect(answer({ content: [use('a', {}, 'json')], stop_reason: 'tool_use' }).tool_calls).toHaveLength(1);
  });
});

describe('JSON and stream', () => {
  // as JSON holds it: without a negative zero
  const input = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)) as object);
  const block: fc.Arbitrary<Block> = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((value) => text(value)),
    fc.record({ type: fc.constant('thinking'), thinking: fc.string(), signature: fc.string({ minLength: 1 }) }),
    fc.record({ type: fc.constant('redacted_thinking'), data: fc.string({ minLength: 1 }) }),
    fc.record({
      type: fc.constant('tool_use'),
      id: fc.uuid(),
      name: fc.constant('f'),
      input,
    }),
    fc.record({
      type: fc.constant('server_tool_use'),
      id: fc.uuid(),
      name: fc.constant('s'),
      input,
    }),
  );

  test('say the same of any message', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (content, cut) => {
        const json = fromJson({ content });
        const streamed = assembled(translateEvents(chatCall({}), eventsOf({ content }, cut)).chunks);
        expect(alike(streamed)).toEqual(alike(json));
      }),
    );
  });

  test('pass the exact OpenAI schemas', () => {
    const requests: Partial<ChatRequest>[] = [{}, { functions: [{ name: 'f' }] }];
    const native = fc.record({
      content: fc.array(block, { maxLength: 6 }),
      stop_reason: fc.constantFrom('end_turn', 'tool_use', 'max_tokens', 'refusal', 'pause_turn'),
      stop_details: fc.constant({ type: 'refusal', explanation: 'no' }),
    });
    fc.assert(
      fc.property(native, fc.constantFrom(...requests), (message, request) => {
        const json = { ...head, usage, ...message };
        const { completion } = anthropicDialect().toCompletion(json, '', chatCall(request));
        expect(problemIn('CreateChatCompletionResponse', completion)).toBe('');
        for (const chunk of translateEvents(chatCall(request), eventsOf(message)).chunks) {
          expect(problemIn('CreateChatCompletionStreamResponse', chunk)).toBe('');
        }
      }),
    );
  });

  test('give back what the next request needs: thinking, text and calls at their places', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), (blocks) => {
        const content = [
          ...blocks.filter(({ type }) => type !== 'tool_use'),
          ...blocks.filter(({ type }) => type === 'tool_use'),
        ];
        const sent = JSON.parse(JSON.stringify(fromJson({ content }))) as AssistantMessage;
        const rebuilt = bodyOf({ messages: [user('go'), sent, user('on')] }).messages[1];
        expect(rebuilt?.role === 'assistant' ? rebuilt.content : []).toEqual(
          JSON.parse(JSON.stringify(normal(content))),
        );
      }),
    );
  });

  /** Neighbouring texts are one, and blank ones none: Anthropic reads both alike. */
  function normal(content: Block[]): Block[] {
    const joined: Block[] = [];
    for (const one of content) {
      const last = joined.at(-1);
      if (one.type === 'text' && last?.type === 'text')
        joined[joined.length - 1] = text(`${last['text']}${one['text']}`);
      else joined.push(one);
    }
    return joined.filter((one) => one.type !== 'text' || String(one['text']).trim() !== '');
  }
});

describe('a stream', () => {
  const start = {
    type: 'message_start',
    message: { ...head, usage: { input_tokens: 9, output_tokens: 1, service_tier: 'standard' } },
  };
  const says = (value: string) => [
    { type: 'content_block_start', index: 0, content_block: text('') },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: value } },
  ];
  const ended = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } };
  const run = (...events: object[]) => translateEvents(chatCall({}), events);

  test('opens with the role and names itself alike in all chunks', () => {
    const { chunks, finished } = run(start, ...says('a'), ended, { type: 'message_stop' });
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null });
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({
        id: 'chatcmpl-msg_1',
        model: 'claude-x',
        created: 1_700_000_000,
        service_tier: 'default',
      });
    }
    expect(finished).toBe(true);
  });

  test('reports usage early, and the newest in the end', () => {
    const early = anthropicDialect().toChunks(chatCall({}));
    const batch = { chunks: [] };
    early.event(JSON.stringify(start), batch, undefined);
    expect(batch).toMatchObject({ usage: { inputTokens: 9, outputTokens: 1 } });
    early.event(JSON.stringify(ended), batch, undefined);
    expect(batch).toMatchObject({ usage: { inputTokens: 9, outputTokens: 5 } });
  });

  test('that breaks off is truncated, and complete once the reason was given', () => {
    expect(() => run(start, ...says('a'))).toThrow(expect.objectContaining({ fault: 'truncated' }));
    expect(() => run()).toThrow(expect.objectContaining({ fault: 'truncated' }));
    expect(assembled(run(start, ...says('a'), ended).chunks)).toMatchObject({ content: 'a', finish: 'stop' });
  });

  test('an error event ends it as an error', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(() => run(start, ...says('a'), error)).toThrow(expect.objectContaining({ fault: 'event', status: 529 }));
  });

  test('events and blocks of unknown types are passed over', () => {
    const odd = [
      { type: 'weather_report' },
      { type: 'content_block_start', index: 7, content_block: { type: 'fallback' } },
      { type: 'content_block_delta', index: 7, delta: { type: 'odd_delta' } },
      { type: 'content_block_delta', index: 99, delta: { type: 'text_delta', text: 'lost' } },
      { type: 'content_block_stop', index: 7 },
    ];
    expect(assembled(run(start, ...odd, ...says('a'), ended).chunks).content).toBe('a');
  });

  test.each(['{', '"text"', '[]', 'null'])('what is no event at all is invalid: %s', (data) => {
    const translator = anthropicDialect().toChunks(chatCall({}));
    expect(() => translator.event(data, { chunks: [] }, undefined)).toThrow(
      expect.objectContaining({ fault: 'invalid' }),
    );
  });

  test('a second start of the same message changes nothing', () => {
    expect(run(start, start, ...says('a'), ended).chunks).toEqual(run(start, ...says('a'), ended).chunks);
  });

  test('another message may begin until something was said, not after', () => {
    const other = { type: 'message_start', message: { ...start.message, id: 'msg_2' } };
    expect(assembled(run(start, other, ...says('a'), ended).chunks).content).toBe('a');
    expect(() => run(start, ...says('a'), other, ...says('b'), ended)).toThrow(UpstreamError);
  });

  test('of anything at all breaks with an upstream fault at most', () => {
    const wild = fc.jsonValue({ maxDepth: 2 });
    const odd = fc.constant({ toString: 1 });
    const any = fc.oneof(wild, odd);
    const type = fc.constantFrom('text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'compaction');
    const deltaType = fc.constantFrom(
      'text_delta',
      'thinking_delta',
      'signature_delta',
      'input_json_delta',
      'citations_delta',
      'compaction_delta',
    );
    const fields = {
      text: any,
      thinking: any,
      signature: any,
      data: any,
      id: any,
      name: any,
      input: any,
      citations: any,
    };
    const event = fc.record({
      type: fc.constantFrom(
        'message_start',
        'content_block_start',
        'content_block_delta',
        'content_block_stop',
        'message_delta',
        'message_stop',
        'error',
      ),
      index: fc.oneof(fc.nat({ max: 2 }), any),
      message: fc.oneof(any, fc.record({ id: any, model: any, usage: any })),
      content_block: fc.oneof(any, fc.record({ type: fc.oneof(type, any), ...fields })),
      delta: fc.oneof(
        any,
        fc.record({
          type: deltaType,
          ...fields,
          partial_json: fc.oneof(any, fc.string()),
          citation: any,
          stop_reason: any,
          stop_details: any,
        }),
      ),
      usage: any,
      error: fc.oneof(any, fc.record({ type: any, message: any })),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
        try {
          run(...events);
        } catch (thrown) {
          if (!(thrown instanceof UpstreamError)) throw thrown;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('never sends empty deltas of text or arguments', () => {
    const { chunks } = translateEvents(
      chatCall({}),
      eventsOf({ content: [text('ab'), use('a')], stop_reason: 'tool_use' }),
    );
    const deltas = chunks.slice(1, -1).map(({ choices }) => choices[0]?.delta);
    for (const delta of deltas) {
      expect(delta?.content).not.toBe('');
      const call = delta?.tool_calls?.[0];
      if (call && call.id === undefined) expect(call.function?.arguments).not.toBe('');
    }
  });
});

describe('a whole answer', () => {
  const complete = (json: unknown) => anthropicDialect().toCompletion(json, '', chatCall({}));

  test('names itself', () => {
    const { completion } = complete({ ...head, content: [], usage: { ...usage, service_tier: 'priority' } });
    expect(completion).toMatchObject({
      id: 'chatcmpl-msg_1',
      model: 'claude-x',
      created: 1_700_000_000,
      service_tier: 'priority',
    });
    expect(completion.choices[0]).toMatchObject({ index: 0, logprobs: null });
  });

  test('without a report has no usage', () => {
    expect(complete({ ...head, content: [] })).not.toHaveProperty('usage');
  });

  test('may have holes', () => {
    expect(complete({ content: [null, 5, { type: 'text' }, { type: 'tool_use' }, {}] }).completion).toMatchObject({
      id: 'chatcmpl-req_1',
      choices: [{ message: { tool_calls: [{ id: 'call_0', function: { name: '', arguments: '{}' } }] } }],
    });
  });

  test('of anything at all breaks with an upstream fault at most', () => {
    const any = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({ toString: 1 }));
    const block = fc.record({
      type: fc.oneof(any, fc.constantFrom('text', 'thinking', 'tool_use', 'redacted_thinking')),
      text: any,
      thinking: any,
      data: any,
      id: any,
      name: any,
      input: any,
      citations: fc.array(any),
    });
    const message = fc.record({
      id: any,
      model: any,
      content: fc.oneof(any, fc.array(block)),
      stop_reason: any,
      stop_details: any,
      usage: any,
    });
    fc.assert(
      fc.property(message, (json) => {
        complete(json);
      }),
      { numRuns: 500 },
    );
  });

  test.each([null, 5, [], {}, { type: 'error', error: {} }])('that is none is invalid: %j', (json) => {
    expect(() => complete(json)).toThrow(expect.objectContaining({ fault: 'invalid' }));
  });
});
