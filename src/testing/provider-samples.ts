import { fail, ok } from 'node:assert/strict';
import { GatewayError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import type { EmbeddingsRequest } from '../openai-api/embeddings.js';
import type { Attempt, ChatCall, ChatStream, ProviderAdapter, RouteCall, StreamBatch } from '../providers/adapter.js';
import type { Transport } from '../upstream/transport.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import type { FakeAnswer } from './fake-answer.js';
import type { SuiteSkip } from './suite.js';

/** An adapter for one test, and what the test may want to know about its provider. */
export interface ProviderUnderTest {
  readonly adapter: ProviderAdapter;
  /** Resolves once the provider has noticed that its caller disconnected. Unset: not checked. */
  stopped?(): Promise<unknown>;
  close?(): MaybePromise<void>;
}

export interface ProviderSuiteOptions {
  /**
   * Makes an adapter for one test, whose provider answers every request as scripted. With HTTP that is
   * `fakeUpstream({ answer })`; an adapter without HTTP reads the fields of the script itself.
   */
  readonly create: (answer: FakeAnswer) => MaybePromise<ProviderUnderTest>;
  /** The model to ask for. @default 'test-model' */
  readonly model?: string;
  /** The model to ask for embeddings. Unset: the adapter must have no such route. */
  readonly embeddingModel?: string;
  /** @default undiciTransport() */
  readonly transport?: Transport;
  /** How long a test waits for what must come at once, in milliseconds. @default 20_000 */
  readonly patienceMs?: number;
  readonly skip?: readonly SuiteSkip[];
}

/** One test of the provider suite; it may start several adapters. */
export interface ProviderCase {
  readonly name: string;
  readonly run: (start: (answer: FakeAnswer) => Promise<ProviderSubject>) => Promise<void>;
}

/** An answer in pieces, with characters of one to four bytes. */
export const PIECES = ['Grüße ', 'aus ', '世界', ' 🙂.'] as const;
export const TEXT = PIECES.join('');

const WEATHER = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'The weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
  },
};

/** What the models call in the cases about tools. */
export const TOOL_CALLS = [
  { name: 'weather', arguments: { city: 'Köln "Süd"', days: 2 } },
  { name: 'weather', arguments: { city: 'Bonn', days: 1 } },
] as const;

/** A stream that is read piece by piece. */
export class ReadStream {
  readonly chunks: ChatCompletionChunk[] = [];
  readonly batches: StreamBatch[] = [];
  readonly iterator: AsyncIterator<StreamBatch>;

  constructor({ batches }: ChatStream) {
    this.iterator = batches[Symbol.asyncIterator]();
  }

  get text(): string {
    return this.chunks.map(({ choices: [choice] }) => choice?.delta.content ?? '').join('');
  }

  /** The newest report. */
  get usage(): StreamBatch['usage'] {
    return this.batches.findLast(({ usage }) => usage !== undefined)?.usage;
  }

  get finished(): boolean {
    return this.batches.some(({ finished }) => finished === true);
  }

  /** False at the end. */
  async next(): Promise<boolean> {
    const { done, value } = await this.iterator.next();
    if (done) return false;
    this.batches.push(value);
    for (const chunk of value.chunks) this.chunks.push(typeof chunk === 'string' ? JSON.parse(chunk) : chunk);
    return true;
  }

  async toEnd(): Promise<this> {
    while (await this.next());
    return this;
  }
}

/** The adapter of one case, and calls with all that a gateway would say. */
export class ProviderSubject {
  readonly adapter: ProviderAdapter;
  readonly #subject: ProviderUnderTest;
  readonly #options: ProviderSuiteOptions;
  readonly #transport: Transport;
  #calls = 0;
  /** How often an answer was reported to have moved on. */
  activity = 0;

  constructor(subject: ProviderUnderTest, options: ProviderSuiteOptions, transport: Transport) {
    this.adapter = subject.adapter;
    this.#subject = subject;
    this.#options = options;
    this.#transport = transport;
  }

  chatCall(changes: Partial<ChatRequest> = {}, signal = new AbortController().signal): ChatCall {
    const model = this.#options.model ?? 'test-model';
    const messages = [{ role: 'user' as const, content: 'How is the weather?' }];
    return { ...this.#attempt(model, signal), request: deepFrozen({ model: 'client-name', messages, ...changes }) };
  }

  toolCall(): ChatCall {
    return this.chatCall({ tools: [WEATHER], tool_choice: 'auto' });
  }

  embeddingsCall(input: string[]): RouteCall<EmbeddingsRequest> {
    const model = this.#options.embeddingModel ?? 'test-model';
    const request = deepFrozen({ model: 'client-name', input });
    return { ...this.#attempt(model, new AbortController().signal), request };
  }

  async stream(call: ChatCall = this.chatCall()): Promise<ReadStream> {
    return new ReadStream(await this.soon(this.adapter.stream(call), 'a stream'));
  }

  /** Fails when the promise takes longer than the suite is patient. */
  async soon<T>(promise: Promise<T>, what: string): Promise<T> {
    const { patienceMs = 20_000 } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} did not come within ${patienceMs} ms`)), patienceMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves once the provider has stopped, where the test can see it. */
  async stopped(): Promise<void> {
    await this.soon(Promise.resolve(this.#subject.stopped?.()), 'the end of the work at the provider');
  }

  /** What the promise rejects with. */
  async thrownBy(work: Promise<unknown>, what: string): Promise<unknown> {
    const outcome = work.then(
      () => fail(`${what} must reject`),
      (thrown: unknown) => thrown,
    );
    return this.soon(outcome, what);
  }

  #attempt(model: string, signal: AbortSignal): Attempt {
    return {
      requestId: `req_${++this.#calls}`,
      accountId: 'account_1',
      model,
      outputLimitAdded: false,
      unsupported: 'warn',
      transport: this.#transport,
      signal,
      onActivity: () => void this.activity++,
      now: () => 1_760_000_000_123,
    };
  }
}

/** The error that a client would see. */
export function clientErrorOf(thrown: unknown): GatewayError {
  if (UpstreamError.isInstance(thrown)) return thrown.clientError;
  ok(GatewayError.isInstance(thrown), `neither an UpstreamError nor a GatewayError: ${String(thrown)}`);
  return thrown;
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFrozen(part);
  return Object.freeze(value);
}
