import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { toNodeHandler } from '../../src/http/node.js';
import { prometheus, toMetricsHandler } from '../../src/telemetry/prometheus.js';
import { endProgram, findProgram, startProgram } from '../helpers/child-server.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';
import { listen } from '../helpers/listen.js';
import { type ObservedGateway, observedGateway } from '../observe/observed-gateway.js';

/** The queries of docs/observability.md, as they are pasted into Grafana, without their comments. */
const QUERIES = (/```promql\n([\s\S]*?)```/.exec(readFileSync('docs/observability.md', 'utf8'))?.[1] ?? '')
  .split('\n')
  .map((line) => line.replace(/\s+#.*$/, ''))
  .filter((line) => line !== '');

/** It scrapes once a second; on a busy machine some scrapes take too long and are left out. */
const PATIENCE_MS = 45_000;
const program = findProgram('prometheus');
const missing = program ? undefined : 'prometheus is not installed here';
const folder = mkdtempSync(join(tmpdir(), 'gateway-prometheus-'));
let server: ChildProcess | undefined;
let site: ObservedGateway;
let api = '';
let scraped: { origin: string; close(): Promise<unknown> };

/** The values of an instant query. */
async function valuesOf(query: string): Promise<number[]> {
  const answer = await fetch(`${api}/api/v1/query?${new URLSearchParams({ query })}`);
  const body = (await answer.json()) as {
    status: string;
    error?: string;
    data: { result: { value: [number, string] }[] };
  };
  if (body.status !== 'success') throw new Error(`${query}: ${body.error}`);
  return body.data.result.map(({ value }) => Number(value[1]));
}

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  if (!program) return;
  const metrics = prometheus();
  site = await observedGateway({ metrics });
  const authorize = ({ headers }: { headers: Record<string, unknown> }) =>
    headers['authorization'] === 'Bearer scraper';
  scraped = await listen(toNodeHandler(toMetricsHandler(metrics, { authorize })));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'gateway',
          authorization: { credentials: 'scraper' },
          static_configs: [{ targets: [new URL(scraped.origin).host] }],
        },
      ],
    }),
  );
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const isUp = () =>
    fetch(`${api}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  server = await startProgram(program, [...args, `--web.listen-address=127.0.0.1:${port}`], isUp);
});

afterAll(async () => {
  if (server) await endProgram(server, 'SIGKILL');
  await scraped?.close();
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach((context) => {
  if (missing) context.skip(missing);
});

test('scrapes a gateway without complaint', async () => {
  await eventually(async () => (await valuesOf('up{job="gateway"}'))[0] === 1, PATIENCE_MS);
});

test('answers the queries of the docs with the numbers of what happened', async () => {
  expect(QUERIES).toHaveLength(6);
  const ask = async () => {
    await site.ask();
    await site.ask({ stream: true });
    for (let i = 0; i < 2; i++) site.upstream.answer({ status: 500 });
    await site.ask();
  };
  // A rate needs a sample before and one after: the counters begin with the first requests.
  await ask();
  await eventually(async () => (await valuesOf('sum(gateway_requests_total)'))[0] === 3, PATIENCE_MS);
  await ask();
  await eventually(async () => (await valuesOf('sum(gateway_requests_total)'))[0] === 6, PATIENCE_MS);
  const [perSecond, errors, firstToken, cost, faults, alert] = await Promise.all(QUERIES.map(valuesOf));
  expect(perSecond).toEqual([expect.any(Number)]);
  expect(perSecond?.[0]).toBeGreaterThan(0);
  expect(errors?.[0]).toBeGreaterThan(0);
  expect(errors?.[0]).toBeLessThan(1);
  expect(firstToken?.[0]).toBeGreaterThan(0);
  expect(cost?.[0]).toBeGreaterThan(0);
  expect(faults?.[0]).toBeGreaterThan(0);
  expect(alert).toEqual([]);
  await eventually(async () => (await valuesOf('max(gateway_outbox_length)'))[0] === 0, PATIENCE_MS);
});

test('has a series for every metric that the docs list', async () => {
  const docs = readFileSync('docs/observability.md', 'utf8');
  const names = [...docs.matchAll(/^\| (`gateway_.*?) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/gateway_\w+/g) ?? [],
  );
  expect(names.length).toBeGreaterThan(12);
  await site.ask({}, { headers: { authorization: 'Bearer napi-nobody' } });
  site.upstream.answer({ status: 500 });
  await site.ask({ model: 'safe' });
  for (const name of names) {
    const sample = name.endsWith('_seconds') ? `${name}_count` : name;
    await eventually(async () => (await valuesOf(`count(${sample})`)).length === 1, PATIENCE_MS);
  }
});
