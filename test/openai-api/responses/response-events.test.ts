import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import { NO_USAGE } from '../../../src/lib/usage.js';
import { decodeReasoning } from '../../../src/openai-api/carried-reasoning.js';
import type { ChatCompletionChunk, ChatDelta } from '../../../src/openai-api/chat-chunk.js';
import type { FinishReason } from '../../../src/openai-api/chat-completion.js';
import type { OutputItem, OutputPart } from '../../../src/openai-api/responses/response.js';
import { type ResponseEvent, ResponseEvents } from '../../../src/openai-api/responses/response-events.js';
import type { ResponsesRequest } from '../../../src/openai-api/responses/responses-request.js';
import { problemIn } from '../../helpers/route-schemas.js';

const REQUEST: ResponsesRequest = { model: 'claude', input: 'x' };
const CARRYING: ResponsesRequest = {
  ...REQUEST,
  include: ['reasoning.encrypted_content'],
  reasoning: { summary: 'auto' },
};
const USAGE = { ...NO_USAGE, inputTokens: 3, cachedInputTokens: 4, outputTokens: 5, reasoningTokens: 6 };

function chunkOf(delta: ChatDelta, finish: FinishReason | null = null): ChatCompletionChunk {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'claude', choices };
}

function play(deltas: readonly ChatDelta[], request = REQUEST, finish: FinishReason = 'stop') {
  const encoder = new ResponseEvents(request, 'req_0123');
  const events = deltas.flatMap((delta) => encoder.chunk(chunkOf(delta)));
  events.push(...encoder.chunk(chunkOf({}, finish)));
  const { events: last, output } = encoder.end(USAGE);
  events.push(...last);
  return { events, output };
}

function expectSound(events: readonly ResponseEvent[]): void {
  for (const event of events) expect(problemIn('ResponseStreamEvent', event)).toBe('');
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
}

interface Followed {
  readonly type: string;
  readonly output_index: number;
  readonly content_index: number;
  readonly delta: string;
  readonly item: OutputItem;
  readonly part: OutputPart;
}

/** What a client has that does nothing but follow the events. */
function followed(events: readonly ResponseEvent[]): OutputItem[] {
  const items: OutputItem[] = [];
  for (const { type, output_index: at, content_index: part, ...event } of events as unknown as Followed[]) {
    const open = items[at];
    if (type === 'response.output_item.added') items[at] = structuredClone(event.item);
    else if (type === 'response.function_call_arguments.delta' && open?.type === 'function_call') {
      open.arguments += event.delta;
    } else if (open?.type === 'message') {
      const content = open.content[part];
      if (type === 'response.content_part.added') open.content.push(structuredClone(event.part));
      else if (type === 'response.output_text.delta' && content?.type === 'output_text') content.text += event.delta;
      else if (type === 'response.refusal.delta' && content?.type === 'refusal') content.refusal += event.delta;
    }
  }
  return items;
}

const withoutStatus = (items: readonly OutputItem[]) => items.map((item) => ({ ...item, status: undefined }));

describe('the events of a response', () => {
  it('are sound whatever the chunks are, and their deltas add up to the output', () => {
    const delta = fc.oneof(
      fc.record({ content: fc.string() }),
      fc.record({ refusal: fc.string() }),
      fc.record({ index: fc.nat(3), text: fc.string() }).map(({ index, text }) => ({
        tool_calls: [{ index, id: `call_${index}`, function: { name: 'f', arguments: text } }],
      })),
      fc.record({ reasoning_content: fc.string() }),
    );
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 12 }), (deltas) => {
        const { events, output } = play(deltas as ChatDelta[]);
        expectSound(events);
        expect(withoutStatus(followed(events))).toEqual(withoutStatus(output));
        expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { output } });
      }),
      { numRuns: 200 },
    );
  });

  it('have an empty message for an answer without anything', () => {
    const { events, output } = play([]);
    expectSound(events);
    expect(output).toMatchObject([{ type: 'message', status: 'completed' }]);
  });

  it('close the message before a call begins, and open another one after it', () => {
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{}' } };
    const { events, output } = play([{ content: 'a' }, { tool_calls: [call] }, { content: 'b' }]);
    expectSound(events);
    expect(output.map(({ type }) => type)).toEqual(['message', 'function_call', 'message']);
  });

  it('say what the tokens were', () => {
    expect(play([{ content: 'a' }]).events.at(-1)).toMatchObject({
      response: {
        usage: {
          input_tokens: 7,
          input_tokens_details: { cached_tokens: 4 },
          output_tokens: 11,
          output_tokens_details: { reasoning_tokens: 6 },
          total_tokens: 18,
        },
      },
    });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ] as const)('end incomplete by %s', (finish, reason) => {
    const { events } = play([{ content: 'a' }], REQUEST, finish);
    expectSound(events);
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason }, output: [{ status: 'incomplete' }] },
    });
  });

  it('tell citations one by one', () => {
    const citation = {
      type: 'url_citation' as const,
      url_citation: { start_index: 0, end_index: 1, url: 'https://a.test', title: 'A' },
    };
    const { events, output } = play([{ content: 'a' }, { annotations: [citation, citation] }]);
    expectSound(events);
    expect(events.filter(({ type }) => type === 'response.output_text.annotation.added')).toMatchObject([
      { annotation_index: 0, annotation: { type: 'url_citation', url: 'https://a.test' } },
      { annotation_index: 1 },
    ]);
    expect(output).toMatchObject([{ content: [{ annotations: [{ title: 'A' }, { title: 'A' }] }] }]);
  });
});

describe('reasoning', () => {
  const detail = { type: 'reasoning.text' as const, text: 'Hm.', signature: 'c2ln', format: 'anthropic-claude-v1' };

  it('is shown and carried where both were asked for', () => {
    const { events, output } = play(
      [{ reasoning_content: 'Hm.' }, { reasoning_details: [detail] }, { content: 'a' }],
      CARRYING,
    );
    expectSound(events);
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    const [item] = output as [Extract<OutputItem, { type: 'reasoning' }>];
    expect(item.summary).toEqual([{ type: 'summary_text', text: 'Hm.' }]);
    expect(decodeReasoning(item.encrypted_content ?? '')?.details).toEqual([detail]);
  });

  it('that comes with a call or after the text is carried as well', () => {
    const extra = { google: { thought_signature: 'c2ln' } };
    const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{}' }, extra_content: extra };
    const { events, output } = play([{ content: 'a' }, { tool_calls: [call] }, { extra_content: extra }], CARRYING);
    expectSound(events);
    const item = output.at(-1) as Extract<OutputItem, { type: 'reasoning' }>;
    expect(decodeReasoning(item.encrypted_content ?? '')).toEqual({ details: [], calls: { call_1: extra }, extra });
  });

  it('makes no item where it was not asked for', () => {
    const { output } = play([{ reasoning_content: 'Hm.' }, { reasoning_details: [detail] }, { content: 'a' }]);
    expect(output.map(({ type }) => type)).toEqual(['message']);
  });

  it.each(['', 'gAAAAAB=', 'mg1.', 'mg1.%%%', `mg1.${btoa('[]')}`, `mg1.${btoa('{"details":1,"calls":{}}')}`])(
    'of another server is not read: %j',
    (text) => {
      expect(decodeReasoning(text)).toBeUndefined();
    },
  );
});

describe('a failure', () => {
  const error = new GatewayError('upstream_timeout');

  it('in the middle ends the response and names the error twice, for every kind of client', () => {
    const encoder = new ResponseEvents(REQUEST, 'req_0123');
    const events = [...encoder.chunk(chunkOf({ content: 'a' })), ...encoder.fail(error)];
    expectSound(events);
    expect(events.slice(-2)).toMatchObject([
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' } } },
      { type: 'error', code: 'upstream_timeout', error: { code: 'upstream_timeout', type: 'server_error' } },
    ]);
  });

  it('before anything was said is an error alone', () => {
    const events = new ResponseEvents(REQUEST, '').fail(error);
    expectSound(events);
    expect(events.map(({ type }) => type)).toEqual(['error']);
  });
});
