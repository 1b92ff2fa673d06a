import type { Case } from './cases.js';
import type { LoadOrder, LoadReport } from './load.js';
import type { Part } from './processes.js';
import { FLOOR, INSIDE, NODE, type Running, type Starter, type SubjectKind } from './subjects.js';
import { median, quantile } from './table.js';

/** How long and how often to measure. */
export interface Effort {
  /** The fewest rounds before those that count: code is compiled, also while others are measured, heaps find their size. */
  readonly settlingRounds: number;
  /** The fewest rounds that count. */
  readonly rounds: number;
  readonly roundSeconds: number;
  readonly latencySeconds: number;
}

/** What one case showed of one subject; times in ms unless named otherwise. */
export interface Finding {
  readonly name: string;
  readonly cpuMicros: number;
  /** CPU as a multiple of the floor's, median of the rounds. */
  readonly ratio: number;
  /** The same as a multiple of what the gateway on node:http costs, where that was measured. */
  readonly toGateway: number;
  readonly perSecond: number;
  /** What it adds to the floor at concurrency 1, as p50 and p99. */
  readonly latency: readonly [number, number];
  readonly firstByte: readonly [number, number];
  /** Added p99 of the time between a paced chunk's sending and its arrival. */
  readonly chunkP99: number;
}

const CONCURRENCY = 32;
/** Chunks of the streams that are not measured. */
const SHORT_STREAM = 4;

interface Measures {
  readonly running: Running;
  readonly loaded: { readonly cpuMicros: number; readonly perSecond: number; readonly chunkAges: number[] }[];
  readonly alone: LoadReport[];
}

/** Measures one case with all subjects side by side, round after round; the first is what the others are compared with. */
export async function compare(
  one: Case,
  kinds: readonly SubjectKind[],
  starter: Starter,
  load: Part,
  effort: Effort,
): Promise<Finding[]> {
  const all: Measures[] = [];
  for (const kind of [FLOOR, ...kinds]) all.push({ running: await starter.start(kind, one), loaded: [], alone: [] });
  const settling = Math.max(effort.settlingRounds, one.settlingRounds ?? 0);
  for (let round = 0; round < settling; round += 1) {
    for (const { running } of all) await settle(one, running, load, effort);
  }
  const rounds = Math.max(effort.rounds, one.rounds ?? 0);
  for (let round = 0; round < rounds; round += 1) {
    for (const { running, loaded } of all)
      loaded.push(await measure(running, load, orderFor(one, running, effort.roundSeconds)));
    for (const { running, alone } of all)
      alone.push((await ask(running, load, aloneOrder(one, running, turnSeconds(one, running, effort)))) as LoadReport);
  }
  for (const { running } of all) running.part.stop();
  const gateway = all.find(({ running }) => running.kind === NODE);
  return all.map((measures) => find(measures, all[0] as Measures, gateway));
}

/** Also with short streams: V8 compiles what runs once per request only after thousands of requests. */
async function settle(
  one: Case,
  running: Running,
  load: Part,
  { roundSeconds, latencySeconds }: Effort,
): Promise<void> {
  const order = orderFor(one, running, roundSeconds);
  if (one.stream && !one.paced) await measure(running, load, { ...order, maxTokens: SHORT_STREAM });
  await measure(running, load, order);
  await ask(running, load, aloneOrder(one, running, Math.min(latencySeconds, roundSeconds / 2)));
}

/** What has no server is its own load. */
export function ask({ kind, part }: Running, load: Part, order: LoadOrder): Promise<unknown> {
  return (kind === INSIDE ? part : load).ask(order);
}

export function orderFor(one: Case, { hello }: Running, seconds: number): LoadOrder {
  const { model, stream, promptBytes, route } = one;
  const { port, headers } = hello;
  const url = `http://127.0.0.1:${port}`;
  return { url, headers, model, stream, promptBytes, ...(route && { route }), concurrency: CONCURRENCY, seconds };
}

/** The two that a target compares get longer turns, where the case asks for them. */
function turnSeconds({ latencySeconds = 0 }: Case, { kind }: Running, effort: Effort): number {
  return kind === FLOOR || kind === NODE ? Math.max(effort.latencySeconds, latencySeconds) : effort.latencySeconds;
}

/** One request at a time. What a paced stream shows is in its chunks' ages, and alone it takes longer than a round. */
function aloneOrder(one: Case, running: Running, seconds: number): LoadOrder {
  const order = orderFor(one, running, one.paced ? 0 : seconds);
  return { ...order, concurrency: 1, mostRequests: 2_000, unreported: 10 };
}

export async function measure(running: Running, load: Part, order: LoadOrder): Promise<Measures['loaded'][number]> {
  const { part, kind } = running;
  // Not after a forced collection: that throws compiled code away, and the round would measure its compilation.
  const before = (await part.ask('cpu')) as { cpu: NodeJS.CpuUsage };
  const { requests, seconds, errors, chunkAges } = (await ask(running, load, order)) as LoadReport;
  const after = (await part.ask('cpu')) as { cpu: NodeJS.CpuUsage };
  if (errors > 0) throw new Error(`${kind.name}: ${errors} of ${requests + errors} requests failed`);
  const micros = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return { cpuMicros: micros / requests, perSecond: requests / seconds, chunkAges };
}

function find({ running, loaded, alone }: Measures, floor: Measures, gateway: Measures | undefined): Finding {
  const added = (pick: 'latencies' | 'firstBytes' | 'chunkAges', q: number) =>
    median(alone.map((report, i) => quantile(report[pick], q) - quantile(floor.alone[i]?.[pick] ?? [], q)));
  const timesOf = (other: Measures) =>
    median(loaded.map(({ cpuMicros }, i) => cpuMicros / (other.loaded[i]?.cpuMicros ?? Number.NaN)));
  return {
    name: running.kind.name,
    cpuMicros: median(loaded.map(({ cpuMicros }) => cpuMicros)),
    ratio: timesOf(floor),
    toGateway: gateway ? timesOf(gateway) : Number.NaN,
    perSecond: median(loaded.map(({ perSecond }) => perSecond)),
    latency: [added('latencies', 0.5), added('latencies', 0.99)],
    firstByte: [added('firstBytes', 0.5), added('firstBytes', 0.99)],
    chunkP99: median(
      loaded.map(({ chunkAges }, i) => quantile(chunkAges, 0.99) - quantile(floor.loaded[i]?.chunkAges ?? [], 0.99)),
    ),
  };
}
