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

async function traced(options: OpenTelemetryOptions = {}) {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  site = await observedGateway({ telemetry: openTelemetry({ tracerProvider, meterProvider, ...options }) });
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
      'gen_ai.client.operation.duration',
      'gen_ai.client.token.usage',
      'gen_ai.server.request.duration',
      'gen_ai.server.time_to_first_token',
      'metask.cost',
    ]);
    const [totals] = await site.gateway.usage.query({ accountId: 'user_1' });
    const tokens = found.get('gen_ai.client.token.usage')?.dataPoints ?? [];
    const input = tokens.find(({ attributes }) => attributes['gen_ai.token.type'] === 'input');
    expect(input?.value).toMatchObject({ sum: totals?.inputTokens, count: 2 });
    expect(found.get('metask.cost')?.dataPoints[0]?.value).toBeCloseTo(Number(totals?.cost), 12);
    const requests = found.get('gen_ai.server.request.duration')?.dataPoints ?? [];
    expect(requests.map(({ attributes }) => attributes['error.type'])).toContain('model_not_found');
    expect(JSON.stringify(requests)).not.toContain('made-up');
  });
});

test.each([-1, 1.5, '10', null, Number.POSITIVE_INFINITY])('contentCharacters: %j is refused', (contentCharacters) => {
  expect(() => openTelemetry({ contentCharacters } as never)).toThrow('openTelemetry: contentCharacters must be');
});
