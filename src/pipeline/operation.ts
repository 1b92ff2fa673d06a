import type { GatewayError } from '../lib/errors.js';
import type { Usage } from '../lib/usage.js';
import type { TokenBounds } from '../meter/bounds.js';
import type { PriceList } from '../meter/price.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import type { Attempt, ChatCall, ProviderAdapter, Recollection, RouteCall, StreamBatch } from '../providers/adapter.js';
import type { SentSize } from '../providers/sent-size.js';

/**
 * What a client asked for, in the form the pipeline needs: each route makes one from a request body. The pipeline
 * knows nothing else of a route.
 */
export interface Operation {
  /** The route, for logs: `chat/completions`. */
  readonly route: string;
  /** The model as the client named it. */
  readonly model: string;
  readonly stream: boolean;
  /** How large the input is. */
  readonly input: InputSize;
  /**
   * Sizes the request as an adapter would send it; undefined: all of it is text, and `input` says how much.
   *
   * @throws {GatewayError} when the adapter can't send it.
   */
  readonly sentSize?: MeasureSent | undefined;
  /** The same of a request that is all text, for adapters that add to it what they remember of its tool calls. */
  readonly recalledSize?: MeasureSent | undefined;
  /**
   * Loads what an adapter must send back of earlier answers and the client has not sent; undefined: nothing is missing.
   */
  recall?(adapter: ProviderAdapter, recollection: Recollection): Promise<void> | undefined;
  /** Undefined: this kind of answer has no output tokens (embeddings). */
  readonly output: OutputSize | undefined;
  /** Requests with the same value go to the same target where there is a choice: it keeps prompt caches warm. */
  readonly stickyKey: string | undefined;
  /** Whom the body says it is for: `safety_identifier`, `user`. */
  readonly endUser?: string | undefined;
  /** False: this provider can't serve the operation at all. */
  fits(adapter: ProviderAdapter): boolean;
  /** Gets a whole answer. */
  call(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer>;
  /** Opens a stream. */
  open(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<OpenStream>;
  /**
   * True: a whole answer of this adapter at this target is passed on as it comes, by `open`, since its cost does not depend
   * on what is in it. Unset: it is read first.
   */
  relays?(adapter: ProviderAdapter, target: PricedTarget): boolean;
  /** What ends a stream that failed, in the client's format. */
  fail(error: GatewayError, requestId: string): string;
  /** The content type of a stream. @default `text/event-stream; charset=utf-8` */
  readonly streamType?: string;
  /** What is charged in place of text tokens, by how a target is priced; unset: text tokens. */
  pricedUse?(target: PricedTarget): PricedUse;
  /** Set where the request is a form: its texts, which hooks may read and change. */
  readonly form?: FormTexts;
  /** True: asks for a search that is billed once, whether the answer reports it or not. */
  readonly searches?: boolean;
  /** Called once, when the request is over: deletes uploaded files. Never fails. */
  dispose?(): void;
  /** True: costs nothing and holds nothing (counting tokens); limits apply. @default false */
  readonly free?: boolean;
}

/** Sizes a request as an adapter would send it. @throws {GatewayError} when the adapter can't send it. */
export type MeasureSent = (adapter: ProviderAdapter, attempt: Attempt) => SentSize;

/** What sizes a request at an adapter; undefined: all that the adapter would send is text, and `input` says how much. */
export function measureAt(
  { sentSize, recalledSize }: Pick<Operation, 'sentSize' | 'recalledSize'>,
  { recall }: Pick<ProviderAdapter, 'recall'>,
): MeasureSent | undefined {
  return sentSize ?? (recall && recalledSize);
}

/** The fields of a form besides its files. */
export interface FormTexts {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The same request with other fields; undefined removes one. @throws {GatewayError} that names the wrong field. */
  withFields(fields: Readonly<Record<string, unknown>>): Promise<Operation>;
}

/** Where a request is priced: the model by its provider's name. */
export interface PricedTarget {
  readonly model: string;
  readonly price: PriceList;
}

/** How a request that is more than text tokens is held and charged at one target. */
export interface PricedUse {
  /** False: the price says nothing about what the request uses, so that money can't be held for it. */
  readonly priced: boolean;
  /** The most that it can use. */
  readonly bounds: TokenBounds;
  /** Why the bounds are none, where nothing proves how large the request is. */
  readonly unsized?: GatewayError | undefined;
  /** What is charged. @param reported undefined: the provider reported none. */
  charged(reported: Usage | undefined): Usage;
}

/** What an operation makes its calls to a provider with: one attempt at one target. */
export interface TargetAttempt
  extends Pick<
    Attempt,
    'requestId' | 'accountId' | 'model' | 'maxOutputTokens' | 'modelOutputLimit' | 'unsupported' | 'providerTools'
  > {
  /** Leaves a text for later requests of the account; written when the request ends, before its last byte leaves. */
  keep(id: string, value: string): void;
  chatCall(chat: ChatSource): ChatCall;
  routeCall<Request>(request: Request): RouteCall<Request>;
}

/** A chat request that is read as far as it is asked for. */
export interface ChatSource {
  readonly request: ChatRequest;
  /** Enough of `request` to decide about it; long texts are cut. */
  readonly outline: ChatRequest;
  /** The client's own bytes, where they say the same. */
  readonly bytes: Uint8Array | undefined;
}

/** The size of an input: a cheap estimate for limits, and an upper bound of any honest token count, for money. */
export interface InputSize {
  readonly estimatedTokens: number;
  readonly maxTokens: number;
  /** The most that a provider adds to it by itself, in tokens. @default 0 */
  readonly instructionTokens?: number;
}

export interface OutputSize {
  /** Answers asked for (`n`). */
  readonly choices: number;
  /** Output limit that the client set, per answer. */
  readonly limit: number | undefined;
}

/** Counts the input tokens of a chat request exactly; replaces estimate and bound. */
export type CountTokens = (request: ChatRequest) => number;

/** A whole answer, ready for the client. */
export interface Answer {
  readonly body: string | Uint8Array;
  /** The body with the usage that is recorded, where the provider reported none. */
  readonly bodyWith?: (usage: Usage) => string;
  /** The body with its cost in USD, where the client has asked for that. */
  readonly withCost?: ((body: string, cost: string) => string) | undefined;
  /** @default `application/json` */
  readonly contentType?: string;
  /** Undefined: the provider reported none. */
  readonly usage: Usage | undefined;
  /** Output tokens by the gateway's own estimate, for when there is no report. */
  readonly estimatedOutput: number;
  readonly dropped: readonly string[];
}

/** An open stream. */
export interface OpenStream {
  readonly batches: AsyncIterable<StreamBatch>;
  /** A batch in the client's format; each is encoded once, in order. */
  encode(batch: StreamBatch): Frames;
  readonly dropped: readonly string[];
  /** Set when the answer is relayed as it is: its type. It has no room for frames of the gateway's own. */
  readonly contentType?: string;
  /**
   * What ends a complete answer: the usage chunk where it was asked for, and `[DONE]`.
   *
   * @param cost what the answer costs, in USD.
   */
  end(usage: Usage, cost: () => string): string | Uint8Array;
}

/** What arrived together, encoded. */
export interface Frames {
  /** Bytes where the answer is relayed as it is. */
  readonly text: string | Uint8Array;
  /** Newest report, cumulative. */
  readonly usage: Usage | undefined;
  /** Output tokens in these frames by the gateway's own estimate. */
  readonly estimatedOutput: number;
}
