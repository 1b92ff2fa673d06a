import { joined, type UpstreamBody } from '../../upstream/transport.js';
import type { StreamBatch } from '../adapter.js';
import { asUpstreamError, invalidAnswer } from '../answer-faults.js';

/** Reads a body as batches of its bytes. Resolves when the first is there. @throws {UpstreamError} when the body is empty. */
export async function openBytes(body: UpstreamBody, onActivity: () => void): Promise<AsyncIterable<StreamBatch>> {
  const first = await readOn(body, onActivity);
  if (first === undefined) throw invalidAnswer(new Error('an empty answer'));
  return byteBatches(body, first, onActivity);
}

async function* byteBatches(body: UpstreamBody, first: Uint8Array, onActivity: () => void): AsyncIterable<StreamBatch> {
  let finished = false;
  try {
    for (let bytes: Uint8Array | undefined = first; bytes; bytes = await readOn(body, onActivity))
      yield { chunks: [], bytes };
    finished = true;
    yield { chunks: [], finished };
  } finally {
    if (!finished) body.cancel();
  }
}

async function readOn(body: UpstreamBody, onActivity: () => void): Promise<Uint8Array | undefined> {
  let pieces: readonly Uint8Array[] | undefined;
  try {
    pieces = await body.read();
  } catch (thrown) {
    throw asUpstreamError(thrown);
  }
  onActivity();
  return pieces && joined(pieces);
}
