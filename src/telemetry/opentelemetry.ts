import {
  type Attributes,
  type Context,
  context,
  type Histogram,
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
import { type OptionNames, unknownOptions } from '../lib/option-names.js';
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

/** Where spans and metrics go. */
export interface OpenTelemetryOptions {
  /** @default the global one */
  readonly tracerProvider?: TracerProvider;
  /** @default the global one */
  readonly meterProvider?: MeterProvider;
  /**
   * Puts prompts and answers on spans, as `gen_ai.input.messages` and `gen_ai.output.messages`, at most this many
   * characters of each. They often hold personal data. @default 0: none
   */
  readonly contentCharacters?: number;
}

const OPTIONS: OptionNames<OpenTelemetryOptions> = {
  tracerProvider: true,
  meterProvider: true,
  contentCharacters: true,
};

const NAME = 'metask-gateway';

/** Bucket boundaries of the GenAI metrics. Source: OpenTelemetry semantic conventions, Generative AI metrics. */
const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKEN_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

/**
 * Spans and metrics by OpenTelemetry's semantic conventions for generative AI. Give it to `createGateway` as
 * `telemetry`.
 *
 * Each request is a span, part of the host's own trace or of the client's (`traceparent`), with a child for each attempt
 * at a provider; spans of the HTTP client become children of those. What a request was charged is `metask.cost`, in USD.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): RequestObserver {
  const [unknown] = unknownOptions(options, OPTIONS);
  if (unknown) throw new TypeError(`openTelemetry: ${unknown.name} is not an option`);
  const { contentCharacters = 0 } = options;
  if (!Number.isSafeInteger(contentCharacters) || contentCharacters < 0)
    throw new TypeError('openTelemetry: contentCharacters must be an integer ≥ 0');
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(NAME);
  const instruments = instrumentsOf(options.meterProvider ?? metrics.getMeterProvider());
  return {
    bodyCharacters: contentCharacters,
    begin: (start) => new RequestSpan(start, tracer),
    ended: (report) => record(instruments, report),
  };
}

/** The span of one request, and those of its attempts. */
class RequestSpan implements RequestFollower {
  readonly #tracer: Tracer;
  readonly #route: string;
  readonly #context: Context;
  readonly #span: Span;
  #attempt: Span | undefined;

  constructor({ id, at, route, headers }: RequestStart, tracer: Tracer) {
    const parent = parentOf(headers);
    this.#tracer = tracer;
    this.#route = route;
    this.#span = tracer.startSpan(operationOf(route), { kind: SpanKind.SERVER, startTime: at }, parent);
    this.#span.setAttributes({
      'gen_ai.operation.name': operationOf(route),
      'metask.request.id': id,
      'metask.route': route,
    });
    this.#context = trace.setSpan(parent, this.#span);
  }

  attempt<T>({ provider, model }: AttemptTarget, work: () => T): T {
    const operation = operationOf(this.#route);
    this.#attempt = this.#tracer.startSpan(
      `${operation} ${model}`,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          'gen_ai.operation.name': operation,
          'gen_ai.provider.name': provider,
          'gen_ai.request.model': model,
        },
      },
      this.#context,
    );
    return context.with(trace.setSpan(this.#context, this.#attempt), work);
  }

  attempted(attempt: AttemptRecord): void {
    const span = this.#attempt;
    if (!span) return;
    const { status, fault, providerRequestId } = attempt;
    if (status !== null) span.setAttribute('http.response.status_code', status);
    if (providerRequestId !== null) span.setAttribute('metask.provider_request.id', providerRequestId);
    if (fault !== null) {
      span.setAttribute('error.type', fault);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(attempt.message !== null && { message: attempt.message }) });
    }
    span.end();
    this.#attempt = undefined;
  }

  ended(report: RequestReport): void {
    const span = this.#span;
    if (report.model !== null) span.updateName(`${operationOf(this.#route)} ${report.model}`);
    span.setAttributes(attributesOf(report));
    if (report.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: report.message ?? '' });
    span.end();
  }
}

/** What the conventions call a route's operation. */
function operationOf(route: string): string {
  if (route.endsWith('embeddings')) return 'embeddings';
  if (route.endsWith('completions') && !route.includes('chat')) return 'text_completion';
  return route.includes('generateContent') || route.includes('GenerateContent') ? 'generate_content' : 'chat';
}

function attributesOf(report: RequestReport): Attributes {
  const { usage, firstTokenMs, endUser, session } = report;
  return {
    'http.response.status_code': report.status,
    'metask.attempts': report.attempts.length,
    'metask.stream': report.stream,
    ...(report.model !== null && { 'gen_ai.request.model': report.model }),
    ...(report.provider !== null && { 'gen_ai.provider.name': report.provider }),
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
      'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteTokens + usage.cacheWrite1hTokens,
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

interface Instruments {
  readonly attemptDuration: Histogram;
  readonly requestDuration: Histogram;
  readonly firstToken: Histogram;
  readonly tokens: Histogram;
  readonly cost: { add(value: number, attributes: Attributes): void };
}

function instrumentsOf(provider: MeterProvider): Instruments {
  const meter = provider.getMeter(NAME);
  const histogram = (name: string, unit: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
  return {
    attemptDuration: histogram('gen_ai.client.operation.duration', 's', 'Duration of an attempt.', DURATION_BUCKETS),
    requestDuration: histogram('gen_ai.server.request.duration', 's', 'Duration of a request.', DURATION_BUCKETS),
    firstToken: histogram('gen_ai.server.time_to_first_token', 's', 'Time to the first token.', FIRST_TOKEN_BUCKETS),
    tokens: histogram('gen_ai.client.token.usage', '{token}', 'Tokens of a request.', TOKEN_BUCKETS),
    cost: meter.createCounter('metask.cost', { unit: '{USD}', description: 'What accounts were charged.' }),
  };
}

function record(instruments: Instruments, report: RequestReport): void {
  const operation = operationOf(report.route);
  const { usage, firstTokenMs } = report;
  // The name of a model that does not exist is the client's: it must not become a dimension.
  const model = report.code === 'model_not_found' ? null : report.model;
  const dimensions: Attributes = {
    'gen_ai.operation.name': operation,
    ...(report.provider !== null && { 'gen_ai.provider.name': report.provider }),
    ...(model !== null && { 'gen_ai.request.model': model }),
    ...(report.upstreamModel !== null && { 'gen_ai.response.model': report.upstreamModel }),
  };
  const failed = report.code === null ? {} : { 'error.type': report.code };
  instruments.requestDuration.record(report.durationMs / 1_000, { ...dimensions, ...failed });
  if (firstTokenMs !== null) instruments.firstToken.record(firstTokenMs / 1_000, dimensions);
  for (const attempt of report.attempts) {
    instruments.attemptDuration.record(attempt.durationMs / 1_000, {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': attempt.provider,
      'gen_ai.request.model': attempt.model,
      ...(attempt.fault !== null && { 'error.type': attempt.fault }),
    });
  }
  if (!usage) return;
  instruments.tokens.record(promptTokens(usage), withFields(dimensions, { 'gen_ai.token.type': 'input' }));
  instruments.tokens.record(completionTokens(usage), withFields(dimensions, { 'gen_ai.token.type': 'output' }));
  if (report.cost > 0n) instruments.cost.add(Number(report.cost) / 1e9, dimensions);
}
