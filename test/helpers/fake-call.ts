import type { Usage } from '../../src/lib/usage.js';
import type { ChatCompletionChunk } from '../../src/openai-api/chat-chunk.js';
import type { ChatCall, ProviderAdapter } from '../../src/providers/adapter.js';
import type { Transport, UpstreamBody, UpstreamRequest } from '../../src/upstream/transport.js';

/** A transport that answers every request with the same bytes, in the given pieces, and notes what was sent. */
export interface FakeTransport extends Transport {
  readonly sent: UpstreamRequest[];
}

/** What the provider answers. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly pieces: readonly Uint8Array[];
}

/** Plays one answer again and again. */
export function fakeTransport(answer: FakeAnswer): FakeTransport {
  const sent: UpstreamRequest[] = [];
  return {
    sent,
    async send(request) {
      sent.push(request);
      return { status: answer.status ?? 200, headers: answer.headers ?? {}, body: pieces(answer.pieces) };
    },
  };
}

function pieces(list: readonly Uint8Array[]): UpstreamBody {
  let next = 0;
  return {
    async read() {
      const piece = list[next++];
      return piece === undefined ? undefined : [piece];
    },
    cancel() {},
    discard() {},
  };
}

/** A call with defaults for everything that a test does not care about. */
export function fakeCall(details: Partial<ChatCall>): ChatCall {
  return {
    requestId: 'req_1',
    accountId: 'account_1',
    model: details.request?.model ?? 'some-model',
    request: { model: 'some-model', messages: [{ role: 'user', content: 'Hello' }] },
    outputLimitAdded: false,
    unsupported: 'warn',
    transport: fakeTransport({ pieces: [] }),
    signal: new AbortController().signal,
    onActivity() {},
    now: () => 1_700_000_000_000,
    ...details,
  };
}

/** Everything that a stream said. */
export interface CollectedStream {
  readonly chunks: ChatCompletionChunk[];
  readonly usage: Usage | undefined;
  readonly usageChunk: string | undefined;
  readonly finished: boolean;
}

/** Reads a stream to its end. */
export async function collectStream(adapter: ProviderAdapter, call: ChatCall): Promise<CollectedStream> {
  const { batches } = await adapter.stream(call);
  const chunks: ChatCompletionChunk[] = [];
  let usage: Usage | undefined;
  let usageChunk: string | undefined;
  let finished = false;
  for await (const batch of batches) {
    for (const chunk of batch.chunks) chunks.push(typeof chunk === 'string' ? JSON.parse(chunk) : chunk);
    usage = batch.usage ?? usage;
    usageChunk = batch.usageChunk ?? usageChunk;
    finished ||= batch.finished === true;
  }
  return { chunks, usage, usageChunk, finished };
}
