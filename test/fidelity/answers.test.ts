import { describe, expect, it } from 'vitest';
import { answerSchemas } from '../helpers/answer-schemas.js';
import { type Answer, addUp, answerOf } from '../helpers/client-answer.js';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { type Expected, type Recording, recordings } from '../helpers/recordings.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';
import { NO_RECORDINGS } from '../helpers/shared.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];
const schemas = answerSchemas();

const gateway = replayedGateway();

describe.each(Object.keys(RECORDED_ADAPTERS))('recorded answers of %s, read by the official client', (provider) => {
  const answers = recordings().filter((recording) => recording.provider === provider && recording.status === 200);

  it('are there to be replayed', (ctx) => {
    if (schemas === undefined) return ctx.skip(NO_RECORDINGS);
    expect(answers.length).toBeGreaterThan(5);
  });

  for (const recording of answers.filter(({ expected }) => expected?.skip === undefined)) {
    it(recording.name, async () => {
      gateway.upstream.play(recording);
      const model = `${provider}/recorded-model`;
      const answer = recording.stream ? await readStream(model) : await readJson(model);
      expectAsRecorded(answer, recording);
    });
  }
});

async function readJson(model: string): Promise<Answer> {
  const completion = await gateway.client.chat.completions.create({ model, messages });
  expect(schemas?.completion(completion)).toBe('');
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
    expect(schemas?.chunk(chunk)).toBe('');
    chunks.push(chunk);
  }
  return addUp(chunks);
}

function expectAsRecorded(answer: Answer, { expected, body, stream }: Recording): void {
  expect(answer.finishReason).toMatch(/^(?:stop|length|tool_calls|content_filter|function_call)$/);
  if (answer.usage) expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens + answer.usage.completion_tokens);
  if (expected) expectEqual(answer, expected);
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
  const words = [answer.text, answer.reasoning, ...answer.toolCalls.map((call) => call.arguments)];
  for (const text of words) expect(plain).toContain(JSON.stringify(text).slice(1, -1));
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
