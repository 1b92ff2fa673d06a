import {
  type Attributes,
  type Context,
  type Counter,
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
import { type Check, checkGiven, methods, notNegative } from '../lib/option-checks.js';
import { completionTokens, promptTokens, type Usage } from '../lib/usage.js';
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

const NAME = 'metask-gateway';

/** Bucket boundaries of the GenAI metrics. Source: as for `openTelemetry`. */
const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKEN_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

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
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(NAME);
  const instruments = instrumentsOf(options.meterProvider ?? metrics.getMeterProvider());
  return {
    bodyCharacters: contentCharacters,
    begin: (start) => new RequestSpan(start, tracer, instruments),
    ended: (report) => record(instruments, report),
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

/** What the conventions call a route's operation; a route that they have no word for keeps its own name. */
function operationOf(route: string): string {
  if (/^(chat\/completions|responses|messages)(\/compact)?$/.test(route)) return 'chat';
  if (route === 'completions') return 'text_completion';
  return /generateContent$/i.test(route) ? 'generate_content' : route;
}

/** The conventions' names of providers, by those that apps give them. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  google: 'gcp.gen_ai',
  mistral: 'mistral_ai',
  moonshot: 'moonshot_ai',
  vertex: 'gcp.vertex_ai',
  xai: 'x_ai',
};

function providerName(provider: string): string {
  return Object.hasOwn(PROVIDER_NAMES, provider) ? (PROVIDER_NAMES[provider] ?? provider) : provider;
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

function cacheWrites({ cacheWriteTokens, cacheWrite1hTokens }: Usage): number {
  return cacheWriteTokens + cacheWrite1hTokens;
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
  /** The name before v0.1.0, for all operations. */
  readonly attemptDuration: Histogram;
  readonly inferenceDuration: Histogram;
  readonly embeddingsDuration: Histogram;
  readonly requestDuration: Histogram;
  readonly firstToken: Histogram;
  /** The name before v0.1.0: tokens of each request, by `gen_ai.token.type`. */
  readonly tokenUsage: Histogram;
  /** Tokens of all requests, by kind; those of caches and of reasoning are part of the others. */
  readonly used: Readonly<Record<string, Counter>>;
  /** Tokens of each request. */
  readonly inputTokens: Histogram;
  readonly outputTokens: Histogram;
  readonly embeddedTokens: Histogram;
  readonly cost: Counter;
}

/** Tokens of inference, by the end of their metric's name. */
const TOKENS: Readonly<Record<string, (usage: Usage) => number>> = {
  input_tokens: promptTokens,
  output_tokens: completionTokens,
  'cache_read.input_tokens': ({ cachedInputTokens }) => cachedInputTokens,
  'cache_write.input_tokens': cacheWrites,
  'reasoning.output_tokens': ({ reasoningTokens }) => reasoningTokens,
};

function instrumentsOf(provider: MeterProvider): Instruments {
  const meter = provider.getMeter(NAME);
  const histogram = (name: string, unit: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
  const seconds = (name: string, description: string) => histogram(name, 's', description, DURATION_BUCKETS);
  const tokens = (name: string, description: string) => histogram(name, '{token}', description, TOKEN_BUCKETS);
  const used = Object.keys(TOKENS).map((kind) => {
    const options = { unit: '{token}', description: 'Tokens used.' };
    return [kind, meter.createCounter(`gen_ai.client.inference.usage.${kind}`, options)] as const;
  });
  return {
    attemptDuration: seconds('gen_ai.client.operation.duration', 'Duration of an attempt.'),
    inferenceDuration: seconds('gen_ai.client.inference.duration', 'Duration of an attempt.'),
    embeddingsDuration: seconds('gen_ai.client.embeddings.duration', 'Duration of an attempt.'),
    requestDuration: seconds('gen_ai.server.request.duration', 'Duration of a request.'),
    firstToken: histogram('gen_ai.server.time_to_first_token', 's', 'Time to the first token.', FIRST_TOKEN_BUCKETS),
    tokenUsage: tokens('gen_ai.client.token.usage', 'Tokens of a request.'),
    used: Object.fromEntries(used),
    inputTokens: tokens('gen_ai.client.inference.operation.input_tokens', 'Input tokens of a request.'),
    outputTokens: tokens('gen_ai.client.inference.operation.output_tokens', 'Output tokens of a request.'),
    embeddedTokens: tokens('gen_ai.client.embeddings.operation.input_tokens', 'Input tokens of a request.'),
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
    ...(report.provider !== null && { 'gen_ai.provider.name': providerName(report.provider) }),
    ...(model !== null && { 'gen_ai.request.model': model }),
    ...(report.upstreamModel !== null && { 'gen_ai.response.model': report.upstreamModel }),
  };
  const failed = report.code === null ? {} : { 'error.type': report.code };
  instruments.requestDuration.record(report.durationMs / 1_000, { ...dimensions, ...failed });
  if (firstTokenMs !== null) instruments.firstToken.record(firstTokenMs / 1_000, dimensions);
  if (!usage) return;
  recordTokens(instruments, operation, usage, dimensions);
  if (report.cost > 0n) instruments.cost.add(Number(report.cost) / 1e9, dimensions);
}

function recordTokens(instruments: Instruments, operation: string, usage: Usage, dimensions: Attributes): void {
  const { tokenUsage } = instruments;
  tokenUsage.record(promptTokens(usage), withFields(dimensions, { 'gen_ai.token.type': 'input' }));
  tokenUsage.record(completionTokens(usage), withFields(dimensions, { 'gen_ai.token.type': 'output' }));
  if (operation === 'embeddings') {
    instruments.embeddedTokens.record(promptTokens(usage), dimensions);
    return;
  }
  instruments.inputTokens.record(promptTokens(usage), dimensions);
  instruments.outputTokens.record(completionTokens(usage), dimensions);
  // Providers do not say of all tokens what they stand for.
  const counted = withFields(dimensions, { 'gen_ai.token.modality': 'unknown' });
  for (const [kind, counter] of Object.entries(instruments.used)) counter.add(TOKENS[kind]?.(usage) ?? 0, counted);
}
