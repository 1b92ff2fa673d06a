import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerReader } from '../../../src/providers/google/answer-reader.js';
import { readTextDelta } from '../../../src/providers/google/text-delta-fast-path.js';

const usageMetadata = {
  promptTokenCount: 20,
  candidatesTokenCount: 3,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
};
const counts = fc.record(
  {
    promptTokenCount: fc.nat(),
    cachedContentTokenCount: fc.nat(),
    candidatesTokenCount: fc.oneof(fc.nat(), fc.constantFrom(-1, 1.5, 1e21, '7', null)),
    thoughtsTokenCount: fc.nat(),
    toolUsePromptTokenCount: fc.nat(),
    promptTokensDetails: fc.constantFrom([{ modality: 'TEXT', tokenCount: 5 }], [{ modality: 'TEXT', tokenCount: 11 }]),
  },
  { requiredKeys: ['promptTokenCount'] },
);
const words = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\t', '\ud800'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});

/** Ways in which Google's APIs write the same. */
const event = eventWith(fc.oneof(fc.constant(usageMetadata), counts));

function eventWith(usage: fc.Arbitrary<object>): fc.Arbitrary<string> {
  const layout = fc.tuple(words, fc.constantFrom('first', 'last', 'none'), fc.boolean(), fc.boolean(), usage);
  return layout.map(([text, role, index, spaces, usageMetadata]) => {
    const parts = [{ text }];
    const content =
      role === 'first' ? { role: 'model', parts } : role === 'last' ? { parts, role: 'model' } : { parts };
    const json = {
      candidates: [{ content, ...(index && { index: 0 }) }],
      usageMetadata,
      modelVersion: 'm',
      responseId: 'r',
    };
    return spaces ? spaced(json) : JSON.stringify(json);
  });
}

/** An event, and the same with one character put in, taken out or replaced. */
const slightlyChanged = fc
  .tuple(
    event,
    fc.nat(300),
    fc.nat(1),
    fc.constantFrom('', '"', '\\', ',', '}', ':', 'x', 'e', '0', '7', '.', '-', '\t', ' '),
  )
  .map(([data, place, cut, put]) => {
    const at = place % data.length;
    return { data, changed: data.slice(0, at) + put + data.slice(at + cut) };
  });

/** Written as the Gemini API does, with a space behind each colon. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, field]) => `${JSON.stringify(key)}: ${spaced(field)}`)
    .join(',')}}`;
}

/** All that a reader learns from an event. */
function learned(response: object) {
  const reader = new AnswerReader({
    legacyFunctions: false,
    names: new Map(),
    newCallId: () => 'call_1',
    onSignature() {},
  });
  const emissions = reader.read(response);
  return { emissions, usage: reader.usage, id: reader.id, model: reader.model, isComplete: reader.isComplete };
}

describe('an event of words, read by its layout', () => {
  it('says what a JSON parser says', () => {
    let read = 0;
    fc.assert(
      fc.property(event, (data) => {
        const found = readTextDelta(data);
        if (found === undefined) {
          expect(data).toMatch(/\\u/);
          return;
        }
        expect(learned(found)).toEqual(learned(JSON.parse(data)));
        read += 1;
      }),
    );
    expect(read).toBeGreaterThan(10);
  });

  it('is one however one character of it is changed, or it is left to the parser', () => {
    fc.assert(
      fc.property(slightlyChanged, ({ changed }) => {
        const found = readTextDelta(changed);
        if (found !== undefined) expect(learned(found)).toEqual(learned(JSON.parse(changed)));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['a finish reason', { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }], usageMetadata }],
    ['a thought', { candidates: [{ content: { parts: [{ text: 'a', thought: true }] } }], usageMetadata }],
    ['two parts', { candidates: [{ content: { parts: [{ text: 'a' }, { text: 'b' }] } }], usageMetadata }],
    ['two candidates', { candidates: [{ content: { parts: [{ text: 'a' }] } }, {}], usageMetadata }],
    [
      'another candidate than the first',
      { candidates: [{ content: { parts: [{ text: 'a' }] }, index: 1 }], usageMetadata },
    ],
  ])('is not one with %s', (_, json) => expect(readTextDelta(JSON.stringify(json))).toBeUndefined());

  it('is not one that names its candidates again, or breaks off', () => {
    const data = JSON.stringify({ candidates: [{ content: { parts: [{ text: 'a' }] } }], usageMetadata });
    expect(readTextDelta(data)).toBeDefined();
    expect(readTextDelta(data.replace(/\}$/, ',"candidates":[]}'))).toBeUndefined();
    expect(readTextDelta(data.slice(0, -1))).toBeUndefined();
  });
});
