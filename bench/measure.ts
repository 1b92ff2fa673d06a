import type { Case } from './cases.js';
import type { LoadOrder, LoadReport } from './load.js';
import type { Part } from './processes.js';
import type { Running, Starter, SubjectKind } from './subjects.js';
import { quantile } from './table.js';

/** How long and how often to measure the processes of one group. */
export interface Effort {
  /** The cost of the first so many requests of each process, ascending. */
  readonly firsts: readonly number[];
  /** The longest that each of those may take, in seconds; what takes longer is not measured. @default no limit */
  readonly firstSeconds?: number;
  /** Rounds of load before those that count: code is compiled, heaps find their size. */
  readonly settlingRounds: number;
  readonly rounds: number;
  readonly roundSeconds: number;
  /** Of each of the two turns with one request at a time. */
  readonly aloneSeconds: number;
}

/** What one process showed under load in one round. */
export interface Round {
  /** CPU of a request. */
  readonly cpuMicros: number;
  readonly perSecond: number;
  /** Of the time in ms that a request took, 32 at once. */
  readonly p99: number;
  /** Of the time in ms between a paced chunk's sending and its arrival. */
  readonly chunkP99: number;
}

/** What one process showed, from its start to its end. */
export interface Sample {
  readonly kind: SubjectKind;
  readonly startMs: number;
  readonly idleMB: number;
  readonly loadedMB: number;
  /** CPU in microseconds of each of the first requests, as `Effort.firsts` names them; NaN: it took too long. */
  readonly firsts: readonly number[];
  readonly rounds: readonly Round[];
  /** One request at a time. */
  readonly alone: readonly LoadReport[];
}

/** Where the load comes from, and what starts subjects. */
export interface Bench {
  readonly starter: Starter;
  readonly load: Part;
}

export const CONCURRENCY = 32;
/** Chunks of the streams that are not measured. */
const SHORT_STREAM = 4;
const ALONE_TURNS = 2;

interface Draft extends Omit<Sample, 'loadedMB'> {
  readonly running: Running;
  readonly firsts: number[];
  readonly rounds: Round[];
  readonly alone: LoadReport[];
}

/** Measures fresh processes of all kinds side by side, turn by turn, from the first request on. */
export async function measureTogether(
  one: Case,
  kinds: readonly SubjectKind[],
  { starter, load }: Bench,
  effort: Effort,
): Promise<Sample[]> {
  const drafts: Draft[] = [];
  try {
    for (const kind of kinds) {
      const running = await starter.start(kind, one);
      const { rssMB } = await running.state();
      drafts.push({ kind, running, startMs: running.startMs, idleMB: rssMB, firsts: [], rounds: [], alone: [] });
    }
    await measureFirsts(one, drafts, load, effort);
    for (let round = 0; round < effort.settlingRounds; round += 1) {
      for (const { running } of drafts) await settle(one, running, load, effort);
    }
    for (let round = 0; round < effort.rounds; round += 1) {
      for (const { running, rounds } of drafts)
        rounds.push(await measure(running, load, orderFor(one, running, effort.roundSeconds)));
    }
    for (let turn = 0; turn < ALONE_TURNS && !one.paced; turn += 1) {
      for (const { running, alone } of drafts)
        alone.push(await ask(running, load, aloneOrder(one, running, effort.aloneSeconds)));
    }
    const samples: Sample[] = [];
    for (const { running, ...rest } of drafts) samples.push({ ...rest, loadedMB: (await running.state()).rssMB });
    return samples;
  } finally {
    for (const { running } of drafts) running.stop();
  }
}

async function measureFirsts(
  one: Case,
  drafts: readonly Draft[],
  load: Part,
  { firsts, firstSeconds = Number.MAX_SAFE_INTEGER }: Effort,
): Promise<void> {
  const startOf = new Map<Draft, number>();
  for (const draft of drafts) startOf.set(draft, (await draft.running.state()).cpuMicros);
  let done = 0;
  for (const first of firsts) {
    for (const draft of drafts) {
      const { running, firsts: costs } = draft;
      if (Number.isNaN(costs.at(-1))) {
        costs.push(Number.NaN);
        continue;
      }
      const order = { ...orderFor(one, running, firstSeconds), mostRequests: first - done };
      const { requests } = await ask(running, load, order);
      const { cpuMicros } = await running.state();
      costs.push(requests < first - done ? Number.NaN : (cpuMicros - (startOf.get(draft) ?? 0)) / first);
    }
    done = first;
  }
}

/** Also with short streams: V8 compiles what runs once per request only after thousands of requests. */
async function settle(one: Case, running: Running, load: Part, { roundSeconds }: Effort): Promise<void> {
  const order = orderFor(one, running, roundSeconds);
  if (one.stream && !one.paced) await ask(running, load, { ...order, maxTokens: SHORT_STREAM });
  await ask(running, load, order);
}

/** Sends load; what has no server is its own. Throws when a request fails. */
export async function ask({ kind, part }: Running, load: Part, order: LoadOrder): Promise<LoadReport> {
  const report = (await (part ?? load).ask(order)) as LoadReport;
  const { requests, errors } = report;
  if (errors > 0) throw new Error(`${kind.name}: ${errors} of ${requests + errors} requests failed`);
  return report;
}

export function orderFor(one: Case, { hello }: Running, seconds: number): LoadOrder {
  const { stream, promptBytes, route } = one;
  const { port, headers, keys, model = one.model } = hello;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    headers,
    model,
    stream,
    promptBytes,
    ...(route && { route }),
    ...(keys && { keys }),
    concurrency: CONCURRENCY,
    seconds,
  };
}

function aloneOrder(one: Case, running: Running, seconds: number): LoadOrder {
  return { ...orderFor(one, running, seconds), concurrency: 1, mostRequests: 2_000, unreported: 10 };
}

async function measure(running: Running, load: Part, order: LoadOrder): Promise<Round> {
  // Not after a forced collection: that throws compiled code away, and the round would measure its compilation.
  const before = await running.state();
  const { requests, seconds, latencies, chunkAges } = await ask(running, load, order);
  const after = await running.state();
  return {
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
    perSecond: requests / seconds,
    p99: quantile(latencies, 0.99),
    chunkP99: quantile(chunkAges, 0.99),
  };
}
