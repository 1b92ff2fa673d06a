import { cpus } from 'node:os';
import type { LoadOrder, LoadReport } from './load.js';
import { bundle, Part } from './processes.js';
import { median, quantile, table } from './table.js';

/** A kind of request. */
interface Case {
  readonly name: string;
  /** First segment of the provider's path. */
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  readonly promptBytes: number;
  readonly requests: number;
}

const scale = Number(process.env['BENCH_SCALE'] ?? 1);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const only = process.env['BENCH_ONLY'];
const times = (requests: number) => Math.max(20, Math.round(requests * scale));

const cases: readonly Case[] = [
  { name: 'JSON', path: '/json', model: 'bench-openai', stream: false, promptBytes: 100, requests: times(6_000) },
  {
    name: 'JSON, 200 KB prompt',
    path: '/json',
    model: 'bench-openai',
    stream: false,
    promptBytes: 200_000,
    requests: times(600),
  },
  {
    name: 'stream of 100 chunks',
    path: '/stream',
    model: 'bench-openai',
    stream: true,
    promptBytes: 100,
    requests: times(1_000),
  },
  {
    name: 'Anthropic stream, translated',
    path: '/stream',
    model: 'bench-anthropic',
    stream: true,
    promptBytes: 100,
    requests: times(1_000),
  },
  {
    name: 'Gemini stream, translated',
    path: '/stream',
    model: 'bench-google',
    stream: true,
    promptBytes: 100,
    requests: times(1_000),
  },
].filter(({ name }) => !only || name.includes(only));

const subjects = [
  { name: 'floor: node:http + undici', script: 'subjects/floor', variant: '' },
  { name: 'metask-gateway on node:http', script: 'subjects/gateway', variant: 'node' },
  { name: 'metask-gateway on Express', script: 'subjects/gateway', variant: 'express' },
] as const;

const CONCURRENCY = 32;
const [LOAD_CORE, SUBJECT_CORE] = [0, 1];

interface Measure {
  readonly cpuMicros: number;
  readonly perSecond: number;
}

const files = new Map<string, string>();
for (const script of ['upstream', 'load', 'subjects/floor', 'subjects/gateway'])
  files.set(script, await bundle(script));
const file = (script: string) => files.get(script) ?? '';

const upstream = await Part.start(file('upstream'), [], LOAD_CORE);
const load = await Part.start(file('load'), [], LOAD_CORE);
const upstreamURL = `http://127.0.0.1:${upstream.hello.port}`;

console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node ${process.versions.node}; medians of ${rounds} interleaved rounds\n`,
);
for (const one of cases) await compare(one);
await memory();
for (const { part } of [load, upstream]) part.stop();

async function compare(one: Case): Promise<void> {
  const running = await Promise.all(
    subjects.map(async (subject) => ({
      subject,
      ...(await Part.start(file(subject.script), [upstreamURL, one.path, subject.variant], SUBJECT_CORE)),
    })),
  );
  const measures = new Map<string, Measure[]>();
  for (const { part, hello } of running) await measure(part, orderFor(one, hello, one.requests / 2));
  for (let round = 0; round < rounds; round += 1) {
    for (const { part, hello, subject } of running) {
      const measured = await measure(part, orderFor(one, hello, one.requests));
      measures.set(subject.name, [...(measures.get(subject.name) ?? []), measured]);
    }
  }
  const added = new Map<string, LoadReport>();
  for (const { hello, subject } of running) {
    const order = { ...orderFor(one, hello, Math.min(one.requests, 1_000)), concurrency: 1 };
    added.set(subject.name, (await load.part.ask(order)) as LoadReport);
  }
  for (const { part } of running) part.stop();
  report(one, measures, added);
}

function orderFor(one: Case, hello: { port: number; key?: string }, requests: number): LoadOrder {
  const { model, stream, promptBytes } = one;
  const url = `http://127.0.0.1:${hello.port}`;
  return {
    url,
    key: hello.key ?? 'none',
    model,
    stream,
    promptBytes,
    concurrency: CONCURRENCY,
    requests: Math.round(requests),
  };
}

async function measure(part: Part, order: LoadOrder): Promise<Measure> {
  const before = (await part.ask('gc')) as { cpu: NodeJS.CpuUsage };
  const { seconds } = (await load.part.ask(order)) as LoadReport;
  const after = (await part.ask('cpu')) as { cpu: NodeJS.CpuUsage };
  const micros = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return { cpuMicros: micros / order.requests, perSecond: order.requests / seconds };
}

function report(one: Case, measures: ReadonlyMap<string, Measure[]>, added: ReadonlyMap<string, LoadReport>): void {
  const floor = measures.get(subjects[0].name) ?? [];
  const floorLatency = added.get(subjects[0].name);
  const rows = subjects.map(({ name }) => {
    const own = measures.get(name) ?? [];
    const ratios = own.map((measured, i) => measured.cpuMicros / (floor[i]?.cpuMicros ?? Number.NaN));
    const latency = added.get(name);
    const late = (q: number, pick: 'latencies' | 'firstBytes') =>
      (quantile(latency?.[pick] ?? [], q) - quantile(floorLatency?.[pick] ?? [], q)).toFixed(2);
    return [
      name,
      median(own.map((m) => m.cpuMicros)).toFixed(0),
      `${median(ratios).toFixed(2)} ×`,
      median(own.map((m) => m.perSecond)).toFixed(0),
      late(0.5, 'latencies'),
      late(0.99, 'latencies'),
      late(0.5, 'firstBytes'),
      late(0.99, 'firstBytes'),
    ];
  });
  const head = [one.name, 'CPU µs', 'to floor', 'req/s', '+ms p50', '+ms p99', '+first p50', '+first p99'];
  console.log(`${table(head, rows)}\n`);
}

/** Memory of streams that are open and silent. */
async function memory(): Promise<void> {
  if (only && !'memory'.includes(only)) return;
  const open = Number(process.env['BENCH_STREAMS'] ?? 2_000);
  const rows: string[][] = [];
  for (const subject of subjects) {
    const { part, hello } = await Part.start(
      file(subject.script),
      [upstreamURL, '/hold', subject.variant],
      SUBJECT_CORE,
    );
    const held = await Part.start(await bundle('hold'), [String(hello.port), hello.key ?? 'none'], LOAD_CORE);
    await held.part.ask(50);
    const before = (await part.ask('gc')) as { rss: number };
    await held.part.ask(open);
    const after = (await part.ask('gc')) as { rss: number };
    rows.push([subject.name, `${((after.rss - before.rss) / open / 1024).toFixed(1)} KB`]);
    held.part.stop();
    part.stop();
  }
  console.log(table([`${open} open streams`, 'memory each'], rows));
}
