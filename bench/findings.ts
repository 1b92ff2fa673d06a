import type { Sample } from './measure.js';
import type { SubjectKind } from './subjects.js';
import { median, quantile } from './table.js';

/** What a group of processes of one kind showed beside those of its floor; times in ms unless named otherwise. */
export interface Finding {
  readonly name: string;
  readonly processes: number;
  /** Of a warm process, in the middle. */
  readonly cpuMicros: number;
  readonly perSecond: number;
  /** CPU as a multiple of the floor's in the same rounds: of each process the middle of its rounds. */
  readonly ratios: readonly number[];
  /** 99th percentile at 32 connections as a multiple of the floor's. */
  readonly p99Ratio: number;
  /** What it adds to the floor with one request at a time, as p50 and p99; NaN where there is none. */
  readonly latency: readonly [number, number];
  readonly firstByte: readonly [number, number];
  /** Added p99 of the time between a paced chunk's sending and its arrival. */
  readonly chunkP99: number;
  /** Cost of the first requests, as multiples of the floor's same ones, and in microseconds. */
  readonly firsts: readonly { readonly ratio: number; readonly micros: number }[];
  readonly startMs: number;
  readonly idleMB: number;
  /** The highest of all processes. */
  readonly loadedMB: number;
}

/** Compares a kind with its floor over groups of processes that were measured together. */
export function findingOf(kind: SubjectKind, floorKind: SubjectKind, groups: readonly (readonly Sample[])[]): Finding {
  const pairs = groups.map((samples) => ({ own: of(samples, kind), floor: of(samples, floorKind) }));
  const own = pairs.map((pair) => pair.own);
  const rounds = own.flatMap((sample) => sample.rounds);
  const added = (pick: 'latencies' | 'firstBytes', q: number) =>
    median(
      pairs.flatMap(({ own: { alone }, floor }) =>
        alone.map((report, i) => quantile(report[pick], q) - quantile(floor.alone[i]?.[pick] ?? [], q)),
      ),
    );
  const overRounds = (value: (own: Sample['rounds'][number], floor: Sample['rounds'][number]) => number) =>
    pairs.map((pair) =>
      median(pair.own.rounds.flatMap((round, i) => (pair.floor.rounds[i] ? [value(round, pair.floor.rounds[i])] : []))),
    );
  return {
    name: kind.name,
    processes: own.length,
    cpuMicros: median(own.map((sample) => median(sample.rounds.map(({ cpuMicros }) => cpuMicros)))),
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    ratios: overRounds((round, floor) => round.cpuMicros / floor.cpuMicros),
    p99Ratio: median(overRounds((round, floor) => round.p99 / floor.p99)),
    latency: [added('latencies', 0.5), added('latencies', 0.99)],
    firstByte: [added('firstBytes', 0.5), added('firstBytes', 0.99)],
    chunkP99: median(overRounds((round, floor) => round.chunkP99 - floor.chunkP99)),
    firsts: (own[0]?.firsts ?? []).map((_, i) => ({
      ratio: median(pairs.map((pair) => (pair.own.firsts[i] ?? Number.NaN) / (pair.floor.firsts[i] ?? Number.NaN))),
      micros: median(own.map(({ firsts }) => firsts[i] ?? Number.NaN)),
    })),
    startMs: median(own.map(({ startMs }) => startMs)),
    idleMB: median(own.map(({ idleMB }) => idleMB)),
    loadedMB: Math.max(...own.map(({ loadedMB }) => loadedMB)),
  };
}

function of(samples: readonly Sample[], kind: SubjectKind): Sample {
  const found = samples.find((sample) => sample.kind === kind);
  if (!found) throw new Error(`${kind.name} was not measured`);
  return found;
}

/** How far processes are apart: the highest ratio as a part above the lowest. */
export function spreadOf({ ratios }: Finding): number {
  return Math.max(...ratios) / Math.min(...ratios) - 1;
}
