import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OpenAIUsage, toOpenAIUsage, type Usage } from '../../../src/lib/usage.js';
import type { ChatAnswerMessage } from '../../../src/openai-api/chat-completion.js';
import type { AssistantMessage, ChatMessage } from '../../../src/openai-api/chat-request.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { chatCall } from '../../helpers/chat-call.js';
import { problemIn } from '../../helpers/route-schemas.js';
import { type Expected, type NativeRequestBody, type Recording, recordings } from './recordings.js';
import { assembled, translate, translateText } from './streams.js';

const dialect = anthropicDialect();
const all = recordings();

/** Where the oracle leaves out what Anthropic bills: the compaction run is in `usage.iterations` only. */
const CORRECTED_USAGE: Record<string, Record<string, number>> = {
  'anthropic/vercel-ai/anthropic-compaction.1.json': {
    prompt_tokens: 682 + 60_385,
    completion_tokens: 1_320 + 592,
    total_tokens: 682 + 60_385 + 1_320 + 592,
  },
};

const titleOf = (recording: Recording) => `${recording.file.slice('anthropic/'.length)} #${recording.index}`;
const answered = all
  .filter(({ status }) => status === 200)
  .map((recording) => [titleOf(recording), recording] as const);

test('there are recordings to replay', () => {
  expect(answered.length).toBeGreaterThan(8);
});

describe('a recorded answer becomes what the oracle says', () => {
  test.each(answered)('%s', (_title, recording) => {
    const oracle = recording.expected;
    if (!oracle) return;
    if (oracle.skip !== undefined) return expectRestart(recording);
    const { message, finish, native, id, model, usage } = replay(recording);
    expect({ id, model, text: message.content ?? '', reasoning: message.reasoning_content ?? '' }).toEqual({
      id: `chatcmpl-${oracle.id}`,
      model: oracle.model,
      text: oracle.text,
      reasoning: oracle.reasoning,
    });
    expect(calls(message)).toEqual(oracle.tool_calls);
    expect(finish).toBe(oracle.finish_reason);
    if (native !== undefined) expect(native).toBe(oracle.native_finish);
    expectUsage(usage, oracle, recording.file);
  });
});

describe('what is emitted passes the exact OpenAI schemas', () => {
  test.each(answered)('%s', (_title, recording) => {
    if (recording.file.includes('spliced')) return;
    const outputs = emitted(recording);
    const schema = recording.sse === undefined ? 'CreateChatCompletionResponse' : 'CreateChatCompletionStreamResponse';
    for (const output of outputs) expect(problemIn(schema, output)).toBe('');
  });
});

describe('a recorded error becomes the right error', () => {
  test.each(all.filter(({ status }) => status !== 200).map((recording) => [titleOf(recording), recording] as const))(
    '%s',
    (_title, { status, json }) => {
      const error = dialect.toError({ status, headers: {}, text: JSON.stringify(json) });
      expect(error).toMatchObject({ fault: 'status', status, clientError: { status: 404, code: 'model_not_found' } });
    },
  );
});

const multiTurn = all.flatMap((recording): (readonly [string, Recording, NativeRequestBody])[] => {
  const next = all.find(({ file, index }) => file === recording.file && index === recording.index + 1);
  return next?.request && recording.status === 200 ? [[titleOf(recording), recording, next.request]] : [];
});

describe('the next recorded request can be rebuilt from the answer, signatures included', () => {
  test.each(multiTurn)('%s', (_title, recording, nextRequest) => {
    const { message } = replay(recording);
    const rebuilt = rebuiltTurn(message, nextRequest);
    const recorded = nextRequest.messages.filter(({ role }) => role === 'assistant')[recording.index];
    expect(rebuilt).toEqual(recorded?.content);
  });
});

describe('a stream cut anywhere gives the same chunks', () => {
  const streams = answered.flatMap(([title, { file, sse }]) =>
    sse === undefined || file.includes('spliced') ? [] : [[title, new TextEncoder().encode(sse)] as const],
  );

  test.each(streams)('%s', (_title, bytes) => {
    const whole = JSON.stringify(translate(chatCall({}), [bytes]));
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (at) => JSON.stringify(translate(chatCall({}), split(bytes, at))) === whole),
      { numRuns: 20 },
    );
  });

  test.each(streams.filter(([, bytes]) => bytes.length < 3_000))('%s, at every byte', (_title, bytes) => {
    const whole = translate(chatCall({}), [bytes]);
    for (let at = 1; at < bytes.length; at++) expect(translate(chatCall({}), split(bytes, [at]))).toEqual(whole);
    expect(
      translate(
        chatCall({}),
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(whole);
  });
});

function replay(recording: Recording): {
  message: ChatAnswerMessage;
  finish: string;
  native: string | undefined;
  id: string;
  model: string;
  usage: Usage | undefined;
} {
  if (recording.sse !== undefined) {
    const { chunks, usage } = translateText(chatCall({}), recording.sse);
    const { finish, native, ...message } = assembled(chunks);
    return { message, finish, native, id: chunks[0]?.id ?? '', model: chunks[0]?.model ?? '', usage };
  }
  const { completion, usage } = dialect.toCompletion(recording.json, '', chatCall({}));
  const [choice] = completion.choices;
  if (!choice) throw new Error('no choice');
  const { message, finish_reason, native_finish_reason } = choice;
  return {
    message,
    finish: finish_reason,
    native: native_finish_reason,
    id: completion.id,
    model: completion.model,
    usage,
  };
}

function emitted(recording: Recording): object[] {
  if (recording.sse !== undefined) return translateText(chatCall({}), recording.sse).chunks;
  const { completion, usage } = dialect.toCompletion(recording.json, '', chatCall({}));
  return [usage ? { ...completion, usage: toOpenAIUsage(usage) } : completion];
}

/** Two message starts: the answer ends with the first message, repeats itself, or breaks off. */
function expectRestart(recording: Recording): void {
  expect(recording.sse?.split('"type":"message_start"')).toHaveLength(3);
  if (recording.file.includes('spliced')) expect(() => replay(recording)).toThrow(UpstreamError);
  else expect(replay(recording).finish).toBe(recording.file.includes('tool-search') ? 'tool_calls' : 'stop');
}

function calls({ tool_calls = [] }: ChatAnswerMessage): Expected['tool_calls'] {
  return tool_calls.map(({ id, function: { name, arguments: args } }) => ({ id, name, arguments: JSON.parse(args) }));
}

function expectUsage(usage: Usage | undefined, oracle: Expected, file: string): void {
  if (!usage) throw new Error('no usage');
  const {
    prompt_tokens_details: prompt,
    completion_tokens_details: completion,
    ...totals
  }: OpenAIUsage = toOpenAIUsage(usage);
  expect({
    ...totals,
    cached_tokens: prompt.cached_tokens,
    cache_write_tokens: prompt.cache_write_tokens ?? 0,
    reasoning_tokens: completion.reasoning_tokens,
  }).toEqual({ reasoning_tokens: 0, ...oracle.usage, ...CORRECTED_USAGE[file] });
}

/** The answer as a client sends it back, through the gateway's own translation. */
function rebuiltTurn(message: ChatAnswerMessage, nextRequest: NativeRequestBody): unknown {
  const results: ChatMessage[] = (message.tool_calls ?? []).map(({ id }) => ({
    role: 'tool',
    tool_call_id: id,
    content: 'done',
  }));
  const messages: ChatMessage[] = [
    { role: 'user', content: 'first' },
    JSON.parse(JSON.stringify(message)) as AssistantMessage,
    ...(results.length > 0 ? results : [{ role: 'user', content: 'second' } as const]),
  ];
  const native = dialect.toRequest(chatCall({ model: String(nextRequest['model']), messages }), false);
  const body = JSON.parse(String(native.body)) as NativeRequestBody;
  return body.messages[1]?.content;
}

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}
