import { loadavg } from 'node:os';
import { CASES, type Case, INSIDE_CASE, JSON_CASE } from './cases.js';
import { type FreshEffort, type FreshFinding, measureFresh, spreadOf } from './fresh.js';
import { machine } from './machine.js';
import { bundle, cleanUp, Part } from './processes.js';
import { FLOOR, INSIDE, LOAD_CORE, NODE, Starter, type SubjectKind } from './subjects.js';
import { median, table } from './table.js';

/**
 * What a user gets: fresh processes with Node's default flags, each beside a fresh floor, and how far they are apart.
 *
 * `npm run bench:defaults`, about ten minutes; prints. `BENCH_ONLY=messages` measures the rows with that name alone;
 * `--tiny` shows that it runs.
 */
const isTiny = process.argv.includes('--tiny');
const only = process.env['BENCH_ONLY'];
const effort: FreshEffort = isTiny
  ? { firsts: [10, 20], settlingRounds: 0, rounds: 1, roundSeconds: 0.05 }
  : { firsts: [1_000, 10_000], settlingRounds: 4, rounds: 7, roundSeconds: 0.5 };
/** A stream of 100 chunks costs as much as some twenty requests. */
const streamEffort: FreshEffort = isTiny ? effort : { ...effort, firsts: [100, 1_000] };

/** Fresh processes of the case that counts most, and of the others. */
const MANY = isTiny ? 2 : 8;
const FEW = isTiny ? 1 : 2;

const named = (name: string) => CASES.find((one) => one.name === name) ?? JSON_CASE;
const on = (framework: 'express' | 'fastify'): readonly [SubjectKind, SubjectKind] => [
  { name: `a proxy on ${framework}`, variant: 'floor', framework },
  { name: `metask-gateway on ${framework}`, variant: framework },
];

interface Row {
  readonly name: string;
  readonly one: Case;
  readonly kinds: readonly [floor: SubjectKind, subject: SubjectKind];
  readonly processes: number;
}

const plain = [FLOOR, NODE] as const;
const ROWS: readonly Row[] = [
  { name: 'JSON', one: JSON_CASE, kinds: plain, processes: MANY },
  { name: 'JSON on Express, to a proxy on Express', one: JSON_CASE, kinds: on('express'), processes: FEW },
  { name: 'JSON on Fastify, to a proxy on Fastify', one: JSON_CASE, kinds: on('fastify'), processes: FEW },
  { name: 'inside', one: INSIDE_CASE, kinds: [FLOOR, INSIDE], processes: FEW },
  {
    name: 'JSON, Anthropic, translated',
    one: { ...JSON_CASE, model: 'bench-anthropic' },
    kinds: plain,
    processes: FEW,
  },
  { name: 'JSON, Gemini, translated', one: { ...JSON_CASE, model: 'bench-google' }, kinds: plain, processes: FEW },
  ...[
    'JSON, 200 KB prompt',
    'messages, JSON, relayed',
    'responses, JSON, relayed',
    'Stream of 100 chunks',
    'messages, stream, relayed',
  ].map((name) => ({ name, one: named(name), kinds: plain, processes: FEW })),
];

const loadBefore = loadavg()[0] ?? 0;
const load = (await Part.start(await bundle('http-load'), { core: LOAD_CORE })).part;
const upstream = await Part.start(await bundle('upstream'), { core: LOAD_CORE });
try {
  const starter = await Starter.prepare(upstream.hello.port, { missing: 'not measured here' }, true);
  const rows: string[][] = [];
  for (const row of ROWS.filter(({ name }) => !only || name.includes(only))) {
    const findings: FreshFinding[] = [];
    for (let i = 0; i < row.processes; i += 1) {
      const own = row.one.stream ? streamEffort : effort;
      findings.push(await measureFresh(row.one, row.kinds, starter, load, own));
    }
    rows.push(cellsOf(row, findings));
    console.log(rows.at(-1)?.join(' · '));
  }
  console.log(`\n${machine(loadBefore).join('\n')}\nNode's default flags; CPU as a multiple of the floor's.\n`);
  console.log(table(['', 'warm', 'spread', 'µs', 'first 1,000', 'first 10,000', 'RSS, MB', 'floor, MB'], rows));
  console.log('\nOf streams the first 100 and 1,000.');
} finally {
  for (const part of [load, upstream.part]) part.stop();
  cleanUp();
}

function cellsOf({ name }: Row, findings: readonly FreshFinding[]): string[] {
  const middle = (pick: (finding: FreshFinding) => number) => median(findings.map(pick));
  return [
    name,
    middle(({ warm }) => warm).toFixed(2),
    `${(spreadOf(findings) * 100).toFixed(0)} % of ${findings.length}`,
    middle(({ micros }) => micros).toFixed(0),
    middle(({ firsts }) => firsts[0] ?? Number.NaN).toFixed(2),
    middle(({ firsts }) => firsts[1] ?? Number.NaN).toFixed(2),
    Math.max(...findings.map(({ rssMB }) => rssMB)).toFixed(0),
    Math.max(...findings.map(({ floorRssMB }) => floorRssMB)).toFixed(0),
  ];
}
