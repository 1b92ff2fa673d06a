import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { ReadEvents } from '../../upstream/sse-reader.js';
import type { UpstreamError } from '../../upstream/upstream-error.js';
import type {
  ChatAnswer,
  ChatCall,
  ChatStream,
  ProviderAdapter,
  ProviderRoutes,
  Recollection,
  RouteSizes,
  StreamBatch,
} from '../adapter.js';
import { nativeAdapters } from '../adopt.js';
import { openaiSize } from '../openai/sent-size.js';
import type { SentSize } from '../sent-size.js';
import type { Authorize } from './credentials.js';
import { destinationOf, fetchEvents, fetchJson, parseAnswer } from './http-exchange.js';

export { invalidAnswer, truncatedAnswer } from '../answer-faults.js';

/** One provider's wire format as four pure translators. */
export interface ChatDialect {
  /** `openai`, `anthropic`, `google`, … */
  readonly name: string;
  /** Builds the native request. @throws {GatewayError} when the request means something the provider can't do. */
  toRequest(call: ChatCall, stream: boolean): NativeRequest;
  /** How large that request is, by what is in it. Without it the client's own request is judged. @throws {GatewayError} as `toRequest` does. */
  sentSize?(call: ChatCall): SentSize;
  /** Loads what a request needs of earlier answers; see `ProviderAdapter.recall`. */
  recall?(request: ChatRequest, recollection: Recollection): Promise<void> | undefined;
  /** Translates a native answer. `text` is the JSON text of `json`. @throws {UpstreamError} when it is none. */
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
  /** Names of request fields that were left out. */
  readonly dropped?: readonly string[];
}

/** A request whose body may come in pieces: a form with files. */
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

/** Another form of a stream than server-sent events. */
export interface EventFormat {
  /** What the request accepts. */
  readonly mediaType: string;
  readonly reader: () => Promise<ReadEvents>;
}

/** Where and as whom to call. */
export interface Endpoint {
  /** Without a trailing slash. */
  readonly baseURL: string;
  /** Makes the URL of a request out of its path, where the model or more belongs into it. Default: base URL and path. */
  readonly toUrl?: ((path: string, model: string) => string) | undefined;
  /** Credentials and fixed headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** What streams are read with where they are no server-sent events; loaded with the first one. */
  readonly events?: EventFormat | undefined;
  /** Makes the credential of each request, where it is not among the headers. */
  readonly authorize?: Authorize | undefined;
}

/** Builds an adapter from a dialect: transport, errors, and event reading are shared by all of them. */
export function httpProvider(
  dialect: ChatDialect,
  endpoint: Endpoint,
  routes?: ProviderRoutes,
  routeSizes?: RouteSizes,
): ProviderAdapter {
  const destination = destinationOf(endpoint, dialect.toError);
  const adapter: ProviderAdapter = {
    name: dialect.name,

    chat(call): Promise<ChatAnswer> {
      const translate = () => dialect.toRequest(call, false);
      return fetchJson(call, translate, destination, (body, { dropped }) => {
        const { json, text } = parseAnswer(body);
        const answer = dialect.toCompletion(json, text, call);
        return dropped ? { ...answer, dropped } : answer;
      });
    },

    async stream(call): Promise<ChatStream> {
      const native = dialect.toRequest(call, true);
      return fetchEvents(call, native, () => dialect.toChunks(call), destination);
    },

    ...(dialect.recall && { recall: dialect.recall }),
    ...(routes && { routes }),
    sizes: {
      ...routeSizes,
      chat: (call) => dialect.sentSize?.(call) ?? openaiSize(call.request, call.model),
    },
  };
  return nativeAdapters.attach(adapter, true);
}
