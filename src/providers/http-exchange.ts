import { GatewayError } from '../errors.js';
import { readText, type UpstreamRequest, type UpstreamResponse } from '../upstream/transport.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { asUpstreamError, invalidAnswer } from './answer-faults.js';
import { openBatches } from './event-batches.js';
import type { ChatDialect, Endpoint, NativeRequest, StreamTranslator } from './http-provider.js';
import type { Attempt, ChatStream } from './provider-adapter.js';

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Where a request goes, and who reads its errors. */
export interface Destination {
  readonly baseURL: string;
  /** Of every request for a whole answer. */
  readonly jsonHeaders: Readonly<Record<string, string>>;
  /** Of every request for a stream. */
  readonly streamHeaders: Readonly<Record<string, string>>;
  readonly toError: ChatDialect['toError'];
}

/** Makes once what all requests to an endpoint have in common. */
export function destinationOf({ baseURL, headers }: Endpoint, toError: ChatDialect['toError']): Destination {
  const json = { 'content-type': 'application/json', accept: 'application/json', ...headers };
  return { baseURL, jsonHeaders: json, streamHeaders: { ...json, accept: 'text/event-stream', ...headers }, toError };
}

/** The part of a call that an exchange needs. */
export type Exchange = Pick<Attempt, 'transport' | 'signal' | 'cancellation' | 'onActivity'>;

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
  destination: Destination,
  stream: boolean,
): Promise<UpstreamResponse> {
  const { baseURL, jsonHeaders, streamHeaders, toError } = destination;
  const headers = stream ? streamHeaders : jsonHeaders;
  let response: UpstreamResponse;
  try {
    response = await transmit(call, {
      method: 'POST',
      url: baseURL + native.path,
      headers: native.headers ? { ...headers, ...native.headers } : headers,
      body: native.body,
    });
  } catch (thrown) {
    throw asUpstreamError(thrown);
  }
  if (response.status >= 200 && response.status < 300) return response;
  const text = await readErrorText(response, call.onActivity);
  throw toError({ status: response.status, headers: response.headers, text });
}

/** A transport of the gateway's own needs no signal. */
function transmit(call: Exchange, request: Omit<UpstreamRequest, 'signal'>): Promise<UpstreamResponse> {
  const { transport, cancellation } = call;
  if (cancellation && transport.exchange) return transport.exchange(request, cancellation);
  const signal = cancellation?.signal ?? call.signal;
  return transport.send({ ...request, signal });
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
