import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { chatCall } from '../../helpers/chat-call.js';
import { eventsOf, head, text, use } from './answer-forms.js';
import { assembled, translateEvents } from './streams.js';

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
