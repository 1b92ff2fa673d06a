import { CASES } from '../cases.js';
import { ask, type Bench, orderFor } from '../measure.js';
import { bundle, Part } from '../processes.js';
import type { PacedReport } from '../subjects/paced-inside.js';
import { FLOOR, NODE, SUBJECT_CORE } from '../subjects.js';
import { table } from '../table.js';

const PER_SECOND = 10_000;

/** How long the event loop stands still: at a fixed rate without sockets, and with as much load as a server takes. */
export async function pauses(bench: Bench, isTiny: boolean): Promise<string> {
  const rows: string[][] = [];
  const { part } = await Part.start(await bundle('subjects/paced-inside'), { core: SUBJECT_CORE });
  for (const [name, seconds] of [
    ['first 3 s of a process', 3],
    ['the next 20 s', 20],
  ] as const) {
    const report = (await part.ask({ perSecond: PER_SECOND, seconds: isTiny ? 0.1 : seconds })) as PacedReport;
    rows.push([
      `no sockets, 10,000 requests per second, ${name}`,
      report.perSecond.toFixed(0),
      ...[report.longestMs, report.p999, report.longestCollectionMs].map((value) => value.toFixed(1)),
    ]);
  }
  part.stop();
  for (const kind of [FLOOR, NODE]) {
    const running = await bench.starter.start(kind, CASES.json);
    try {
      await ask(running, bench.load, orderFor(CASES.json, running, isTiny ? 0.1 : 5));
      await running.state('watch');
      const { requests, seconds } = await ask(running, bench.load, orderFor(CASES.json, running, isTiny ? 0.1 : 8));
      const { longestPause } = await running.state();
      rows.push([`${kind.name}, 32 at a time`, (requests / seconds).toFixed(0), longestPause.toFixed(1), '', '']);
    } finally {
      running.stop();
    }
  }
  const head = ['Event loop', 'req/s', 'longest pause, ms', '99.9 %', 'longest collection, ms'];
  return `${table(head, rows)}\n\nTarget: 20 ms. Without sockets the provider is in the same process, so that the rate is exact, and at most 256 requests run at once; with them it is what 32 connections reach. A core that other programs use as well stands still for their turns, too: compare the floor.`;
}
