import type {
  EmbeddingModelV3,
  LanguageModelV3,
  LanguageModelV3FinishReason,
  LanguageModelV3StreamPart,
  ProviderV3,
} from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { fromAiSdk } from '../../src/ai-sdk/index.js';
import type { ToolCallDelta } from '../../src/openai-api/chat-chunk.js';
import type { ChatCompletion } from '../../src/openai-api/chat-completion.js';
import type { ChatRequest } from '../../src/openai-api/chat-request.js';
import { UpstreamError } from '../../src/upstream/upstream-error.js';
import { fakeCall } from '../helpers/fake-call.js';

const NO_COUNTS = { inputTokens: {}, outputTokens: {} };
const CALLS: LanguageModelV3FinishReason = { unified: 'tool-calls', raw: 'tool_calls' };

/** A provider whose answers have these parts and this end, and that reports so many tokens of a vector. */
function provider(
  parts: readonly object[],
  { tokens = 0, finishReason = CALLS, usage = NO_COUNTS as object } = {},
): ProviderV3 {
  const model: Partial<LanguageModelV3> = {
    doStream: async () => ({
      stream: new ReadableStream<LanguageModelV3StreamPart>({
        start(controller) {
          for (const part of [...parts, { type: 'finish', finishReason, usage }])
            controller.enqueue(part as LanguageModelV3StreamPart);
          controller.close();
        },
      }),
    }),
    doGenerate: async () => ({ content: parts, finishReason, usage: NO_COUNTS, warnings: [] }) as never,
  };
  const vectors = {
    maxEmbeddingsPerCall: 10,
    doEmbed: async () => ({ embeddings: [[1, 2]], warnings: [], usage: { tokens } }),
  } as unknown as EmbeddingModelV3;
  return { languageModel: () => model, embeddingModel: () => vectors } as unknown as ProviderV3;
}

async function calls(parts: readonly object[]): Promise<ToolCallDelta[]> {
  const { batches } = await fromAiSdk(provider(parts)).stream(fakeCall({}));
  const found: ToolCallDelta[] = [];
  for await (const { chunks } of batches) {
    for (const chunk of chunks)
      if (typeof chunk !== 'string') found.push(...(chunk.choices[0]?.delta.tool_calls ?? []));
  }
  return found;
}

const begun = { type: 'tool-input-start', id: 'call_1', toolName: 'now' };
const whole = (input: string) => ({ type: 'tool-call', toolCallId: 'call_1', toolName: 'now', input });

test.each([
  ['comes whole after its beginning', [begun, whole('{"zone":"UTC"}')], '{"zone":"UTC"}'],
  ['is empty', [begun, { type: 'tool-input-delta', id: 'call_1', delta: '' }, whole('')], '{}'],
  ['came in pieces', [begun, { type: 'tool-input-delta', id: 'call_1', delta: '{}' }, whole('{}')], '{}'],
  ['comes whole alone', [whole('{}')], '{}'],
])('a streamed call has its input once where it %s', async (_, parts, input) => {
  const deltas = await calls(parts);
  expect(deltas.map((delta) => delta.function?.arguments).join('')).toBe(input);
  expect(new Set(deltas.map(({ index }) => index))).toEqual(new Set([0]));
});

const SAID = { type: 'text-delta', id: '0', delta: 'Hel' };
const USED = { inputTokens: { total: 7 }, outputTokens: { total: 3 } };
const FAILED = { unified: 'error', raw: undefined } as const;

test.each([
  ['an error, and its end after it', [{ type: 'error', error: new Error('overloaded') }], FAILED],
  ['an end that is an error', [], FAILED],
  ['an end without a reason', [], { unified: 'other', raw: undefined } as const],
])('a stream that ends with %s has failed, and what it used is known', async (_, parts, finishReason) => {
  const batches: object[] = [];
  const read = async (said: readonly object[]) => {
    const { stream } = fromAiSdk(provider([...said, ...parts], { finishReason, usage: USED }));
    for await (const batch of (await stream(fakeCall({}))).batches) batches.push(batch);
  };
  await expect(read([SAID])).rejects.toBeInstanceOf(UpstreamError);
  expect(batches.at(-1)).toMatchObject({ chunks: [], usage: { inputTokens: 7, outputTokens: 3, source: 'provider' } });
  // Before the first word another target may still answer.
  batches.length = 0;
  await expect(read([])).rejects.toBeInstanceOf(UpstreamError);
  expect(batches).toEqual([]);
});

/** The ends of the same answer, whole and streamed: words, or the error. */
async function ends(parts: readonly object[], finishReason: LanguageModelV3FinishReason): Promise<unknown[]> {
  const adapter = fromAiSdk(provider(parts, { finishReason }));
  const streamed = async () => {
    let end: unknown;
    for await (const { chunks } of (await adapter.stream(fakeCall({}))).batches)
      for (const chunk of chunks) if (typeof chunk !== 'string') end = chunk.choices[0]?.finish_reason ?? end;
    return end;
  };
  const answered = async () => (await adapter.chat(fakeCall({}))).completion;
  const whole = async () => ((await answered()) as ChatCompletion).choices[0]?.finish_reason;
  const faultOf = (error: unknown) => (UpstreamError.isInstance(error) ? error.fault : error);
  return [await whole().catch(faultOf), await streamed().catch(faultOf)];
}

test.each<[string, readonly object[], LanguageModelV3FinishReason, string]>([
  ['calls and stops', [whole('{}')], { unified: 'stop', raw: 'stop' }, 'tool_calls'],
  ['calls and ends with a word of its own', [whole('{}')], { unified: 'other', raw: 'done' }, 'tool_calls'],
  ['calls and is cut', [whole('{}')], { unified: 'length', raw: 'max' }, 'length'],
  ['says nothing', [], { unified: 'stop', raw: 'stop' }, 'stop'],
  ['failed', [], { unified: 'error', raw: 'MALFORMED_FUNCTION_CALL' }, 'truncated'],
])('an answer that %s ends in the same way whole and streamed', async (_, parts, finishReason, end) => {
  expect(await ends(parts, finishReason)).toEqual([end, end]);
});

test('vectors whose provider counts no tokens have no usage', async () => {
  const embeddings = fromAiSdk(provider([], { tokens: Number.NaN })).routes?.embeddings;
  const answer = await embeddings?.({ ...fakeCall({}), request: { model: 'm', input: 'Hi' } });
  expect(answer?.embeddings.data).toHaveLength(1);
  expect(answer?.usage).toBeUndefined();
});

test.each<[Partial<ChatRequest>, readonly string[] | undefined]>([
  [{ parallel_tool_calls: false }, ['parallel_tool_calls']],
  [{ parallel_tool_calls: true, store: false, metadata: {}, logit_bias: {} }, undefined],
])('what asks for nothing is not reported, and what asks for something is: %j', async (fields, dropped) => {
  const request: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields };
  expect((await fromAiSdk(provider([])).chat(fakeCall({ request }))).dropped).toEqual(dropped);
});
