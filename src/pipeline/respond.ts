import type { GatewayResponse } from '../http/exchange.js';
import type { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import { NO_USAGE } from '../lib/usage.js';
import type { StreamResult, WholeResult } from './calling/call.js';
import type { Ending } from './ending.js';
import type { AnswerFacts, ClientFormat } from './route.js';
import type { Run } from './run-state.js';
import { costOfEnding } from './settle.js';
import { chargedAt } from './streaming/charged-usage.js';

const NONE: readonly string[] = [];
const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Stage 9 of 9 · whole answer -> exchange. */
export function respond(run: Run, result: WholeResult): GatewayResponse {
  const { body, withCost, contentType = 'application/json' } = result.answer;
  const cost = formatUsd(run.charged);
  const headers = headersOf(contentType, factsOf(run), run.route.format);
  addProvenance(headers, result, run);
  headers['x-gateway-cost'] = cost;
  return { status: 200, headers, body: withCost && typeof body === 'string' ? withCost(body, cost) : body };
}

/**
 * Stage 9 of 9 · stream -> exchange, with the headers that keep proxies and compression from holding it back.
 *
 * @param result undefined when it is not known yet who will answer.
 */
export function respondStream(
  run: Run,
  result: StreamResult | undefined,
  body: AsyncIterable<Uint8Array>,
): GatewayResponse {
  const relayedType = result?.answer.contentType;
  const headers = headersOf(relayedType ?? run.operation.streamType ?? EVENT_STREAM, factsOf(run), run.route.format);
  headers['cache-control'] = 'no-cache, no-transform';
  headers['x-accel-buffering'] = 'no';
  if (!result) return { status: 200, headers, body };
  addProvenance(headers, result, run);
  if (relayedType !== undefined) headers['x-gateway-cost'] = formatUsd(costOfEnding(run, completedBy(run, result)));
  return { status: 200, headers, body };
}

/** How a relayed answer will end, if it ends well. */
function completedBy(run: Run, { target }: StreamResult): Ending {
  return { outcome: 'completed', usage: chargedAt(run, target, undefined, () => NO_USAGE), target };
}

/** Tools that the plan does not include; reported only under the `warn` policy. */
function droppedToolsOf({ parts, runtime }: Run): readonly string[] {
  return (runtime.settings.unsupported === 'warn' && parts.tools?.dropped) || NONE;
}

function factsOf({ requestId, parts, runtime }: Run): AnswerFacts {
  return { requestId, states: parts.admission?.states ?? [], now: runtime.now() };
}

/** Any JSON value as an answer. */
export function respondJson(facts: AnswerFacts, value: unknown, format: ClientFormat): GatewayResponse {
  return {
    status: 200,
    headers: headersOf('application/json', facts, format),
    body: JSON.stringify(value),
  };
}

/** An error as an answer. */
export function respondError(facts: AnswerFacts, error: GatewayError, format: ClientFormat): GatewayResponse {
  return {
    status: format.errorStatus?.(error) ?? error.status,
    headers: { ...headersOf('application/json', facts, format), ...error.headers },
    body: format.errorBody(error, facts.requestId),
  };
}

/** Field by field: every answer makes them, and a spread copies several times slower. */
function headersOf(type: string, facts: AnswerFacts, format: ClientFormat): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': type, 'x-request-id': facts.requestId };
  format.addHeaders(headers, facts);
  return headers;
}

function addProvenance(
  headers: Record<string, string>,
  { target, attempts, answer }: WholeResult | StreamResult,
  run: Run,
): void {
  headers['x-gateway-provider'] = headerText(target.provider);
  headers['x-gateway-model'] = headerText(target.model);
  headers['x-gateway-attempts'] = String(attempts);
  const tools = droppedToolsOf(run);
  if (tools.length + answer.dropped.length === 0) return;
  headers['x-gateway-dropped-params'] = headerText([...tools, ...answer.dropped].join(', '));
}

/** Clients refuse heads above 16 KiB, and a request may name any number of fields. */
const MAX_HEADER_LENGTH = 1_024;

const PLAIN_HEADER = /^[\x20-\x7e]{0,1024}$/;

function headerText(text: string): string {
  if (PLAIN_HEADER.test(text)) return text;
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > MAX_HEADER_LENGTH ? `${printable.slice(0, MAX_HEADER_LENGTH)}...` : printable;
}
