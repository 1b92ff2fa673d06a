import type { ChatRequest, Tool } from '../../openai-api/chat-request.js';
import type { UpstreamError } from '../../upstream/upstream-error.js';
import type { ChatAnswer, ChatCall, Recollection, StreamBatch } from '../adapter.js';
import type { SentSize } from '../sent-size.js';

/** One provider's wire format as four pure translators. */
export interface ChatDialect {
  /** `openai`, `anthropic`, `google`, … */
  readonly name: string;
  /** Loads code that few requests need, before the first of them is built; undefined: nothing is to be loaded. */
  prepare?(outline: ChatRequest): Promise<void> | undefined;
  /** Builds the native request. @throws {GatewayError} when the request means something the provider can't do. */
  toRequest(call: ChatCall, stream: boolean): SentRequest;
  /**
   * How large that request is, by its contents. Without it, the client's own request is sized.
   *
   * @throws {GatewayError} as `toRequest` does.
   */
  sentSize?(call: ChatCall): SentSize;
  /** Loads what a request needs of earlier answers; see `ProviderAdapter.recall`. */
  recall?(request: ChatRequest, recollection: Recollection): Promise<void> | undefined;
  /** See `ProviderAdapter.takesTool`. */
  takesTool?(tool: Tool): boolean;
  /** Translates a native answer. `text` is the JSON text of `json`. @throws {UpstreamError} when it is malformed. */
  toCompletion(json: unknown, text: string, call: ChatCall): Omit<ChatAnswer, 'dropped'>;
  /** A fresh translator for one stream. */
  toChunks(call: ChatCall): StreamTranslator;
  /** Reads a native error answer. */
  toError(answer: NativeError): UpstreamError;
}

/** A dialect that says how large its requests are. */
export type SizedDialect = ChatDialect & Required<Pick<ChatDialect, 'sentSize'>>;

export interface NativeRequest {
  /** Appended to the base URL, with its leading slash. */
  readonly path: string;
  readonly body: string | Uint8Array;
  /** Headers of this request alone, lower-case names. */
  readonly headers?: Record<string, string>;
  /** Names of request fields that were dropped. */
  readonly dropped?: readonly string[];
}

/** A request whose body may come in pieces: a form with files, or one that is too long to be written at once. */
export type SentRequest = Omit<NativeRequest, 'body'> & {
  readonly body: NativeRequest['body'] | AsyncIterable<Uint8Array>;
};

/** An answer with an error status, or an error event inside a stream (which has no status of its own). */
export interface NativeError {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, or the event's data; at most 64 KiB of it. */
  readonly text: string;
}

/** Turns the events of one stream into chunks. */
export interface StreamTranslator {
  /** The longest event in UTF-16 units. @default 1 MiB */
  readonly maxEventLength?: number;
  /** Adds what one event says to the batch. @throws {UpstreamError} when it is an error or makes no sense. */
  event(data: string, batch: StreamBatch, name: string | undefined): void;
  /** The provider closed the stream. @throws {UpstreamError} `truncated` when its answer was not complete. */
  end(batch: StreamBatch): void;
}
