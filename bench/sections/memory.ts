import { execFileSync } from 'node:child_process';
import { JSON_CASE } from '../cases.js';
import type { LoadOrder } from '../load.js';
import { ask, type Bench, orderFor } from '../measure.js';
import { bundle, Part } from '../processes.js';
import { FLOOR, FRAMEWORKS, LOAD_CORE, NODE, type SubjectKind } from '../subjects.js';
import { quantile, table } from '../table.js';

const STREAMS = 10_000;
const PACED_STREAMS = 4_000;
const WARM_UP_STREAMS = 200;
/** Files that a process has open beside its streams. */
const OTHER_FILES = 100;

/** Memory of many open streams, and how paced ones fare together. */
export async function openStreams(bench: Bench, isTiny: boolean): Promise<string> {
  const streams = isTiny ? 100 : mostStreams();
  const kinds = [FLOOR, NODE, ...FRAMEWORKS.flat()];
  const rows: string[][] = [];
  for (const kind of kinds) {
    const { idleMB, perStreamKB } = await memoryOfStreams(kind, streams, bench);
    rows.push([kind.name, idleMB.toFixed(0), perStreamKB.toFixed(1)]);
  }
  const paced = await pacedAtOnce(isTiny ? 50 : PACED_STREAMS, bench);
  const limit = streams < STREAMS && !isTiny ? ' As many as the limit of open files allows here.' : '';
  return `${table([`${streams.toLocaleString('en')} streams at once`, 'idle, MB', 'KB of RSS per open stream'], rows)}\n\nRSS with and without them, each after a full collection. Target: 30 KB.${limit}\n\n${paced}`;
}

/** A stream has two sockets in a proxy; those of the warm-up stay open. */
function mostStreams(): number {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
  return Number.isNaN(limit)
    ? STREAMS
    : Math.min(STREAMS, Math.floor(((limit - OTHER_FILES) / 2 - WARM_UP_STREAMS) / 100) * 100);
}

/**
 * Resident memory before any stream, and what each of many open ones adds; NaN when they are not all open in time.
 *
 * @param openingMs how long they may take to open. @default no limit
 */
export async function memoryOfStreams(
  kind: SubjectKind,
  streams: number,
  { starter }: Bench,
  openingMs?: number,
): Promise<{ readonly idleMB: number; readonly perStreamKB: number }> {
  const running = await starter.start(kind, { path: '/hold', model: 'bench-openai' });
  const holder = await Part.start(await bundle('hold'), { args: [JSON.stringify(running.hello)], core: LOAD_CORE });
  try {
    const hold = (count: number) => within(openingMs, holder.part.ask(count));
    const isWarm = await hold(Math.min(WARM_UP_STREAMS, streams));
    const before = await running.state('collect');
    if (!isWarm || !(await hold(streams))) return { idleMB: before.rssMB, perStreamKB: Number.NaN };
    const after = await running.state('collect');
    return { idleMB: before.rssMB, perStreamKB: ((after.rssMB - before.rssMB) * 1_024) / streams };
  } finally {
    holder.part.stop();
    running.stop();
  }
}

/** False when it takes longer. */
async function within(ms: number | undefined, work: Promise<unknown>): Promise<boolean> {
  const done = work.then(() => true);
  if (ms === undefined) return done;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

async function pacedAtOnce(streams: number, { starter, load }: Bench): Promise<string> {
  const running = await starter.start(NODE, { path: '/paced', model: 'bench-openai' });
  try {
    const one = { ...JSON_CASE, stream: true };
    const order: LoadOrder = { ...orderFor(one, running, 60), concurrency: streams, mostRequests: streams };
    const { requests, chunkAges } = await ask(running, load, order);
    return `${streams.toLocaleString('en')} paced streams at once, of 64 chunks each, on node:http: ${requests.toLocaleString('en')} complete, a chunk arrives ${quantile(chunkAges, 0.5).toFixed(0)} ms after it was sent (p50).`;
  } finally {
    running.stop();
  }
}

/** Memory of one process on the memory store while it answers a million requests. */
export async function aMillionRequests({ starter, load }: Bench, isTiny: boolean): Promise<string> {
  const marks = isTiny ? [10, 20] : [10_000, 100_000, 250_000, 500_000, 750_000, 1_000_000];
  const running = await starter.start(NODE, JSON_CASE);
  try {
    const rows: string[][] = [];
    let done = 0;
    for (const mark of marks) {
      const order = { ...orderFor(JSON_CASE, running, Number.MAX_SAFE_INTEGER), mostRequests: mark - done };
      const before = await running.state('watch');
      await ask(running, load, order);
      const after = await running.state();
      const micros = (after.cpuMicros - before.cpuMicros) / (mark - done);
      done = mark;
      rows.push([
        mark.toLocaleString('en'),
        ...[after.rssMB, micros, after.longestPause].map((value) => value.toFixed(0)),
      ]);
    }
    const { heapMB } = await running.state('collect');
    const head = ['requests', 'RSS, MB', 'CPU µs', 'longest pause, ms'];
    return `${table(head, rows)}\n\nOne process on node:http, 32 at a time, memory store, which keeps the newest million events of a request in columns. After a full collection at the end the heap has ${heapMB.toFixed(0)} MB. Target under load: 110 MB of RSS.`;
  } finally {
    running.stop();
  }
}
