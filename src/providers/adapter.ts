import type { MessagesBody } from '../anthropic-api/messages-request.js';
import type { GenerateContentBody } from '../gemini-api/generate-content-request.js';
import type { Usage } from '../lib/usage.js';
import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import type { ChatCompletion } from '../openai-api/chat-completion.js';
import type { ChatRequest, Tool } from '../openai-api/chat-request.js';
import type { CompletionRequest } from '../openai-api/completion-request.js';
import type { Embeddings, EmbeddingsRequest } from '../openai-api/embeddings.js';
import type { MediaPath, MediaRequest } from '../openai-api/media/media-request.js';
import type { ResponsesRequest } from '../openai-api/responses/responses-request.js';
import type { Transport } from '../upstream/transport.js';
import type { SentSize } from './sent-size.js';

/**
 * Answers chat requests with one provider's models; opaque, so an in-process model fits as well.
 *
 * A method rejects with an `UpstreamError` when the provider failed (the gateway may then try again or elsewhere) and
 * with a `GatewayError` when the request itself can't be served (no other attempt is made). It must stop soon after
 * `call.signal` is aborted. It never retries by itself.
 */
export interface ProviderAdapter {
  /** The dialect, for logs: `openai`, `anthropic`, `google`, … */
  readonly name: string;
  chat(call: ChatCall): Promise<ChatAnswer>;
  /** Resolves when the first event of the answer has arrived and is not an error: from then on there is no retry. */
  stream(call: ChatCall): Promise<ChatStream>;
  /**
   * Loads what `request` needs from earlier answers (signatures, reasoning) that another process may have given.
   * Undefined: nothing is missing. Called before the request is sized and sent; a rejection stops neither.
   */
  recall?(request: ChatRequest, recollection: Recollection): Promise<void> | undefined;
  /**
   * True for an entry of `tools` other than a `function` that this provider takes on chat. If it takes no `custom`
   * ones, the gateway sends them as functions with one text field, and turns calls of these into calls of custom tools
   * for the client. Other entries are tools that the provider would run: those it does not take are left out, and
   * reported. Absent: it takes none.
   */
  takesTool?(tool: Tool): boolean;
  /** The other routes that this provider serves; absent: chat alone. */
  readonly routes?: ProviderRoutes;
  /** How large requests are as they will be sent. Without it, they are sized as the client wrote them. */
  readonly sizes?: { chat(call: ChatCall): SentSize } & RouteSizes;
}

/** The size of a request on another route, as it will be sent. @throws {GatewayError} when it can't be sent. */
export interface RouteSizes {
  responses?(call: RouteCall<ResponsesRequest>): SentSize;
  messages?(call: RouteCall<MessagesBody>): SentSize;
  generateContent?(call: RouteCall<GenerateContentBody>): SentSize;
}

/** Routes in addition to chat. Absent ones are refused, except `responses` and `messages`, which fall back to chat. */
export interface ProviderRoutes {
  embeddings?(call: RouteCall<EmbeddingsRequest>): Promise<EmbeddingsAnswer>;
  readonly completions?: TextRoute<CompletionRequest>;
  readonly responses?: TextRoute<ResponsesRequest>;
  readonly messages?: MessagesRoute;
  readonly generateContent?: GenerateContentRoute;
  /** Counts the input tokens of a chat request with the provider's own counter, which costs nothing; undefined: not for this model. */
  countTokens?(call: ChatCall): Promise<number | undefined>;
  /** Images, audio and moderations in the format of OpenAI's API. */
  readonly media?: MediaRoute;
}

/**
 * Routes that are chat in another format: where an adapter lacks one, or must not use it, the gateway translates it to
 * chat.
 */
export const NATIVE_FORMATS: readonly string[] = ['responses', 'messages', 'generateContent'];

/** Routes that take or make media; answers are relayed as they are. */
export interface MediaRoute {
  /** The paths that are served. Unset: all of them. */
  readonly paths?: readonly MediaPath[];
  answer(call: RouteCall<MediaRequest>): Promise<MediaAnswer>;
  /** Resolves when the first event has arrived and is not an error. */
  stream(call: RouteCall<MediaRequest>): Promise<ChatStream>;
  /** Resolves when the first bytes of an answer have arrived. Unset: the answer is read as a whole. */
  relay?(call: RouteCall<MediaRequest>): Promise<RelayedAnswer>;
}

/** An answer that is passed on byte by byte; the last batch is `finished`. */
export interface RelayedAnswer extends ChatStream {
  readonly contentType: string;
}

/** A whole answer of a media route. */
export interface MediaAnswer {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Undefined when the provider reported none: the most that the request can use is charged. */
  readonly usage?: Usage;
  /** Names of request fields that were dropped. */
  readonly dropped?: readonly string[];
}

/** Anthropic's Messages API. Chunks of its streams are the data of its events; the last one is `message_stop`. */
export interface MessagesRoute extends TextRoute<MessagesBody> {
  /** False for a model that has other formats only: it is asked by chat. Unset: every model has this one. */
  serves?(model: string): boolean;
  /** Undefined: this model has no counter, and the gateway estimates. */
  countTokens(call: RouteCall<MessagesBody>): Promise<number | undefined>;
}

/** Gemini's own API. The last chunk of a stream is the event that says why the answer ended. */
export interface GenerateContentRoute extends TextRoute<GenerateContentBody> {
  countTokens(call: RouteCall<GenerateContentBody>): Promise<number>;
}

/** A route whose answers are relayed as text, whole or as a stream. */
export interface TextRoute<Request> {
  answer(call: RouteCall<Request>): Promise<TextAnswer>;
  /** Resolves when the first event has arrived and is not an error. */
  stream(call: RouteCall<Request>): Promise<ChatStream>;
}

/** Reads what earlier answers of an account left with `Attempt.keep`. */
export interface Recollection {
  readonly accountId: string;
  /** By id; what is unknown is absent. Rejects when the store can't be read. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** What to do with a parameter that a model does not support: name it in a header, refuse it, or say nothing. */
export type UnsupportedPolicy = 'warn' | 'error' | 'drop';

/** What every call to a provider says, whatever the route. */
export interface Attempt {
  readonly requestId: string;
  readonly accountId: string;
  /** Secret for the digests that replace the ids of the account's own users before they are sent; no provider knows it. */
  readonly tenantSecret?: string | undefined;
  /** Tags of the request, for credentials that depend on them. Unset: none. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The model to ask the provider for. */
  readonly model: string;
  /** The output limit to send: the client's, or one the gateway sets; undefined: the provider's own default. */
  readonly maxOutputTokens?: number | undefined;
  /** True when the client set no output limit and `maxOutputTokens` comes from the gateway. */
  readonly outputLimitAdded: boolean;
  /** The model's own output limit, where the operator configured one. */
  readonly modelOutputLimit?: number | undefined;
  readonly unsupported: UnsupportedPolicy;
  /**
   * True: the tools in the request that the provider runs and bills by the call may run; those that may not have been left
   * out. Otherwise an adapter leaves all of them out. @default false
   */
  readonly providerTools?: boolean;
  /**
   * Keeps a text for later requests of the account: at most a million characters, under an id of at most 512. Other
   * processes see it where the gateway's store is shared. Absent: nothing can be kept.
   */
  keep?(id: string, value: string): void;
  readonly transport: Transport;
  /** Aborted when the client has disconnected or a timeout has passed. */
  readonly signal: AbortSignal;
  /** Called when bytes of the answer arrive; resets the idle timeout. */
  readonly onActivity: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** One attempt to get a chat answer. */
export interface ChatCall extends Attempt {
  /** Checked by `parseChatRequest`; must not be changed. `request.model` is the client's own name for the model. */
  readonly request: ChatRequest;
  /** The client's own bytes, where they say the same as `request` to every parser and may be forwarded. */
  readonly body?: Uint8Array | undefined;
}

/** One attempt on another route. The request is checked, and must not be changed. */
export interface RouteCall<Request> extends Attempt {
  readonly request: Request;
}

/** Vectors, with the text of the answer where the provider's own can be relayed. */
export interface EmbeddingsAnswer {
  readonly embeddings: Embeddings;
  /** The JSON text of `embeddings`. */
  readonly text?: string;
  /** Undefined when the provider reported none: the gateway then estimates. */
  readonly usage?: Usage;
  /** Names of request fields that were dropped. */
  readonly dropped?: readonly string[];
}

/** A whole answer as JSON text. */
export interface TextAnswer {
  /** The value of `text`. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly usage?: Usage;
  /** Characters of text in the answer, for an estimate where no usage was reported; not looked at where it was. */
  readonly characters: number;
  readonly dropped?: readonly string[];
}

/** A whole answer. */
export interface ChatAnswer {
  readonly completion: ChatCompletion;
  /** The JSON text of `completion`, where the provider's own bytes can be relayed. */
  readonly text?: string;
  /** Undefined when the provider reported none: the gateway then estimates. */
  readonly usage?: Usage;
  /** Names of request fields that were dropped. */
  readonly dropped?: readonly string[];
}

/** A streamed answer. The gateway stops reading it with `return()` when the client disconnects. */
export interface ChatStream {
  readonly batches: AsyncIterable<StreamBatch>;
  readonly dropped?: readonly string[];
}

/** Chunks that arrived together. The iterable ends after the batch with `finished`, or throws an `UpstreamError`. */
export interface StreamBatch {
  /** Chunks in order: objects, or the JSON text of a chunk that can be relayed. Without any usage. */
  readonly chunks: (ChatCompletionChunk | string)[];
  /** Bytes of an answer that is relayed as it is, in place of chunks. */
  readonly bytes?: Uint8Array;
  /** The newest report, cumulative: it replaces an earlier one. */
  usage?: Usage;
  /** True: the report counts every chunk of this batch. @default the chunks may be newer than it */
  usageIsCurrent?: boolean;
  /** JSON text of the provider's own last event, the one with the usage, relayed in place of one made from `usage`. */
  usageChunk?: string;
  /** The provider said that the answer is complete. */
  finished?: boolean;
}
