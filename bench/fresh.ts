import type { Case } from './cases.js';
import { ask, measure, orderFor } from './compare.js';
import type { LoadReport } from './load.js';
import type { Part } from './processes.js';
import type { Running, Starter, SubjectKind } from './subjects.js';
import { median } from './table.js';

/** How often and how long to measure fresh processes. */
export interface FreshEffort {
  /** The cost of the first so many requests, ascending. */
  readonly firsts: readonly number[];
  /** Rounds of load before those that count. */
  readonly settlingRounds: number;
  readonly rounds: number;
  readonly roundSeconds: number;
}

/** What one fresh process showed beside a fresh floor: CPU as multiples of the floor's. */
export interface FreshFinding {
  /** Of the first requests, as `FreshEffort.firsts` names them. */
  readonly firsts: readonly number[];
  readonly warm: number;
  /** CPU of a request when warm, in microseconds. */
  readonly micros: number;
  /** At its end, under load. */
  readonly rssMB: number;
  readonly floorRssMB: number;
}

/** Measures one fresh process of a subject beside a fresh floor, turn by turn. */
export async function measureFresh(
  one: Case,
  [floorKind, kind]: readonly [floor: SubjectKind, subject: SubjectKind],
  starter: Starter,
  load: Part,
  effort: FreshEffort,
): Promise<FreshFinding> {
  const floor = await starter.start(floorKind, one);
  const subject = await starter.start(kind, one);
  try {
    const floorFirsts = await firstCosts(one, floor, load, effort.firsts);
    const subjectFirsts = await firstCosts(one, subject, load, effort.firsts);
    const ratios: number[] = [];
    const micros: number[] = [];
    for (let round = 0; round < effort.settlingRounds + effort.rounds; round += 1) {
      const least = await measure(floor, load, orderFor(one, floor, effort.roundSeconds));
      const cost = await measure(subject, load, orderFor(one, subject, effort.roundSeconds));
      if (round < effort.settlingRounds) continue;
      ratios.push(cost.cpuMicros / least.cpuMicros);
      micros.push(cost.cpuMicros);
    }
    return {
      firsts: subjectFirsts.map((cost, i) => cost / (floorFirsts[i] ?? Number.NaN)),
      warm: median(ratios),
      micros: median(micros),
      rssMB: await rssOf(subject.part),
      floorRssMB: await rssOf(floor.part),
    };
  } finally {
    for (const { part } of [floor, subject]) part.stop();
  }
}

/** CPU of the first requests of a process, in microseconds each, without its start. */
async function firstCosts(one: Case, running: Running, load: Part, firsts: readonly number[]): Promise<number[]> {
  const costs: number[] = [];
  const start = await cpuOf(running.part);
  let done = 0;
  for (const first of firsts) {
    const order = { ...orderFor(one, running, Number.MAX_SAFE_INTEGER), mostRequests: first - done };
    const { errors } = (await ask(running, load, order)) as LoadReport;
    if (errors > 0) throw new Error(`${running.kind.name}: ${errors} requests failed`);
    done = first;
    costs.push(((await cpuOf(running.part)) - start) / done);
  }
  return costs;
}

async function cpuOf(part: Part): Promise<number> {
  const { cpu } = (await part.ask('cpu')) as { cpu: NodeJS.CpuUsage };
  return cpu.user + cpu.system;
}

async function rssOf(part: Part): Promise<number> {
  const { rss } = (await part.ask('memory')) as { rss: number };
  return rss / 1024 ** 2;
}

/** How far the warm costs of several processes are apart: the highest as a part above the lowest. */
export function spreadOf(findings: readonly FreshFinding[]): number {
  const warm = findings.map((finding) => finding.warm);
  return Math.max(...warm) / Math.min(...warm) - 1;
}
