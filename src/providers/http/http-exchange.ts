import { LARGE_BYTES } from '../../json/parsed-body.js';
import { cancellationOf } from '../../lib/cancellation.js';
import { GatewayError } from '../../lib/errors.js';
import { isThenable } from '../../lib/maybe-promise.js';
import { nextTurn } from '../../lib/next-turn.js';
import { exchangeOf } from '../../upstream/adopt-transport.js';
import { providerRequestId } from '../../upstream/provider-request-id.js';
import type { ReadEvents } from '../../upstream/sse-reader.js';
import { tooLarge } from '../../upstream/too-large.js';
import { readBytes, textOf, type UpstreamRequest, type UpstreamResponse } from '../../upstream/transport.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type { Attempt, ChatStream, RelayedAnswer } from '../adapter.js';
import { asUpstreamError, invalidAnswer, translationFault } from '../answer-faults.js';
import { openBytes } from './byte-batches.js';
import {
  type Authorization,
  type Authorize,
  type CredentialCall,
  credentialFunctions,
  type UnauthorizedRequest,
} from './credentials.js';
import type { ChatDialect, SentRequest, StreamTranslator } from './dialect.js';
import type { Endpoint } from './endpoint.js';
import { openBatches } from './event-batches.js';
import { LargeJson } from './large-json.js';
import { serverSentEvents } from './server-sent-events.js';

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Where a request goes, and who reads its errors. */
export interface Destination {
  readonly baseURL: string;
  readonly toUrl?: Endpoint['toUrl'];
  /** Headers of requests for a whole answer. */
  readonly jsonHeaders: Readonly<Record<string, string>>;
  /** Headers of requests for a stream. */
  readonly streamHeaders: Readonly<Record<string, string>>;
  readonly events?: Endpoint['events'];
  /** Makes the credential of each request; unset: it is among the headers. */
  readonly authorize?: Authorize | undefined;
  readonly toError: ChatDialect['toError'];
}

/** Makes once what all requests to an endpoint have in common. */
export function destinationOf(
  { baseURL, toUrl, headers, events, authorize }: Endpoint,
  toError: ChatDialect['toError'],
): Destination {
  const json = { 'content-type': 'application/json', accept: 'application/json', ...headers };
  const streamHeaders = { ...json, accept: events?.mediaType ?? 'text/event-stream', ...headers };
  return { baseURL, toUrl, jsonHeaders: json, streamHeaders, events, authorize, toError };
}

/** The part of a call that an exchange needs. */
export type ExchangeCall = CredentialCall & Pick<Attempt, 'transport' | 'onActivity'>;

/** What a whole answer is made into. */
type ReadWhole<T> = (body: Uint8Array, native: SentRequest, headers: UpstreamResponse['headers']) => T;

/**
 * Asks for a whole answer, and makes of its body what `read` does. What `translate` throws is a rejection, too.
 *
 * @throws {UpstreamError} without an answer, or when it is an error.
 */
export function fetchJson<T>(
  call: ExchangeCall,
  translate: () => SentRequest,
  destination: Destination,
  read: ReadWhole<T>,
): Promise<T> {
  try {
    const native = translate();
    const ready = requestOf(call, native, destination, destination.jsonHeaders);
    const { authorize, toError } = destination;
    if (!authorize) return exchangeWhole(call, ready, toError, native, read);
    return credentialFunctions().then(({ withAuthorization }) =>
      withAuthorization(ready, call, authorize, (authorization) =>
        exchangeWhole(call, authorized(ready, authorization), toError, native, read),
      ),
    );
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}

/** In one piece, since every function that waits for another adds promises to each request. */
async function exchangeWhole<T>(
  call: ExchangeCall,
  ready: ReadyRequest,
  toError: ChatDialect['toError'],
  native: SentRequest,
  read: ReadWhole<T>,
): Promise<T> {
  let response: UpstreamResponse;
  if (isLarge(ready)) await nextTurn();
  const sent = ready.body instanceof LargeJson ? await written(ready, ready.body) : ready;
  try {
    response = await send(call, sent);
  } catch (thrown) {
    throw asUpstreamError(thrown);
  }
  if (!isSuccess(response)) throw await errorOf(response, toError, call.onActivity);
  if (hasType(response, 'text/event-stream')) refuse(response, 'a stream where JSON was asked for');
  let body: Uint8Array;
  try {
    body = await readBytes(response.body, MAX_ANSWER_BYTES, call.onActivity);
  } catch (thrown) {
    throw halfRead(thrown);
  }
  try {
    return read(body, native, response.headers);
  } catch (thrown) {
    throw translationFault(thrown);
  }
}

/** Opens a stream; resolves when its first batch is there. @throws {UpstreamError} when it does not begin. */
export function fetchEvents(
  call: ExchangeCall,
  native: SentRequest,
  translator: () => StreamTranslator,
  destination: Destination,
): Promise<ChatStream> {
  const { events } = destination;
  // Loaded before anything is sent: an answer that can't be read would be billed as well.
  const reading = events ? loaded(events) : serverSentEvents();
  return isThenable(reading)
    ? reading.then((read) => openEvents(call, native, translator, destination, read))
    : openEvents(call, native, translator, destination, reading);
}

function openEvents(
  call: ExchangeCall,
  native: SentRequest,
  translator: () => StreamTranslator,
  destination: Destination,
  read: ReadEvents,
): Promise<ChatStream> {
  return request(call, native, destination, destination.streamHeaders, async (response, secrets) => {
    if (hasType(response, 'application/json')) await rejectJson(response, destination, call.onActivity);
    if (hasType(response, 'text/html')) refuse(response, 'a page where a stream was asked for');
    const plain = translator();
    const reader = secrets ? (await credentialFunctions()).redacting(plain, secrets) : plain;
    const batches = await openBatches(response, reader, call.onActivity, read);
    return { batches, ...(native.dropped && { dropped: native.dropped }) };
  });
}

/** @throws {UpstreamError} when a package is missing that reads such streams. */
async function loaded({ reader }: NonNullable<Destination['events']>): Promise<ReadEvents> {
  try {
    return await reader();
  } catch (cause) {
    throw new UpstreamError('connect', new GatewayError('upstream_error', { cause }), { cause });
  }
}

/** Opens an answer that is passed on as it comes; resolves when its first bytes are there. */
export function fetchBytes(call: ExchangeCall, native: SentRequest, destination: Destination): Promise<RelayedAnswer> {
  return request(call, native, destination, destination.jsonHeaders, async (response) => {
    if (hasType(response, 'text/event-stream')) refuse(response, 'a stream where a file was asked for');
    if (hasType(response, 'text/html')) refuse(response, 'a page where a file was asked for');
    const batches = await openBytes(response.body, call.onActivity);
    return { contentType: response.headers['content-type'] ?? 'application/octet-stream', batches };
  });
}

/** Reads the answer to a request; `secrets` are the credentials that were made for it. */
type ReadAnswer<T> = (response: UpstreamResponse, secrets?: readonly string[]) => Promise<T>;

type ReadyRequest = Omit<UpstreamRequest, 'signal'> & UnauthorizedRequest;

function requestOf(
  call: ExchangeCall,
  native: SentRequest,
  { baseURL, toUrl }: Destination,
  headers: Readonly<Record<string, string>>,
): ReadyRequest {
  return {
    method: 'POST',
    url: toUrl ? toUrl(native.path, call.model) : baseURL + native.path,
    headers: native.headers ? { ...headers, ...native.headers } : headers,
    body: native.body,
  };
}

function authorized(ready: ReadyRequest, { headers }: Authorization): ReadyRequest {
  return { ...ready, headers: { ...ready.headers, ...headers } };
}

/** Sends a request with the credential it needs, and reads a successful answer. */
function request<T>(
  call: ExchangeCall,
  native: SentRequest,
  destination: Destination,
  headers: Readonly<Record<string, string>>,
  read: ReadAnswer<T>,
): Promise<T> {
  const { authorize, toError } = destination;
  const ready = requestOf(call, native, destination, headers);
  if (!authorize) return exchange(call, ready, toError, read);
  return credentialFunctions().then(({ withAuthorization }) =>
    withAuthorization(ready, call, authorize, (authorization) =>
      exchange(call, authorized(ready, authorization), toError, (response) => read(response, authorization.secrets)),
    ),
  );
}

async function exchange<T>(
  call: ExchangeCall,
  ready: ReadyRequest,
  toError: ChatDialect['toError'],
  read: ReadAnswer<T>,
): Promise<T> {
  let response: UpstreamResponse;
  if (isLarge(ready)) await nextTurn();
  const sent = ready.body instanceof LargeJson ? await written(ready, ready.body) : ready;
  try {
    response = await send(call, sent);
  } catch (thrown) {
    throw asUpstreamError(thrown);
  }
  if (!isSuccess(response)) throw await errorOf(response, toError, call.onActivity);
  return await read(response);
}

/** True: it took long to write, and takes long to encode; others are served in between. */
function isLarge({ body }: ReadyRequest): boolean {
  return typeof body === 'string' && body.length > LARGE_BYTES;
}

/** With the length of its body, which is written as it is sent. */
async function written(ready: ReadyRequest, body: LargeJson): Promise<ReadyRequest> {
  const length = await body.length();
  return { ...ready, headers: { ...ready.headers, 'content-length': String(length) } };
}

function send(call: ExchangeCall, ready: Omit<UpstreamRequest, 'signal'>): Promise<UpstreamResponse> {
  return exchangeOf(call.transport)(ready, cancellationOf(call));
}

function isSuccess({ status }: UpstreamResponse): boolean {
  return status >= 200 && status < 300;
}

async function errorOf(
  response: UpstreamResponse,
  toError: ChatDialect['toError'],
  onActivity: () => void,
): Promise<UpstreamError> {
  const text = await readErrorText(response, onActivity);
  const error = toError({ status: response.status, headers: response.headers, text });
  error.requestId = providerRequestId(response.headers);
  return error;
}

/** Half an answer has been billed in full: it is never retried. */
function halfRead(thrown: unknown): UpstreamError {
  if (thrown instanceof RangeError) return tooLarge(thrown);
  return new UpstreamError('truncated', new GatewayError('upstream_error', { cause: thrown }), { cause: thrown });
}

/** An error's text matters less than its status: what can't be read counts as empty. */
async function readErrorText(response: UpstreamResponse, onActivity: () => void): Promise<string> {
  try {
    return textOf(await readBytes(response.body, MAX_ERROR_BYTES, onActivity));
  } catch {
    return '';
  }
}

/** The text of a body and its value. @throws {UpstreamError} when it is not JSON. */
export function parseAnswer(body: Uint8Array): { readonly json: unknown; readonly text: string } {
  const text = textOf(body);
  try {
    return { json: JSON.parse(text), text };
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
}

function hasType({ headers }: UpstreamResponse, type: string): boolean {
  return headers['content-type']?.toLowerCase().includes(type) ?? false;
}

/** Cancels the body and rejects. */
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
