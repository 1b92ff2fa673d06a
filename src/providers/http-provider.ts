import { GatewayError } from '../errors.js';
import { readText, type UpstreamResponse } from '../upstream/transport.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { invalidAnswer, transported } from './answer-faults.js';
import { openBatches } from './event-batches.js';
import type {
  Attempt,
  ChatAnswer,
  ChatCall,
  ChatStream,
  ProviderAdapter,
  ProviderRoutes,
  StreamBatch,
} from './provider-adapter.js';

export { invalidAnswer, truncatedAnswer } from './answer-faults.js';

/** One provider's wire format as four pure translators. */
export interface ChatDialect {
  /** `openai`, `anthropic`, `google`, … */
  readonly name: string;
  /** Builds the native request. @throws {GatewayError} when the request means something the provider can't do. */
  toRequest(call: ChatCall, stream: boolean): NativeRequest;
  /** Translates a native answer. `text` is the JSON text of `json`. @throws {UpstreamError} when it is none. */
  toCompletion(json: unknown, text: string, call: ChatCall): Omit<ChatAnswer, 'dropped'>;
  /** A fresh translator for one stream. */
  toChunks(call: ChatCall): StreamTranslator;
  /** Reads a native error answer. */
  toError(answer: NativeError): UpstreamError;
}

export interface NativeRequest {
  /** Appended to the base URL, with its leading slash. */
  readonly path: string;
  readonly body: string | Uint8Array;
  /** Headers of this request alone, lower-case names. */
  readonly headers?: Record<string, string>;
  /** Names of request fields that were left out. */
  readonly dropped?: readonly string[];
}

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

/** Where and as whom to call. */
export interface Endpoint {
  /** Without a trailing slash. */
  readonly baseURL: string;
  /** Credentials and fixed headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Builds an adapter from a dialect: transport, errors, and event reading are shared by all of them. */
export function httpProvider(dialect: ChatDialect, endpoint: Endpoint, routes?: ProviderRoutes): ProviderAdapter {
  const { toError } = dialect;
  return {
    name: dialect.name,

    async chat(call): Promise<ChatAnswer> {
      const native = dialect.toRequest(call, false);
      const { json, text } = await fetchJson(call, native, { endpoint, toError });
      const answer = dialect.toCompletion(json, text, call);
      return native.dropped ? { ...answer, dropped: native.dropped } : answer;
    },

    async stream(call): Promise<ChatStream> {
      const native = dialect.toRequest(call, true);
      return fetchEvents(call, native, () => dialect.toChunks(call), { endpoint, toError });
    },

    ...(routes && { routes }),
  };
}

/** Where a request goes, and who reads its errors. */
export interface Destination {
  readonly endpoint: Endpoint;
  readonly toError: ChatDialect['toError'];
}

/** The part of a call that an exchange needs. */
export type Exchange = Pick<Attempt, 'transport' | 'signal' | 'onActivity'>;

/** Asks for a whole answer. @throws {UpstreamError} when there is none, or when it is an error. */
export async function fetchJson(
  call: Exchange,
  native: NativeRequest,
  destination: Destination,
): Promise<{ readonly json: unknown; readonly text: string }> {
  const response = await send(call, native, destination, false);
  if (hasType(response, 'text/event-stream')) refuse(response, 'a stream where JSON was asked for');
  const text = await readAnswer(response, call.onActivity);
  return { json: parseAnswer(text), text };
}

/** Opens a stream; resolves when its first batch is there. @throws {UpstreamError} when it does not begin. */
export async function fetchEvents(
  call: Exchange,
  native: NativeRequest,
  translator: () => StreamTranslator,
  destination: Destination,
): Promise<ChatStream> {
  const response = await send(call, native, destination, true);
  if (hasType(response, 'application/json')) await rejectJson(response, destination, call.onActivity);
  if (hasType(response, 'text/html')) refuse(response, 'a page where a stream was asked for');
  const batches = await openBatches(response, translator(), call.onActivity);
  return { batches, ...(native.dropped && { dropped: native.dropped }) };
}

async function send(
  call: Exchange,
  native: NativeRequest,
  { endpoint, toError }: Destination,
  stream: boolean,
): Promise<UpstreamResponse> {
  const response = await transported(
    call.transport.send({
      method: 'POST',
      url: endpoint.baseURL + native.path,
      headers: {
        'content-type': 'application/json',
        accept: stream ? 'text/event-stream' : 'application/json',
        ...endpoint.headers,
        ...native.headers,
      },
      body: native.body,
      signal: call.signal,
    }),
  );
  if (response.status >= 200 && response.status < 300) return response;
  const text = await readErrorText(response, call.onActivity);
  throw toError({ status: response.status, headers: response.headers, text });
}

/** Half an answer has been billed in full: whatever breaks it, it is not asked for again. */
async function readAnswer(response: UpstreamResponse, onActivity: () => void): Promise<string> {
  try {
    return await readText(response.body, MAX_ANSWER_BYTES, onActivity);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw invalidAnswer(thrown);
    throw new UpstreamError('truncated', new GatewayError('upstream_error', { cause: thrown }), { cause: thrown });
  }
}

/** An error's text matters less than its status: what can't be read counts as empty. */
async function readErrorText(response: UpstreamResponse, onActivity: () => void): Promise<string> {
  try {
    return await readText(response.body, MAX_ERROR_BYTES, onActivity);
  } catch {
    return '';
  }
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
}

function hasType({ headers }: UpstreamResponse, type: string): boolean {
  return headers['content-type']?.toLowerCase().includes(type) ?? false;
}

/** Not worth reading. */
function refuse({ body }: UpstreamResponse, why: string): never {
  body.cancel();
  throw invalidAnswer(new Error(why));
}

/** A provider that answers JSON where a stream was asked for: an error body in most cases. */
async function rejectJson(
  response: UpstreamResponse,
  { toError }: Destination,
  onActivity: () => void,
): Promise<never> {
  const text = await readErrorText(response, onActivity);
  if (text.includes('"error"')) throw toError({ headers: response.headers, text });
  throw invalidAnswer(new Error('JSON where a stream was asked for'));
}
