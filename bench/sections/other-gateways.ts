import { CASES, type Case } from '../cases.js';
import { findingOf } from '../findings.js';
import { type Bench, type Effort, measureTogether } from '../measure.js';
import { installed, PEERS } from '../peers/install.js';
import { tiny } from '../rows.js';
import { FLOOR, NODE, type SubjectKind } from '../subjects.js';
import { median, ms, table, times } from '../table.js';
import { memoryOfStreams } from './memory.js';

/** Slow ones do not reach the first ten or hundred thousand requests in that time. */
const effort: Effort = {
  firsts: [1_000, 10_000],
  firstSeconds: 30,
  settlingRounds: 2,
  rounds: 3,
  roundSeconds: 2,
  aloneSeconds: 2,
};
const MEASURED: readonly { readonly one: Case; readonly effort: Effort }[] = [
  { one: CASES.json, effort: { ...effort, firsts: [1_000, 10_000, 100_000] } },
  { one: CASES.longPrompt, effort },
  { one: CASES.stream, effort: { ...effort, firsts: [1_000] } },
  { one: CASES.burst, effort },
  { one: CASES.paced, effort: { ...effort, firsts: [] } },
];
const STREAMS = 1_000;
/** Some hold back the first bytes of a stream that does not go on. */
const OPENING_MS = 60_000;

/** Other gateways under the same load, interleaved with the floor and this one. */
export async function otherGateways(bench: Bench, isTiny: boolean, wants: (name: string) => boolean): Promise<string> {
  const missing: string[] = [];
  const texts: string[] = [];
  let kinds: SubjectKind[] = [];
  for (const peer of PEERS.filter(({ name }) => wants(name))) {
    const found = installed(peer);
    if ('missing' in found) missing.push(found.missing);
    else kinds.push({ name: peer.name, variant: 'peer', peer: found.command });
  }
  for (const { one, effort: full } of MEASURED) {
    kinds = await withoutThoseThatFail(kinds, one, bench, missing);
    const all = [FLOOR, NODE, ...kinds];
    const groups = [await measureTogether(one, all, bench, isTiny ? tiny(full) : full)];
    const text = caseTable(one, all, groups);
    console.log(text);
    texts.push(`### ${one.name}\n\n${text}`);
  }
  texts.push(await memoryTable([FLOOR, NODE, ...kinds], bench, isTiny));
  const what = PEERS.filter(({ name }) => kinds.some((kind) => kind.name === name));
  const does = [
    `${NODE.name}: a key, three limits, prepaid balance, usage.`,
    ...what.map((peer) => `${peer.name}: ${peer.does}.`),
  ];
  return [
    [...does, ...missing.map((text) => `Not measured: ${text}.`)].map((line) => `- ${line}`).join('\n'),
    ...texts,
  ].join('\n\n');
}

/** Each must answer a request before it is measured. */
async function withoutThoseThatFail(
  kinds: readonly SubjectKind[],
  one: Case,
  bench: Bench,
  missing: string[],
): Promise<SubjectKind[]> {
  const working: SubjectKind[] = [];
  for (const kind of kinds) {
    try {
      const once: Effort = { firsts: [1], settlingRounds: 0, rounds: 0, roundSeconds: 0, aloneSeconds: 0 };
      await measureTogether(one, [kind], bench, once);
      working.push(kind);
    } catch (thrown) {
      missing.push(`${kind.name} from "${one.name}" on: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  return working;
}

function caseTable(
  { name, paced }: Case,
  kinds: readonly SubjectKind[],
  groups: Awaited<ReturnType<typeof measureTogether>>[],
): string {
  const rows = kinds.map((kind) => {
    const found = findingOf(kind, FLOOR, groups);
    return [
      kind.name,
      found.cpuMicros.toFixed(0),
      times(median(found.ratios)),
      found.perSecond.toFixed(0),
      times(found.p99Ratio),
      ...(paced ? [found.chunkP99] : [...found.latency, ...found.firstByte]).map(ms),
      ...found.firsts.map(({ ratio, micros }) =>
        Number.isNaN(ratio) ? '–' : `${micros.toFixed(0)} µs, ${times(ratio)}`,
      ),
      `${found.startMs.toFixed(0)} ms`,
      `${found.idleMB.toFixed(0)} / ${found.loadedMB.toFixed(0)}`,
    ];
  });
  const added = paced ? ['+chunk p99'] : ['+p50', '+p99', '+first p50', '+first p99'];
  const firsts = ['first 1,000', 'first 10,000', 'first 100,000'].slice(0, groups[0]?.[0]?.firsts.length ?? 0);
  return table(
    [name, 'CPU µs', '× floor', 'req/s', 'p99 × floor', ...added, ...firsts, 'start', 'MB idle / loaded'],
    rows,
  );
}

async function memoryTable(kinds: readonly SubjectKind[], bench: Bench, isTiny: boolean): Promise<string> {
  const rows: string[][] = [];
  const streams = isTiny ? 20 : STREAMS;
  for (const kind of kinds) {
    const { idleMB, perStreamKB } = await memoryOfStreams(kind, streams, bench, OPENING_MS);
    rows.push([kind.name, idleMB.toFixed(0), Number.isNaN(perStreamKB) ? '–' : perStreamKB.toFixed(1)]);
  }
  const head = [`${streams.toLocaleString('en')} streams at once`, 'idle, MB', 'KB per open stream'];
  return `### Memory of open streams\n\n${table(head, rows)}\n\n–: they were not all open after ${OPENING_MS / 1_000} s.`;
}
