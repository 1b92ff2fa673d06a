import { describe, expect, it } from 'vitest';
import { type Answer, addUp, answerOf } from '../helpers/client-answer.js';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { type Expected, type Recording, recordings } from '../helpers/recordings.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';
import { problemIn } from '../helpers/route-schemas.js';

/**
 * Where EXPECTED.json is mistaken. It takes Anthropic's top-level counts alone, but a compaction run is billed besides
 * them and is listed in `usage.iterations`: 60,385 + 682 input and 592 + 1,320 output tokens.
 */
const CORRECTED: Readonly<Record<string, Expected['usage']>> = {
  'anthropic/vercel-ai/anthropic-compaction.1.json#0': {
    prompt_tokens: 61_067,
    completion_tokens: 1_912,
    total_tokens: 62_979,
  },
};

const messages = [{ role: 'user' as const, content: 'Hello' }];

const gateway = replayedGateway();

describe.each(Object.keys(RECORDED_ADAPTERS))('recorded answers of %s, read by the official client', (provider) => {
  const answers = recordings().filter((recording) => recording.provider === provider && recording.status === 200);

  const model = `${provider}/0`;

  it('are there to be replayed', () => {
    expect(answers.length).toBeGreaterThan(5);
  });

  for (const recording of answers.filter(({ body }) => body === '')) {
    it(`${recording.name}: nothing at all is a failure, never an empty answer`, async () => {
      gateway.upstream.play(recording);
      await expect(readStream(model)).rejects.toMatchObject({ status: 502, code: 'upstream_truncated' });
    });
  }

  for (const recording of answers.filter(isAnswer)) {
    it(recording.name, async () => {
      gateway.upstream.play(recording);
      const answer = recording.stream ? await readStream(model) : await readJson(model);
      expectAsRecorded(answer, recording);
    });
  }
});

/** EXPECTED.json leaves out streams that belong to other APIs, and one that has no events at all. */
function isAnswer({ expected, body }: Recording): boolean {
  return expected?.skip === undefined && body !== '';
}

async function readJson(model: string): Promise<Answer> {
  const completion = await gateway.client.chat.completions.create({ model, messages });
  expect(problemIn('CreateChatCompletionResponse', completion)).toBe('');
  return answerOf(completion);
}

async function readStream(model: string): Promise<Answer> {
  const stream = await gateway.client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) {
    expect(problemIn('CreateChatCompletionStreamResponse', chunk)).toBe('');
    chunks.push(chunk);
  }
  return addUp(chunks);
}

function expectAsRecorded(answer: Answer, { name, expected, body, stream }: Recording): void {
  expect(answer.finishReason).toMatch(/^(?:stop|length|tool_calls|content_filter|function_call)$/);
  if (answer.usage) expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens + answer.usage.completion_tokens);
  if (expected) expectEqual(answer, { ...expected, usage: CORRECTED[name] ?? expected.usage });
  else if (!stream) expectSameWords(answer, body);
}

function expectEqual(answer: Answer, expected: Expected): void {
  expect(answer.text).toBe(expected.text);
  expect(answer.reasoning).toBe(expected.reasoning);
  expect(answer.finishReason).toBe(expected.finish_reason);
  expect(answer.toolCalls.map(({ name, arguments: args }) => ({ name, arguments: JSON.parse(args) }))).toEqual(
    expected.tool_calls.map(({ name, arguments: args }) => ({
      name,
      arguments: typeof args === 'string' ? JSON.parse(args || '{}') : (args ?? {}),
    })),
  );
  for (const [position, call] of expected.tool_calls.entries()) {
    if (call.id) expect(answer.toolCalls[position]?.id).toBe(call.id);
  }
  if (expected.usage) expect(countsOf(answer.usage)).toEqual(countsOf(expected.usage));
}

/** For recordings without an entry in EXPECTED.json: the answer's words are those of the recorded body. */
function expectSameWords(answer: Answer, body: string): void {
  const plain = JSON.stringify(JSON.parse(body));
  for (const text of [answer.text, answer.reasoning]) expect(plain).toContain(JSON.stringify(text).slice(1, -1));
  for (const call of answer.toolCalls) {
    expect(plain).toContain(call.name);
    const unescaped = plain.replaceAll('\\"', '"').replaceAll(' ', '');
    expect(unescaped).toContain(JSON.stringify(JSON.parse(call.arguments)).replaceAll(' ', ''));
  }
}

function countsOf(usage: object | null | undefined): Record<string, unknown> {
  const counts = (usage ?? {}) as Record<string, unknown>;
  const prompt = (counts.prompt_tokens_details ?? {}) as Record<string, unknown>;
  const completion = (counts.completion_tokens_details ?? {}) as Record<string, unknown>;
  return {
    prompt: counts.prompt_tokens,
    completion: counts.completion_tokens,
    total: counts.total_tokens,
    cached: prompt.cached_tokens ?? counts.cached_tokens ?? 0,
    reasoning: completion.reasoning_tokens ?? counts.reasoning_tokens ?? 0,
  };
}
