import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordedConversations, toEvent } from './support/recordings.js';
import { type Streamed, translateStream } from './support/translate.js';

const encoder = new TextEncoder();
const recorded = recordedConversations()
  .flat()
  .filter(({ sse }) => sse)
  .map(({ name, sse = '' }) => [name, sse] as const);

const SYNTHETIC = [
  ': a comment\r\n\r\n',
  toEvent({
    candidates: [{ content: { parts: [{ text: 'Žluťoučký 🐎 你好' }] } }],
    usageMetadata: { promptTokenCount: 3 },
  }),
  toEvent({ candidates: [{ content: { parts: [{ functionCall: { name: 'f', args: { x: '\r\n\r\n' } } }] } }] }),
  'data: {"candidates": [{"content": {"parts": [{"text": "end"}]},\r\ndata: "finishReason": "STOP"}]}\r\n',
].join('');

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.slice(places[index], end));
}

describe('a stream cut anywhere gives the same chunks', () => {
  for (const [name, sse] of [...recorded, ['by hand', SYNTHETIC] as const]) {
    const bytes = encoder.encode(sse);
    const whole: Streamed = translateStream([bytes]);

    it(`into bytes: ${name}`, () => {
      expect(translateStream(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
    });

    it(`into any pieces: ${name}`, () => {
      const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 });
      fc.assert(
        fc.property(cuts, (places) => {
          expect(translateStream(split(bytes, places))).toEqual(whole);
        }),
        { numRuns: 20 },
      );
    });
  }

  it('in two, at every byte', () => {
    const bytes = encoder.encode(SYNTHETIC);
    const whole = translateStream([bytes]);
    expect(whole.chunks.length).toBe(5);
    for (let cut = 0; cut <= bytes.length; cut++) expect(translateStream(split(bytes, [cut]))).toEqual(whole);
  });
});
