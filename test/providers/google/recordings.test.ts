import { describe, expect, it } from 'vitest';
import { completionTokens, promptTokens, type Usage } from '../../../src/lib/usage.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { problemIn } from '../../helpers/route-schemas.js';
import { chatCall, countingDialect } from './support/call.js';
import { type Expected, type Recording, recordedConversations } from './support/recordings.js';
import { assemble, translateStream } from './support/translate.js';

const recordings = recordedConversations().flat();
const encoder = new TextEncoder();

describe('recorded Gemini answers', () => {
  it('are here', () => {
    expect(recordings.length).toBeGreaterThan(10);
  });

  for (const recording of recordings.filter(({ json, status }) => json !== undefined && status < 300)) {
    if (recording.expected === null) continue;
    it(`JSON: ${recording.name}`, () => {
      const text = JSON.stringify(recording.json);
      const { completion, usage } = countingDialect().toCompletion(recording.json, text, chatCall());
      const [choice] = completion.choices;
      check(recording, {
        id: completion.id,
        model: completion.model,
        message: { ...choice?.message },
        finishReason: choice?.finish_reason,
        native: choice?.native_finish_reason,
        usage,
      });
      expect(problemIn('CreateChatCompletionResponse', completion)).toBe('');
    });
  }

  for (const recording of recordings.filter(({ sse }) => sse !== undefined)) {
    it(`stream: ${recording.name}`, () => {
      if (recording.sse === '') {
        expect(() => translateStream([])).toThrow(expect.objectContaining({ fault: 'truncated' }));
        return;
      }
      const { chunks, usage } = translateStream([encoder.encode(recording.sse)]);
      const { message, finishReason, nativeFinishReason } = assemble(chunks);
      check(recording, {
        id: chunks[0]?.id,
        model: chunks[0]?.model,
        message,
        finishReason,
        native: nativeFinishReason,
        usage,
      });
      for (const chunk of chunks) expect(problemIn('CreateChatCompletionStreamResponse', chunk)).toBe('');
      checkShape(chunks);
    });
  }

  for (const [file, shape] of [
    [
      'vertex-arguments-in-pieces',
      { dish: { name: 'Pea soup', steps: ['Boil', { minutes: 40 }], vegan: true, garnish: null } },
    ],
    ['vertex-pieces-without-an-end', { lines: [{ price: 0.5 }, { price: 0.3 }] }],
  ] as const) {
    it(`arguments that come in pieces are put together: ${file}`, () => {
      const sse = recordings.find(({ name }) => name.includes(file))?.sse;
      const { message, finishReason } = assemble(translateStream([encoder.encode(sse)]).chunks);
      const calls = message.tool_calls as { function: { arguments: string }; extra_content?: unknown }[];
      expect(calls.map((call) => JSON.parse(call.function.arguments))).toEqual([shape]);
      expect(calls[0]?.extra_content).toBeDefined();
      expect(finishReason).toBe('tool_calls');
    });
  }

  for (const recording of recordings.filter(({ status }) => status >= 400)) {
    it(`error: ${recording.name}`, () => {
      const text = JSON.stringify(recording.json);
      const error = countingDialect().toError({ status: recording.status, headers: {}, text });
      expect(error).toBeInstanceOf(UpstreamError);
      expect(error.status).toBe(recording.status);
      const { status, code } = error.clientError;
      expect({ status, code }).toEqual(
        recording.status === 404 ? { status: 404, code: 'model_not_found' } : { status: 400, code: 'invalid_request' },
      );
    });
  }
});

interface Translated {
  id: string | undefined;
  model: string | undefined;
  message: Record<string, unknown> & { tool_calls?: unknown };
  finishReason: string | null | undefined;
  native: string | undefined;
  usage: Usage | undefined;
}

function check({ expected, name }: Recording, actual: Translated): void {
  if (expected === null || expected.skip !== undefined) return;
  const calls = (actual.message.tool_calls ?? []) as {
    id: string;
    function: { name: string; arguments: string };
    extra_content?: { google: { thought_signature: string } };
  }[];
  expect({
    id: actual.id,
    model: actual.model,
    text: actual.message['content'] ?? '',
    reasoning: actual.message['reasoning_content'] ?? '',
    calls: calls.map((call) => ({ name: call.function.name, arguments: JSON.parse(call.function.arguments) })),
    finish: actual.finishReason,
    native: actual.native,
    usage: actual.usage && counted(actual.usage),
  }).toEqual({
    id: `chatcmpl-${expected.id}`,
    model: expected.model,
    text: expected.text,
    reasoning: expected.reasoning,
    calls: expected.tool_calls.map((call) => ({ name: call.name, arguments: call.arguments })),
    finish: expected.finish_reason,
    native: expected.native_finish,
    usage: expectedCounts(expected),
  });
  expected.tool_calls.forEach((call, index) => {
    if (call.id !== null) expect(calls[index]?.id, name).toBe(call.id);
    else expect(calls[index]?.id).toMatch(/^call_id\d+$/);
  });
  const carried = calls.filter((call) => call.extra_content !== undefined).length;
  const onMessage = actual.message['extra_content'] === undefined ? 0 : 1;
  expect(carried + onMessage > 0).toBe(expected.signatures > 0);
}

function counted(usage: Usage) {
  return {
    prompt: promptTokens(usage),
    completion: completionTokens(usage),
    cached: usage.cachedInputTokens,
    reasoning: usage.reasoningTokens,
    source: usage.source,
  };
}

function expectedCounts({ usage }: Expected) {
  return (
    usage && {
      prompt: usage['prompt_tokens'],
      completion: usage['completion_tokens'],
      cached: usage['cached_tokens'],
      reasoning: usage['reasoning_tokens'],
      source: 'provider',
    }
  );
}

/** What both official SDKs depend on. */
function checkShape(chunks: ReturnType<typeof translateStream>['chunks']): void {
  const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  expect(deltas.map(({ role }) => role).filter(Boolean)).toEqual(['assistant']);
  expect(deltas[0]?.role).toBe('assistant');
  expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
  const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
  expect(calls.map(({ index }) => index)).toEqual(calls.map((_, index) => index));
  for (const call of calls) expect(call).toMatchObject({ type: 'function', id: expect.stringMatching(/./) });
  const finishes = chunks.map(({ choices }) => choices[0]?.finish_reason);
  expect(finishes.filter((reason) => reason !== null)).toHaveLength(1);
  expect(finishes.at(-1)).not.toBeNull();
  for (const list of ['annotations', 'images', 'extra_content'] as const) {
    expect(deltas.filter((delta) => delta[list] !== undefined).length).toBeLessThanOrEqual(1);
  }
}
