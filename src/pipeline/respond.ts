import { errorBody, type GatewayError } from '../errors.js';
import type { GatewayResponse } from '../exchange.js';
import { rateLimitHeaders } from '../limits/rate-limit-headers.js';
import type { LimitState } from '../limits/rate-limiter.js';
import type { Called } from './call.js';

/** What every answer of a request tells. */
export interface Facts {
  readonly requestId: string;
  readonly states: readonly LimitState[];
}

/** Stage 9 of 9 · whole answer -> exchange. */
export function respond(facts: Facts, called: Extract<Called, { answer: unknown }>): GatewayResponse {
  const headers = {
    'content-type': 'application/json',
    ...common(facts),
    ...provenance(called, called.answer.dropped),
  };
  return { status: 200, headers, body: called.answer.body };
}

/**
 * Stage 9 of 9 · stream -> exchange, with the headers that keep proxies and compression from holding it back.
 *
 * @param called undefined when it is not known yet who will answer.
 */
export function respondStream(
  facts: Facts,
  called: Extract<Called, { stream: unknown }> | undefined,
  body: AsyncIterable<Uint8Array>,
): GatewayResponse {
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...common(facts),
    ...(called && provenance(called, called.stream.dropped)),
  };
  return { status: 200, headers, body };
}

/** Any JSON value as an answer. */
export function respondJson(facts: Facts, value: unknown): GatewayResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...common(facts) },
    body: JSON.stringify(value),
  };
}

/** An error as an answer. */
export function respondError(facts: Facts, error: GatewayError): GatewayResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', ...common(facts), ...error.headers },
    body: JSON.stringify(errorBody(error)),
  };
}

function common({ requestId, states }: Facts): Record<string, string> {
  return states.length === 0
    ? { 'x-request-id': requestId }
    : { 'x-request-id': requestId, ...rateLimitHeaders(states) };
}

function provenance({ target, attempts }: Called, dropped: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {
    'x-gateway-provider': headerText(target.provider),
    'x-gateway-model': headerText(target.model),
    'x-gateway-attempts': String(attempts),
  };
  if (dropped.length > 0) headers['x-gateway-dropped-params'] = headerText(dropped.join(', '));
  return headers;
}

/** Clients refuse heads above 16 KiB, and a request may name any number of fields. */
const MAX_HEADER_LENGTH = 1_024;

function headerText(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > MAX_HEADER_LENGTH ? `${printable.slice(0, MAX_HEADER_LENGTH)}...` : printable;
}
