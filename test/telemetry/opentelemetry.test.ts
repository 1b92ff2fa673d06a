import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import { type OpenTelemetryOptions, openTelemetry } from '../../src/telemetry/opentelemetry.js';
import { type ObservedGateway, observedGateway } from '../observe/observed-gateway.js';

let site: ObservedGateway;

afterEach(() => site?.close());

async function traced(options: OpenTelemetryOptions = {}, provider?: string) {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const telemetry = openTelemetry({ tracerProvider, meterProvider, ...options });
  site = await observedGateway({ telemetry }, provider);
  const metrics = async () => {
    await meterProvider.forceFlush();
    const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
    return new Map(scopes.flatMap((scope) => scope.metrics.map((metric) => [metric.descriptor.name, metric])));
  };
  return { spans, metrics };
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';

describe('the spans of a request', () => {
  test("are part of the client's trace: one for the request, a child for each attempt", async () => {
    const { spans } = await traced();
    site.upstream.answer({ status: 500, headers: { 'x-request-id': 'req_a' } }, { text: 'Hello' });
    const { requestId } = await site.ask(
      { model: 'safe' },
      { headers: { traceparent: `00-${TRACE}-b7ad6b7169203331-01` } },
    );
    const finished = spans.getFinishedSpans();
    expect(finished.map(({ name }) => name)).toEqual(['chat gpt-4o-mini', 'chat gpt-4o', 'chat safe']);
    const [first, second, request] = finished;
    for (const span of finished) expect(span.spanContext().traceId).toBe(TRACE);
    expect(request?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(first?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(second?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
    expect(first).toMatchObject({
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.ERROR },
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'error.type': 'status',
        'http.response.status_code': 500,
        'metask.provider_request.id': 'req_a',
      },
    });
    const [event] = await site.gateway.usage.events({ accountId: 'user_1' });
    expect(request).toMatchObject({
      kind: SpanKind.SERVER,
      attributes: {
        'gen_ai.request.model': 'safe',
        'gen_ai.response.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': event?.usage.inputTokens,
        'gen_ai.usage.output_tokens': event?.usage.outputTokens,
        'metask.account.id': 'user_1',
        'metask.key.id': site.keyId,
        'metask.request.id': requestId,
        'metask.attempts': 2,
        'metask.cost': Number(event?.cost),
        'http.response.status_code': 200,
      },
    });
    expect(JSON.stringify(finished.map(({ attributes }) => attributes))).not.toContain('Hello');
  });

  test('of a stream end with its last byte, and know the time to the first token', async () => {
    const { spans } = await traced();
    site.upstream.answer({ text: ['a', 'b'], chunkDelayMs: 30 });
    await site.ask({ stream: true });
    const request = spans.getFinishedSpans().find(({ name }) => name === 'chat fast');
    const seconds = (request?.duration[0] ?? 0) + (request?.duration[1] ?? 0) / 1e9;
    expect(seconds).toBeGreaterThan(0.03);
    expect(request?.attributes['metask.time_to_first_token']).toBeGreaterThan(0);
    expect(request?.attributes['gen_ai.request.stream']).toBe(true);
    // So does that of the attempt, by whose time the answer came.
    const attempt = spans.getFinishedSpans().find(({ name }) => name === 'chat gpt-4o-mini');
    expect((attempt?.duration[0] ?? 0) + (attempt?.duration[1] ?? 0) / 1e9).toBeGreaterThan(0.03);
  });

  test('of a stream that broke off say so on the attempt, too', async () => {
    const { spans } = await traced();
    site.upstream.answer({ text: ['a', 'b'], endWithoutTerminal: true });
    await site.ask({ stream: true });
    const names = ['chat gpt-4o-mini', 'chat fast'];
    const found = names.map((one) => spans.getFinishedSpans().find(({ name }) => name === one));
    for (const span of found) expect(span?.attributes['error.type']).toBe('upstream_truncated');
    expect(found[0]?.status.code).toBe(SpanStatusCode.ERROR);
  });

  test('of a refused request say why, and are no errors of the server', async () => {
    const { spans } = await traced();
    await site.ask({ model: 'nothing' }, { headers: { traceparent: 'garbage' } });
    const [request] = spans.getFinishedSpans();
    expect(request).toMatchObject({
      name: 'chat nothing',
      status: { code: SpanStatusCode.UNSET },
      attributes: { 'error.type': 'model_not_found', 'http.response.status_code': 404 },
    });
  });

  test('hold prompts and answers only when they are asked for', async () => {
    const { spans } = await traced({ contentCharacters: 1_000 });
    site.upstream.answer({ text: 'Hello' });
    await site.ask({ messages: [{ role: 'user', content: 'the prompt' }] });
    const request = spans.getFinishedSpans().find(({ name }) => name === 'chat fast');
    expect(request?.attributes['gen_ai.input.messages']).toContain('the prompt');
    expect(request?.attributes['gen_ai.output.messages']).toContain('Hello');
  });
});

describe('the metrics', () => {
  test('are those of the conventions, and their tokens those that were charged', async () => {
    const { metrics } = await traced();
    await site.ask();
    await site.ask({ stream: true });
    await site.ask({ model: 'made-up' });
    const found = await metrics();
    expect([...found.keys()].sort()).toEqual([
      'gen_ai.client.inference.duration',
      'gen_ai.client.inference.operation.input_tokens',
      'gen_ai.client.inference.operation.output_tokens',
      'gen_ai.client.inference.usage.cache_read.input_tokens',
      'gen_ai.client.inference.usage.cache_write.input_tokens',
      'gen_ai.client.inference.usage.input_tokens',
      'gen_ai.client.inference.usage.output_tokens',
      'gen_ai.client.inference.usage.reasoning.output_tokens',
      'gen_ai.client.operation.duration',
      'gen_ai.client.token.usage',
      'gen_ai.server.request.duration',
      'gen_ai.server.time_to_first_token',
      'metask.cost',
    ]);
    const [totals] = await site.gateway.usage.query({ accountId: 'user_1' });
    const usage = found.get('gen_ai.client.token.usage')?.dataPoints ?? [];
    const input = usage.find(({ attributes }) => attributes['gen_ai.token.type'] === 'input');
    expect(input?.value).toMatchObject({ sum: totals?.inputTokens, count: 2 });
    expect(found.get('gen_ai.client.operation.duration')?.dataPoints[0]?.value).toMatchObject({ count: 2 });
    const metricOf = (name: string) => found.get(`gen_ai.client.inference.${name}`)?.dataPoints[0]?.value;
    expect(metricOf('usage.input_tokens')).toBe(totals?.inputTokens);
    expect(metricOf('usage.output_tokens')).toBe(totals?.outputTokens);
    expect(metricOf('operation.input_tokens')).toMatchObject({ sum: totals?.inputTokens, count: 2 });
    expect(metricOf('duration')).toMatchObject({ count: 2 });
    expect(found.get('metask.cost')?.dataPoints[0]?.value).toBeCloseTo(Number(totals?.cost), 12);
    const requests = found.get('gen_ai.server.request.duration')?.dataPoints ?? [];
    expect(requests.map(({ attributes }) => attributes['error.type'])).toContain('model_not_found');
    expect(JSON.stringify(requests)).not.toContain('made-up');
  });
});

test.each([
  ['google', 'gcp.gen_ai'],
  ['azure', 'azure.ai.openai'],
  ['mine', 'mine'],
  ['constructor', 'constructor'],
])('a provider called %s is %s in the words of the conventions', async (provider, expected) => {
  const { spans, metrics } = await traced({}, provider);
  await site.ask();
  const names = spans.getFinishedSpans().map(({ attributes }) => attributes['gen_ai.provider.name']);
  expect(names).toEqual([expected, expected]);
  for (const [name, { dataPoints }] of await metrics())
    expect(dataPoints[0]?.attributes['gen_ai.provider.name'], name).toBe(expected);
});

test.each([
  ['embeddings', 'embeddings', { input: 'Hi' }],
  ['completions', 'text_completion', { prompt: 'Hi' }],
  ['messages', 'chat', { max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }],
  ['moderations', 'moderations', { input: 'Hi' }],
])('the operation of %s is %s', async (route, operation, body) => {
  const { spans, metrics } = await traced();
  const answer = await site.gateway.fetch(
    new Request(`http://gateway.test/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fast', ...body }),
    }),
  );
  await answer.text();
  expect(answer.status).toBe(200);
  const request = spans.getFinishedSpans().at(-1);
  expect(request?.attributes['gen_ai.operation.name']).toBe(operation);
  const duration = operation === 'embeddings' ? 'embeddings.duration' : 'inference.duration';
  expect((await metrics()).get(`gen_ai.client.${duration}`)?.dataPoints[0]?.value).toMatchObject({ count: 1 });
});

test.each([-1, 1.5, '10', null, Number.POSITIVE_INFINITY])('contentCharacters: %j is refused', (contentCharacters) => {
  expect(() => openTelemetry({ contentCharacters } as never)).toThrow('openTelemetry: contentCharacters must be');
});
