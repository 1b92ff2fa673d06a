import type { Attributes, Counter, Histogram, MeterProvider } from '@opentelemetry/api';
import { completionTokens, promptTokens, type Usage } from '../lib/usage.js';
import { withFields } from '../lib/with-fields.js';
import type { RequestReport } from '../observe/observer.js';
import { cacheWrites, operationOf, providerName, SCOPE_NAME } from './opentelemetry-names.js';

/** Bucket boundaries of the GenAI metrics. Source: as for `openTelemetry`. */
const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_BUCKETS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKEN_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

/** What is counted and measured. */
export interface Instruments {
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

/** The instruments of a provider. */
export function instrumentsOf(provider: MeterProvider): Instruments {
  const meter = provider.getMeter(SCOPE_NAME);
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

/** Adds a request that ended. */
export function recordRequest(instruments: Instruments, report: RequestReport): void {
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
