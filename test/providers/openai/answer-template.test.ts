import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import { AnswerTemplate } from '../../../src/providers/openai/answer-template.js';
import { relayCompletion } from '../../../src/providers/openai/to-completion.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';

const words = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '漢', '\n', '\u0001', '"usage":{', '"object":', '{', ']', '12'),
});
const count = fc.integer({ min: 0, max: 30_000_000 });
const usage = fc.record({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: fc.record({ cached_tokens: count, audio_tokens: count }),
  completion_tokens_details: fc.record({ reasoning_tokens: count }),
});
const shape = fc.record({
  indent: fc.constantFrom(undefined, undefined, 2),
  object: fc.constantFrom('chat.completion', 'chat.completion', 'completion'),
  extra: fc.constantFrom({}, { system_fingerprint: null }, { note: { usage: { prompt_tokens: 1 } } }),
  calls: fc.constantFrom({}, { tool_calls: null }, { annotations: [] }),
  refusal: fc.constantFrom({ refusal: null }, {}),
  logprobs: fc.constantFrom(null, { content: [{ token: 'a', logprob: -0.5, bytes: [97] }], refusal: null }),
  choices: fc.constantFrom(1, 2),
});
const values = fc.record({ id: words, content: words, model: words, finish: words, created: count, usage });

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;
type Values = typeof values extends fc.Arbitrary<infer T> ? T : never;

function written(form: Shape, value: Values): string {
  const choice = (index: number) => ({
    index,
    message: { role: 'assistant', content: value.content, ...form.refusal, ...form.calls },
    logprobs: form.logprobs,
    finish_reason: value.finish,
  });
  const answer = {
    id: value.id,
    object: form.object,
    created: value.created,
    model: value.model,
    choices: Array.from({ length: form.choices }, (_, i) => choice(i)),
    usage: value.usage,
    ...form.extra,
  };
  return JSON.stringify(answer, null, form.indent);
}

/** The usage of an answer that can be relayed as it is, by reading all of it; undefined for any other. */
function relayed(text: string) {
  try {
    const refuse = () => new UpstreamError('status', new GatewayError('upstream_error'));
    const answer = relayCompletion(JSON.parse(text), text, refuse);
    return answer.text === undefined ? undefined : answer.usage;
  } catch {
    return undefined;
  }
}

/** A template of an answer that was relayed. */
function templateOf(text: string): AnswerTemplate | undefined {
  return relayed(text) && AnswerTemplate.of(text);
}

const SOUND: Shape = {
  indent: undefined,
  object: 'chat.completion',
  extra: {},
  calls: {},
  refusal: { refusal: null },
  logprobs: null,
  choices: 1,
};

describe('an answer that differs from the one before in texts and counts alone', () => {
  test('is relayed, and says the same usage as when all of it is read', () => {
    fc.assert(
      fc.property(fc.constantFrom(undefined, 2), values, values, (indent, first, second) => {
        const form = { ...SOUND, indent };
        fc.pre(relayed(written(form, first)) !== undefined);
        const text = written(form, second);
        expect(templateOf(written(form, first))?.usageOf(Buffer.from(text))).toEqual(relayed(text));
      }),
    );
  });

  test('may be longer or shorter, and written for people', () => {
    const report = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
    const text = (content: string, tokens: object) =>
      `{\n  "id": "chatcmpl-1",\n  "object": "chat.completion",\n  "created": 1,\n  "model": "m",\n  "choices": [\n    { "index": 0, "message": { "role": "assistant", "content": ${JSON.stringify(content)}, "refusal": null }, "logprobs": null, "finish_reason": "stop" }\n  ],\n  "usage": ${JSON.stringify(tokens)},\n  "service_tier": "default"\n}\n`;
    const template = templateOf(text('Hi', report));
    const other = text('"Well,"\nhe said: \\ 漢', { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 });
    expect(template?.usageOf(Buffer.from(other))).toMatchObject({
      inputTokens: 1_000,
      outputTokens: 0,
      source: 'provider',
    });
    expect(template?.usageOf(Buffer.from(text('', report)))).toMatchObject({ inputTokens: 7, outputTokens: 5 });
  });
});

describe('any other answer', () => {
  test('is only relayed when reading all of it says the same', () => {
    fc.assert(
      fc.property(shape, shape, values, values, (form, other, first, second) => {
        const known = templateOf(written(form, first));
        const text = written(other, second);
        const found = known?.usageOf(Buffer.from(text));
        if (found !== undefined) expect(found).toEqual(relayed(text));
      }),
    );
  });

  test('is not relayed when it is broken anywhere', () => {
    const letters = fc.constantFrom('"', '\\', '{', '}', ',', ':', '0', '-', '.', 'e', '\n', ' ', 'u', 'null', '');
    const edit = fc.record({ at: fc.nat(), cut: fc.nat(3), put: letters });
    fc.assert(
      fc.property(values, values, edit, (first, second, { at, cut, put }) => {
        const known = templateOf(written(SOUND, first));
        const sound = written(SOUND, second);
        const start = at % sound.length;
        const text = sound.slice(0, start) + put + sound.slice(start + cut);
        const found = known?.usageOf(Buffer.from(text));
        if (found !== undefined) expect(found).toEqual(relayed(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['without usage', '{"choices":[]}'],
    ['with two reports', '{"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}'],
    ['with a field in escapes', '{"us\\u0061ge":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}'],
    ['longer than 64 KiB', JSON.stringify({ id: 'x'.repeat(65_536), usage: { prompt_tokens: 1 } })],
  ])('%s is no example', (_, text) => {
    expect(AnswerTemplate.of(text)).toBeUndefined();
  });
});
