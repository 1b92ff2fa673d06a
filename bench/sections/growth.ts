import { GROWTH } from '../cases.js';
import { findingOf } from '../findings.js';
import { type Bench, type Effort, measureTogether } from '../measure.js';
import { bundle, Part } from '../processes.js';
import { tiny } from '../rows.js';
import { FLOOR, NODE, SUBJECT_CORE } from '../subjects.js';
import { median, table, times } from '../table.js';

const effort: Effort = { firsts: [], settlingRounds: 5, rounds: 3, roundSeconds: 0.5, aloneSeconds: 0 };

/** How cost grows with the size of a request and of its answer. */
export async function growthOfSizes(bench: Bench, isTiny: boolean): Promise<string> {
  const rows: string[][] = [];
  for (const one of GROWTH) {
    const groups = [await measureTogether(one, [FLOOR, NODE], bench, isTiny ? tiny(effort) : effort)];
    const [floor, own] = [findingOf(FLOOR, FLOOR, groups), findingOf(NODE, FLOOR, groups)];
    const micros = [floor.cpuMicros, own.cpuMicros, own.cpuMicros - floor.cpuMicros].map((value) => value.toFixed(0));
    rows.push([one.name, ...micros, times(median(own.ratios))]);
  }
  return table(['', 'floor µs', NODE.name, 'added µs', '× floor'], rows);
}

/** How cost grows with accounts, keys and past requests. */
export async function growthOfHistory(isTiny: boolean): Promise<string> {
  const rows: string[][] = [];
  for (const size of isTiny ? [1_000] : [1_000, 100_000, 1_000_000]) {
    const micros = [await populated(size, 0), await populated(1_000, size)];
    rows.push([size.toLocaleString('en'), ...micros.map((value) => value.toFixed(1))]);
  }
  const head = ['how many', 'µs with that many accounts and keys', 'µs after that many requests'];
  return `${table(head, rows)}\n\nCPU per JSON request without sockets, 1,000 keys taking turns, memory store.`;
}

/** CPU µs of a request in a process of its own. */
async function populated(accounts: number, events: number): Promise<number> {
  const { part } = await Part.start(await bundle('subjects/population'), { core: SUBJECT_CORE });
  const micros = (await part.ask({ accounts, events })) as number;
  part.stop();
  return micros;
}
