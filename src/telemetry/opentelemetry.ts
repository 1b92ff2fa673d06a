import {
  type Attributes,
  type Context,
  context,
  type MeterProvider,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { headerValue, type RequestHeaders } from '../http/exchange.js';
import { type Check, checkGiven, methods, notNegative } from '../lib/option-checks.js';
import { completionTokens, promptTokens } from '../lib/usage.js';
import { withFields } from '../lib/with-fields.js';
import type {
  AttemptTarget,
  RequestFollower,
  RequestObserver,
  RequestReport,
  RequestStart,
} from '../observe/observer.js';
import type { AttemptRecord } from '../requests/request-record.js';
import { type Instruments, instrumentsOf, recordRequest } from './opentelemetry-metrics.js';
import { cacheWrites, operationOf, providerName, SCOPE_NAME } from './opentelemetry-names.js';

/** Where spans and metrics go. */
export interface OpenTelemetryOptions {
  /** @default the global one */
  readonly tracerProvider?: TracerProvider;
  /** @default the global one */
  readonly meterProvider?: MeterProvider;
  /**
   * Puts the bodies of requests and answers on spans, as they are, in `gen_ai.input.messages` and `gen_ai.output.messages`, at
   * most this many characters of each. They often hold personal data. @default 0: none
   */
  readonly contentCharacters?: number;
}

const OPTIONS = {
  tracerProvider: methods(['getTracer']),
  meterProvider: methods(['getMeter']),
  contentCharacters: notNegative,
} satisfies Record<keyof OpenTelemetryOptions, Check>;

/**
 * Spans and metrics by OpenTelemetry's semantic conventions for generative AI. Give it to `createGateway` as
 * `telemetry`.
 *
 * Each request is a span, part of the host's own trace or of the client's (`traceparent`), with a child for each attempt
 * at a provider; spans of the HTTP client become children of those. What a request was charged is `metask.cost`, in USD.
 *
 * Source of names, units and buckets: OpenTelemetry, semantic conventions v1.45.0 (`http.*`, `error.type`, `enduser.id`, and the
 * `gen_ai.*` metrics that dashboards read today), and beside them "Semantic conventions for generative AI", v0.1.0 (client
 * inference, client embeddings, token metrics, model server metrics), which renamed some.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): RequestObserver {
  checkGiven('openTelemetry', options, OPTIONS);
  const { contentCharacters = 0 } = options;
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE_NAME);
  const instruments = instrumentsOf(options.meterProvider ?? metrics.getMeterProvider());
  return {
    bodyCharacters: contentCharacters,
    begin: (start) => new RequestSpan(start, tracer, instruments),
    ended: (report) => recordRequest(instruments, report),
  };
}

/** The span of one request, and those of its attempts. */
class RequestSpan implements RequestFollower {
  readonly #tracer: Tracer;
  readonly #instruments: Instruments;
  readonly #operation: string;
  readonly #context: Context;
  readonly #span: Span;
  #attempt: AttemptSpan | undefined;

  constructor({ id, at, route, headers }: RequestStart, tracer: Tracer, instruments: Instruments) {
    const parent = parentOf(headers);
    this.#tracer = tracer;
    this.#instruments = instruments;
    this.#operation = operationOf(route);
    const attributes = { 'gen_ai.operation.name': this.#operation, 'metask.request.id': id, 'metask.route': route };
    const span = { kind: SpanKind.SERVER, startTime: at, attributes };
    this.#span = tracer.startSpan(this.#operation, span, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  attempt<T>({ provider, model }: AttemptTarget, work: () => T): T {
    this.#endAttempt();
    const attributes = {
      'gen_ai.operation.name': this.#operation,
      'gen_ai.provider.name': providerName(provider),
      'gen_ai.request.model': model,
    };
    const name = `${this.#operation} ${model}`;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, this.#context);
    this.#attempt = { span, attributes, startedAt: performance.now() };
    return context.with(trace.setSpan(this.#context, span), work);
  }

  attempted({ status, fault, message, providerRequestId }: AttemptRecord): void {
    const span = this.#attempt?.span;
    if (!span) return;
    if (status !== null) span.setAttribute('http.response.status_code', status);
    if (providerRequestId !== null) span.setAttribute('metask.provider_request.id', providerRequestId);
    // One that succeeded goes on until its answer has been received.
    if (fault !== null) this.#endAttempt(fault, message);
  }

  ended(report: RequestReport): void {
    this.#endAttempt(report.code, report.message);
    const span = this.#span;
    if (report.model !== null) span.updateName(`${this.#operation} ${report.model}`);
    span.setAttributes(attributesOf(report));
    if (report.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: report.message ?? '' });
    span.end();
  }

  #endAttempt(fault: string | null = null, message: string | null = null): void {
    if (!this.#attempt) return;
    const { span, attributes, startedAt } = this.#attempt;
    this.#attempt = undefined;
    if (fault !== null) {
      span.setAttribute('error.type', fault);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== null && { message }) });
    }
    span.end();
    const { attemptDuration, embeddingsDuration, inferenceDuration } = this.#instruments;
    const seconds = (performance.now() - startedAt) / 1_000;
    const dimensions = withFields(attributes, fault === null ? {} : { 'error.type': fault });
    attemptDuration.record(seconds, dimensions);
    (this.#operation === 'embeddings' ? embeddingsDuration : inferenceDuration).record(seconds, dimensions);
  }
}

interface AttemptSpan {
  readonly span: Span;
  readonly attributes: Attributes;
  readonly startedAt: number;
}

function attributesOf(report: RequestReport): Attributes {
  const { usage, firstTokenMs, endUser, session } = report;
  return {
    'http.response.status_code': report.status,
    'metask.attempts': report.attempts.length,
    ...(report.stream && { 'gen_ai.request.stream': true }),
    ...(report.model !== null && { 'gen_ai.request.model': report.model }),
    ...(report.provider !== null && { 'gen_ai.provider.name': providerName(report.provider) }),
    ...(report.upstreamModel !== null && { 'gen_ai.response.model': report.upstreamModel }),
    ...(report.accountId !== null && { 'metask.account.id': report.accountId, 'metask.via': report.via }),
    ...(report.keyId !== null && { 'metask.key.id': report.keyId }),
    ...(endUser !== null && { 'enduser.id': endUser }),
    ...(session !== null && { 'gen_ai.conversation.id': session }),
    ...(report.code !== null && { 'error.type': report.code }),
    ...(firstTokenMs !== null && { 'metask.time_to_first_token': firstTokenMs / 1_000 }),
    ...(usage && {
      'gen_ai.usage.input_tokens': promptTokens(usage),
      'gen_ai.usage.output_tokens': completionTokens(usage),
      'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
      'gen_ai.usage.cache_creation.input_tokens': cacheWrites(usage),
      'gen_ai.usage.cache_write.input_tokens': cacheWrites(usage),
      'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
      'metask.cost': Number(report.cost) / 1e9,
    }),
    ...(report.requestBody && { 'gen_ai.input.messages': report.requestBody }),
    ...(report.answerBody && { 'gen_ai.output.messages': report.answerBody }),
  };
}

/**
 * The context that a request's span belongs to: the host's own span where there is one, else the client's.
 * Source: W3C Trace Context, `traceparent`.
 */
function parentOf(headers: RequestHeaders): Context {
  const active = context.active();
  if (trace.getSpan(active)) return active;
  const header = headerValue(headers, 'traceparent');
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header ?? '');
  const [, traceId = '', spanId = '', flags = ''] = match ?? [];
  if (!match || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return active;
  return trace.setSpanContext(active, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });
}
