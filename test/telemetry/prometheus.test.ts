import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { toNodeHandler } from '../../src/http/node.js';
import { prometheus, toMetricsHandler } from '../../src/telemetry/prometheus.js';
import { listen } from '../helpers/listen.js';
import { type ObservedGateway, observedGateway } from '../observe/observed-gateway.js';

let site: ObservedGateway;

afterEach(() => site?.close());

/** The samples of a scrape, by name and labels. */
async function scrape(register: Registry): Promise<Map<string, number>> {
  const lines = (await register.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('the metrics for Prometheus', () => {
  test('count requests, tokens and cost as the ledger does', async () => {
    const metrics = prometheus();
    site = await observedGateway({ metrics });
    await site.ask();
    await site.ask({ stream: true });
    const samples = await scrape(metrics.register);
    const target = 'model="fast",provider="openai"';
    expect(samples.get(`gateway_requests_total{route="chat/completions",${target},status="200",via="key"}`)).toBe(2);
    const [totals] = await site.gateway.usage.query({ accountId: 'user_1' });
    expect(samples.get(`gateway_cost_usd_total{${target}}`)).toBeCloseTo(Number(totals?.cost), 12);
    expect(samples.get(`gateway_tokens_total{${target},kind="input"}`)).toBe(totals?.inputTokens);
    expect(samples.get(`gateway_tokens_total{${target},kind="output"}`)).toBe(totals?.outputTokens);
    expect(
      samples.get(`gateway_request_duration_seconds_count{route="chat/completions",${target},stream="true"}`),
    ).toBe(1);
    expect(samples.get(`gateway_time_to_first_token_seconds_count{route="chat/completions",${target}}`)).toBe(1);
    expect(samples.get('gateway_attempts_total{provider="openai",upstream_model="gpt-4o-mini",fault=""}')).toBe(2);
  });

  test('count refusals by code, and retries by provider', async () => {
    const metrics = prometheus();
    site = await observedGateway({ metrics });
    await site.ask({}, { headers: { authorization: 'Bearer napi-nobody' } });
    for (let i = 0; i < 3; i++) await site.ask({ model: `made-up-${i}` });
    site.upstream.answer({ status: 500 });
    await site.ask({ model: 'safe' });
    const samples = await scrape(metrics.register);
    expect(samples.get('gateway_refusals_total{route="chat/completions",code="invalid_api_key"}')).toBe(1);
    expect(samples.get('gateway_refusals_total{route="chat/completions",code="model_not_found"}')).toBe(3);
    expect([...samples.keys()].filter((name) => name.includes('made-up'))).toEqual([]);
    expect(samples.get('gateway_attempts_total{provider="openai",upstream_model="gpt-4o-mini",fault="status"}')).toBe(
      1,
    );
    expect(samples.get('gateway_retries_total{provider="other"}')).toBe(1);
  });

  test('tell what is the case now: running requests, holds, outbox, cache, cool-downs', async () => {
    const register = new Registry();
    const metrics = prometheus({ register, prefix: 'ai_' });
    site = await observedGateway({ metrics });
    await site.ask();
    await site.ask();
    const samples = await scrape(register);
    expect(samples.get('ai_requests_running')).toBe(0);
    expect(samples.get('ai_holds_open')).toBe(0);
    expect(samples.get('ai_outbox_length')).toBe(0);
    expect(samples.get('ai_key_cache_misses')).toBe(1);
    expect(samples.get('ai_key_cache_hits')).toBe(1);
    expect(samples.get('ai_target_cooling_down{target="openai/gpt-4o-mini"}')).toBe(0);
  });

  test('are served over HTTP to those who may read them', async () => {
    const metrics = prometheus();
    site = await observedGateway({ metrics });
    await site.ask();
    const handler = toMetricsHandler(metrics, {
      authorize: ({ headers }) => headers['authorization'] === 'Bearer scraper',
    });
    const server = await listen(toNodeHandler(handler));
    const read = (headers: Record<string, string>, method = 'GET') =>
      fetch(`${server.origin}/metrics`, { method, headers });
    expect((await read({})).status).toBe(403);
    expect((await read({ authorization: 'Bearer scraper' }, 'POST')).status).toBe(405);
    const answer = await read({ authorization: 'Bearer scraper' });
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await answer.text()).toContain('# TYPE gateway_requests_total counter');
    await server.close();
  });

  test('refuse an option that does not exist', () => {
    expect(() => prometheus({ registry: new Registry() } as never)).toThrow('registry is not an option');
  });
});
