import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssistantMessage, ChatRequest } from '../../../src/openai-api/chat-request.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import { chatCall } from '../../helpers/chat-call.js';
import { problemIn } from '../../helpers/route-schemas.js';
import { alike, answer, type Block, details, eventsOf, fromJson, head, text, usage, use } from './answer-forms.js';
import { bodyOf, OLD, user } from './native-request.js';
import { assembled, translateEvents } from './streams.js';

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
