import fc from 'fast-check';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, addUp, answerOf } from '../helpers/client-answer.js';
import { nativeStream } from '../helpers/native-stream.js';
import type { RecordedProvider } from '../helpers/recordings.js';
import { HI, type Json, type Outcome, type Reported, reported } from '../reports/reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const words = fc.constantFrom(
  '',
  ' ',
  'Hello.',
  '{"a":1}',
  'A longer answer, that comes in more than one piece of it. 😀',
);
const args = fc.dictionary(fc.constantFrom('city', 'a b', 'n'), fc.constantFrom('x', 1, null, ['y']), { maxKeys: 2 });
const count = fc.constantFrom(0, 1, 17);

/** Answers of OpenAI's form: what may stand in them, and how they may end. */
const openaiAnswer = fc
  .record({
    content: fc.option(words),
    refusal: fc.option(fc.constantFrom('No.', '')),
    reasoning: fc.option(fc.constantFrom('Hm.')),
    calls: fc.array(args, { maxLength: 2 }),
    reason: fc.constantFrom(
      ...['stop', 'length', 'tool_calls', 'content_filter', 'function_call', 'end_turn', 'max_tokens', 'eos', 'SAFETY'],
      ...['error', 'network_error', 'insufficient_system_resource', 'abort'],
    ),
    native: fc.option(fc.constantFrom('stop', 'completed', 'network_error', 'MAX_TOKENS')),
    usage: fc.option(fc.record({ prompt_tokens: count, completion_tokens: count }), { nil: undefined }),
  })
  .map(({ content, refusal, reasoning, calls, reason, native, usage }) => ({
    id: 'a',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        finish_reason: reason,
        ...(native !== null && { native_finish_reason: native }),
        message: {
          role: 'assistant',
          content,
          ...(refusal !== null && content === null && { refusal }),
          ...(reasoning !== null && { reasoning_content: reasoning }),
          ...(calls.length > 0 && {
            tool_calls: calls.map((input, index) => ({
              id: `call_${index}`,
              type: 'function',
              function: { name: 'f', arguments: JSON.stringify(input) },
            })),
          }),
        },
      },
    ],
    ...(usage && { usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens } }),
  }));

const claudeBlock = fc.oneof(
  words.map((text) => ({ type: 'text', text })),
  fc.constantFrom('Hm.', 'Well.').map((thinking) => ({ type: 'thinking', thinking, signature: 's' })),
  fc.constant({ type: 'redacted_thinking', data: 'x' }),
  args.map((input) => ({ type: 'tool_use', id: 'toolu_1', name: 'f', input })),
);
const claudeAnswer = fc
  .record({
    content: fc.array(claudeBlock, { maxLength: 3 }),
    reason: fc.constantFrom(
      ...[
        'end_turn',
        'max_tokens',
        'tool_use',
        'stop_sequence',
        'refusal',
        'pause_turn',
        'model_context_window_exceeded',
      ],
      'something_new',
    ),
    usage: fc.record({ input_tokens: count, output_tokens: count, cache_read_input_tokens: count }),
  })
  .map(({ content, reason, usage }) => ({
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'c',
    // text before calls: a whole answer has no other order
    content: content
      .toSorted((one, other) => Number(one.type === 'tool_use') - Number(other.type === 'tool_use'))
      .map((block, index) => ('id' in block ? { ...block, id: `toolu_${index}` } : block)),
    stop_reason: reason,
    stop_sequence: null,
    usage: { ...usage, output_tokens: Math.max(1, usage.output_tokens) },
  }));

const geminiPart = fc.oneof(
  words.map((text) => ({ text })),
  fc.constant({ text: 'Hm.', thought: true }),
  args.map((input) => ({ functionCall: { id: 'c', name: 'f', args: input }, thoughtSignature: 'QUJD' })),
);
const geminiAnswer = fc
  .record({
    parts: fc.option(fc.array(geminiPart, { maxLength: 3 }), { nil: undefined }),
    reason: fc.constantFrom(
      ...['STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'LANGUAGE', 'OTHER'],
      ...['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'IMAGE_SAFETY', 'SOMETHING_NEW'],
    ),
    blocked: fc.option(fc.constantFrom('SAFETY', 'OTHER'), { nil: undefined, freq: 8 }),
    usage: fc.option(fc.record({ promptTokenCount: count, candidatesTokenCount: count, thoughtsTokenCount: count }), {
      nil: undefined,
    }),
  })
  .map(({ parts, reason, blocked, usage }) => ({
    responseId: 'r',
    modelVersion: 'g',
    ...(blocked
      ? { promptFeedback: { blockReason: blocked } }
      : { candidates: [{ index: 0, finishReason: reason, ...(parts && { content: { role: 'model', parts } }) }] }),
    ...(usage && { usageMetadata: usage }),
  }));

const CASES: readonly (readonly [model: string, form: RecordedProvider, answer: fc.Arbitrary<object>])[] = [
  ...['gpt'].map((model) => [model, 'openai', openaiAnswer] as const),
  ...['groq', 'mistral', 'deepseek', 'cerebras', 'openrouter', 'vllm', 'litellm'].map(
    (model) => [model, 'compatible', openaiAnswer] as const,
  ),
  ...['claude', 'claude-new'].map((model) => [model, 'anthropic', claudeAnswer] as const),
  ...['gem', 'gem3'].map((model) => [model, 'google', geminiAnswer] as const),
];

/** An answer of OpenAI's form as a stream, with the second field that says how it ended. */
function streamOf(form: RecordedProvider, answer: object): string {
  const json = answer as Record<string, unknown>;
  const [choice] = (json['choices'] ?? []) as { native_finish_reason?: string }[];
  const written = nativeStream(form, json);
  if (choice?.native_finish_reason === undefined) return written;
  return written.replace(
    /"finish_reason":"/g,
    `"native_finish_reason":${JSON.stringify(choice.native_finish_reason)},"finish_reason":"`,
  );
}

/** How a request ended for its client, and what it was charged. */
async function chatOutcome(whole: Outcome, streamed: Outcome): Promise<void> {
  const failed =
    streamed.events.find((event) => event['error'] !== undefined) ??
    (streamed.status >= 400 ? streamed.body : undefined);
  if (whole.status >= 400 || failed !== undefined) {
    expect((failed?.['error'] as Json | undefined)?.['code']).toBe((whole.body['error'] as Json | undefined)?.['code']);
    return;
  }
  const chunks = streamed.events as unknown as OpenAI.ChatCompletionChunk[];
  const known = withoutMadeUpIds(addUp(chunks));
  const wanted = withoutMadeUpIds(answerOf(whole.body as unknown as OpenAI.ChatCompletion));
  const native = (value: unknown) => (value as { native_finish_reason?: string } | undefined)?.native_finish_reason;
  const { source } = ((await site.lastUsage())?.['usage'] ?? {}) as Json;
  // An estimate goes by the bytes of the request and by the pieces of the answer, which differ.
  if (source === 'provider') expect(known).toEqual(wanted);
  else {
    expect({ ...known, usage: undefined }).toEqual({ ...wanted, usage: undefined });
    expect(known.usage?.completion_tokens === 0).toBe(wanted.usage?.completion_tokens === 0);
  }
  const last = chunks.flatMap(({ choices }) => choices).find(({ finish_reason: reason }) => reason);
  expect(native(last)).toBe(native((whole.body['choices'] as Json[])[0]));
}

async function both(model: string, form: RecordedProvider, answer: object, route: string, body: object) {
  site.answers({ body: JSON.stringify(answer) });
  const whole = await site.ask({ model, ...body }, route);
  const { usage: counted, cost } = ((await site.lastUsage()) ?? {}) as Json;
  site.answers(streamOf(form, answer));
  const streamed = await site.ask(
    { model, ...body, stream: true, ...(route !== 'responses' && { stream_options: { include_usage: true } }) },
    route,
  );
  if (whole.status === 200 && streamed.status === 200 && !streamed.text.includes('"error":{')) {
    const other = (await site.lastUsage()) as Json;
    const { source } = counted as Json;
    if (source === 'provider') expect([other['usage'], other['cost']]).toEqual([counted, cost]);
  }
  return { whole, streamed };
}

describe.each(CASES)('an answer of %s', (model, form, answer) => {
  it('is the same streamed and whole on chat', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (json) => {
        const { whole, streamed } = await both(model, form, json, 'chat/completions', { messages: [HI] });
        await chatOutcome(whole, streamed);
      }),
      { numRuns: 25, seed: 20_261_130 },
    );
  }, 60_000);

  it('is the same streamed and whole on responses', async () => {
    if (model === 'gpt') return;
    await fc.assert(
      fc.asyncProperty(answer, async (json) => {
        const { whole, streamed } = await both(model, form, json, 'responses', { input: 'hi' });
        const last = streamed.events.at(-1);
        const response = (last?.['response'] ?? {}) as Json;
        if (whole.status >= 400) {
          const failed =
            streamed.status >= 400 ||
            streamed.events.some(({ type }) => type === 'response.failed' || type === 'error');
          expect(failed).toBe(true);
          return;
        }
        expect(comparable(response)).toEqual(comparable(whole.body));
      }),
      { numRuns: 12, seed: 20_261_131 },
    );
  }, 60_000);
});

/** Ids that the gateway had to make up differ each time. */
function withoutMadeUpIds(answer: Answer): Answer {
  const toolCalls = answer.toolCalls.map((call) => ({ ...call, id: call.id.replace(/^call_\w{16,}$/, 'call_') }));
  return { ...answer, toolCalls };
}

/** A response without what differs from one to the next; a whole answer has its text before its calls. */
function comparable({ status, incomplete_details: details, output }: Json): object {
  const items = (output as Json[]).map(({ id: _, call_id: __, ...item }) => item);
  return {
    status,
    details,
    items: items.toSorted((one, other) => (String(one['type']) < String(other['type']) ? -1 : 1)),
  };
}
