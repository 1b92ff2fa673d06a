import type { IncomingHttpHeaders } from 'node:http';
import type { FakeProvider, FakeToolCall, FakeUsage } from './fake-wire.js';
import type { Gate } from './gate.js';

/** What a fake provider does with one request. With no field set: a short greeting. */
export interface FakeAnswer {
  /** The text; a list is streamed piece by piece, waiting at each gate in it. */
  readonly text?: string | readonly (string | Gate)[];
  readonly toolCalls?: readonly FakeToolCall[];
  /** What the model thinks first, with the signature of its provider; `reasoning_content` in chat of OpenAI's form, an item of its responses. */
  readonly thinking?: string;
  /** Tokens. @default a quarter of the characters */
  readonly usage?: Partial<FakeUsage>;
  /** A stream of OpenAI's form ends with its usage, also when the request does not ask for it, as at some compatible APIs. */
  readonly streamUsage?: boolean;
  /** @default 'stop' */
  readonly finish?: 'stop' | 'length';
  /** From 400 on the body is an error in the provider's own format. @default 200 */
  readonly status?: number;
  /** Further answer headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, in place of the provider's format; a list piece by piece, gates waited for. */
  readonly body?: string | readonly (string | Gate)[];
  /** Waited for before the head of the answer is sent. */
  readonly before?: Gate;
  /** Milliseconds before the head of the answer. */
  readonly firstByteDelayMs?: number;
  /** Milliseconds before each further event of a stream. */
  readonly chunkDelayMs?: number;
  /** After this many events nothing more comes, and the connection stays open. */
  readonly stallAfter?: number;
  /** After this many bytes of the body the connection is reset. */
  readonly resetAfterBytes?: number;
  /** A stream ends without what marks its end: `[DONE]`, `message_stop`, a finish reason. */
  readonly endWithoutTerminal?: boolean;
}

/** A request that a fake provider received. */
export interface FakeRequest {
  readonly provider: FakeProvider;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it was sent. */
  readonly text: string;
  /** The body as a value; undefined when it is not JSON. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly model: string;
  readonly stream: boolean;
  /** The text of the last message. */
  readonly prompt: string;
  /** How the exchange ended: with the whole script, or because the caller went away first. */
  readonly ended: Promise<'complete' | 'aborted'>;
}
