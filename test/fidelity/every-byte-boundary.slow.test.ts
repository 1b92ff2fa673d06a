import { describe, expect, it } from 'vitest';
import type { ProviderAdapter } from '../../src/providers/adapter.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { type CollectedStream, collectStream, fakeCall, fakeTransport } from '../helpers/fake-call.js';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { type Recording, recordings } from '../helpers/recordings.js';

const CASES_PER_DIALECT = 10_000;
const EXHAUSTIVE_BYTES = 4_096;
const encoder = new TextEncoder();

describe.each(Object.entries(RECORDED_ADAPTERS))('streams of %s', (provider, adapterAt) => {
  const streams = recordings().filter((recording) => recording.provider === provider && recording.stream);
  const adapter = adapterAt('http://provider.test');

  it(`say the same wherever the network cuts them (${CASES_PER_DIALECT} cuts)`, { timeout: 300_000 }, async () => {
    let cases = 0;
    for (const stream of streams) {
      const bytes = encoder.encode(stream.body);
      const whole = await outcome(adapter, [bytes]);
      if (bytes.length <= EXHAUSTIVE_BYTES) {
        for (let at = 1; at < bytes.length; at++) {
          await sameAs(whole, adapter, [bytes.subarray(0, at), bytes.subarray(at)], stream, `cut at ${at}`);
          cases++;
        }
      }
    }
    const random = seededRandom(20_261_121).next;
    const bySize = streams.filter(({ body }) => body.length < 40_000);
    const wholes = new Map<Recording, Outcome>();
    for (; cases < CASES_PER_DIALECT; cases++) {
      const stream = bySize[Math.floor(random() * bySize.length)] as Recording;
      const bytes = encoder.encode(stream.body);
      const whole = wholes.get(stream) ?? (await outcome(adapter, [bytes]));
      wholes.set(stream, whole);
      await sameAs(whole, adapter, randomPieces(bytes, random), stream, `random case ${cases}`);
    }
    expect(cases).toBeGreaterThanOrEqual(CASES_PER_DIALECT);
  });
});

type Outcome = CollectedStream | { readonly error: string };

async function outcome(adapter: ProviderAdapter, pieces: readonly Uint8Array[]): Promise<Outcome> {
  const transport = fakeTransport({ pieces, headers: { 'content-type': 'text/event-stream' } });
  try {
    return await collectStream(adapter, fakeCall({ transport }));
  } catch (thrown) {
    return { error: String(thrown) };
  }
}

async function sameAs(
  whole: Outcome,
  adapter: ProviderAdapter,
  pieces: readonly Uint8Array[],
  stream: Recording,
  label: string,
): Promise<void> {
  const cut = await outcome(adapter, pieces);
  if (JSON.stringify(cut) !== JSON.stringify(whole)) expect(cut, `${stream.name}, ${label}`).toEqual(whole);
}

/** The bytes in pieces of 1 to 200 bytes, or of one byte each now and then. */
function randomPieces(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const longest = random() < 0.1 ? 1 : 1 + Math.floor(random() * 200);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = at + 1 + Math.floor(random() * longest);
    pieces.push(bytes.subarray(at, next));
    at = next;
  }
  return pieces;
}
