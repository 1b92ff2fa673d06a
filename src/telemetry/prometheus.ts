import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ExchangeHandler, GatewayRequest, GatewayResponse } from '../http/exchange.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { aFunction, anything, aText, type Check, checkGiven } from '../lib/option-checks.js';
import { withFields } from '../lib/with-fields.js';
import type { GatewayGauges, GatewayMetrics } from '../observe/gauges.js';
import type { RequestObserver, RequestReport } from '../observe/observer.js';

/** How metrics are named and kept. */
export interface PrometheusOptions {
  /** Where the metrics are registered. @default a registry of their own */
  readonly register?: Registry;
  /** What all names begin with. @default 'gateway_' */
  readonly prefix?: string;
}

/** Metrics for Prometheus. */
export interface PrometheusMetrics extends RequestObserver, GatewayMetrics {
  readonly register: Registry;
  ended(report: RequestReport): void;
}

const OPTIONS = { register: anything, prefix: aText } satisfies Record<keyof PrometheusOptions, Check>;

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
const FIRST_TOKEN_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 40];
const NANO_PER_USD = 1e9;

/**
 * Counts what a gateway does, for Prometheus. Give it to `createGateway` as `metrics`, and serve it with
 * `toMetricsHandler`.
 *
 * Labels are models, providers, routes, statuses and codes, all of them from the options: no label grows with accounts
 * or with what clients send.
 *
 * @throws {TypeError} for options that are unknown or malformed.
 */
export function prometheus(options: PrometheusOptions = {}): PrometheusMetrics {
  checkGiven('prometheus', options, OPTIONS);
  const { register = new Registry(), prefix = 'gateway_' } = options;
  const counters = countersOf(register, prefix);
  return {
    register,
    ended: (report) => count(counters, report),
    attach: (gauges) => registerGauges(gauges, register, prefix),
  };
}

/** Decides who may read the metrics. */
export interface MetricsHandlerOptions {
  /** True for a request that may read. @default everyone, so keep the path private */
  readonly authorize?: (request: GatewayRequest) => MaybePromise<boolean>;
}

/** Serves metrics in Prometheus' text format; mount it with any of the adapters: `toExpressHandler(toMetricsHandler(metrics))`. */
export function toMetricsHandler(
  { register }: { readonly register: Registry },
  options: MetricsHandlerOptions = {},
): ExchangeHandler {
  // A slip in `authorize` must not open the metrics to everyone.
  checkGiven('toMetricsHandler', options, { authorize: aFunction });
  const { authorize = () => true } = options;
  return {
    async handle(request): Promise<GatewayResponse> {
      if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Method not allowed\n', 'GET, HEAD');
      try {
        if (!(await authorize(request))) return plain(403, 'Forbidden\n');
        return { status: 200, headers: { 'content-type': register.contentType }, body: await register.metrics() };
      } catch {
        return plain(500, 'The metrics could not be read\n');
      }
    },
  };
}

function plain(status: number, body: string, allow?: string): GatewayResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...(allow && { allow }) }, body };
}

type Counters = ReturnType<typeof countersOf>;

function countersOf(register: Registry, prefix: string) {
  const registers = [register];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: prefix + name, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ) => new Histogram({ name: prefix + name, help, labelNames, buckets, registers });
  const target = ['model', 'provider'] as const;
  return {
    requests: counter('requests_total', 'Requests that ended.', ['route', ...target, 'status', 'via']),
    refusals: counter('refusals_total', 'Requests that were answered with an error, by its code.', ['route', 'code']),
    duration: histogram(
      'request_duration_seconds',
      'From the arrival of a request to the last byte of its answer.',
      ['route', ...target, 'stream'],
      SECONDS,
    ),
    firstToken: histogram(
      'time_to_first_token_seconds',
      'From the arrival of a request to the first text of its stream.',
      ['route', ...target],
      FIRST_TOKEN_SECONDS,
    ),
    tokens: counter('tokens_total', 'Tokens used, in disjoint kinds.', [...target, 'kind']),
    cost: counter('cost_usd_total', 'What accounts were charged, in USD.', target),
    attempts: counter('attempts_total', 'Attempts at providers; fault is empty where one succeeded.', [
      'provider',
      'upstream_model',
      'fault',
    ]),
    retries: counter('retries_total', 'Attempts after the first of a request, at the same target or another.', [
      'provider',
    ]),
  };
}

const TOKEN_KINDS = {
  input: 'inputTokens',
  cached_input: 'cachedInputTokens',
  cache_write: 'cacheWriteTokens',
  cache_write_1h: 'cacheWrite1hTokens',
  output: 'outputTokens',
  reasoning: 'reasoningTokens',
} as const;

function count(counters: Counters, report: RequestReport): void {
  const { route, code, usage, firstTokenMs } = report;
  // The name of a model that does not exist is the client's: it must not become a label.
  const target = { model: code === 'model_not_found' ? '' : (report.model ?? ''), provider: report.provider ?? '' };
  const via = report.accountId === null ? '' : report.via;
  counters.requests.inc({ route, ...target, status: String(report.status), via });
  if (code !== null) counters.refusals.inc({ route, code });
  counters.duration.observe({ route, ...target, stream: String(report.stream) }, report.durationMs / 1_000);
  if (firstTokenMs !== null) counters.firstToken.observe({ route, ...target }, firstTokenMs / 1_000);
  for (const [kind, name] of usage ? Object.entries(TOKEN_KINDS) : []) {
    const tokens = usage?.[name] ?? 0;
    if (tokens > 0) counters.tokens.inc(withFields(target, { kind }), tokens);
  }
  if (report.cost > 0n) counters.cost.inc(target, Number(report.cost) / NANO_PER_USD);
  for (const [i, attempt] of report.attempts.entries()) {
    const { provider, model, fault } = attempt;
    counters.attempts.inc({ provider, upstream_model: model, fault: fault ?? '' });
    if (i > 0) counters.retries.inc({ provider });
  }
}

function registerGauges(gauges: GatewayGauges, register: Registry, prefix: string): void {
  const gauge = (name: string, help: string, read: () => MaybePromise<number>) =>
    new Gauge({
      name: prefix + name,
      help,
      registers: [register],
      async collect() {
        this.set(await read());
      },
    });
  gauge('requests_running', 'Requests that are running.', () => gauges.running());
  gauge('holds_open', 'Holds of running requests of this process.', () => gauges.holds());
  gauge('outbox_length', 'Settlements that wait for the store.', () => gauges.outboxLength());
  gauge('key_cache_hits', 'Key look-ups that memory answered, since the start.', () => gauges.keyCache().hits);
  gauge('key_cache_misses', 'Key look-ups that the store answered, since the start.', () => gauges.keyCache().misses);
  new Gauge({
    name: `${prefix}target_cooling_down`,
    help: '1 while a target is cooling down after failures.',
    labelNames: ['target'],
    registers: [register],
    collect() {
      for (const [target, cooling] of gauges.coolingDown()) this.set({ target }, cooling ? 1 : 0);
    },
  });
}
