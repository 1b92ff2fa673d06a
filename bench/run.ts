import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { postgresMissing, startPostgres } from '../test/helpers/postgres-server.js';
import { CASES, type Case, GROWTH, INSIDE_CASE, JSON_CASE } from './cases.js';
import { compare, type Effort, type Finding } from './compare.js';
import { machine } from './machine.js';
import { installPortkey } from './portkey.js';
import { bundle, cleanUp, Part } from './processes.js';
import { caseTable, firstTable, growthTable, insideTable, populationTable, storeTable, streamTable } from './report.js';
import { memoryPerStream, pacedAtOnce } from './streams.js';
import { FLOOR, FRAMEWORKS, INSIDE, LOAD_CORE, NODE, Starter, type SubjectKind } from './subjects.js';

const isQuick = process.argv.includes('--quick');
const only = process.env['BENCH_ONLY'];
const effort: Effort = {
  settlingRounds: isQuick ? 3 : 8,
  rounds: Number(process.env['BENCH_ROUNDS'] ?? (isQuick ? 3 : 7)),
  roundSeconds: isQuick ? 0.5 : 0.8,
  latencySeconds: isQuick ? 0.2 : 2,
};
const short: Effort = { settlingRounds: isQuick ? 2 : 6, rounds: 3, roundSeconds: 0.5, latencySeconds: 0 };
const streams = isQuick ? 1_000 : 4_000;
const wants = (name: string) => !only || name.includes(only);
const started = performance.now();
const loadBefore = loadavg()[0] ?? 0;

const portkey =
  !only || process.env['BENCH_PEERS'] ? installPortkey() : { missing: 'Portkey was left out of this run' };
const load = (await Part.start(await bundle('http-load'), { core: LOAD_CORE })).part;
const upstream = await Part.start(await bundle('upstream'), { core: LOAD_CORE });
const starter = await Starter.prepare(upstream.hello.port, portkey);
const sections: string[] = [];
const notes: string[] = [];
const peers: SubjectKind[] = [];
if ('missing' in portkey) notes.push(`Not measured: ${portkey.missing}.`);
else peers.push({ name: `Portkey ${portkey.version}`, variant: 'portkey' });

try {
  const findings = await measureCases();
  if (findings.size > 0) {
    sections.unshift(firstTable(findings));
    for (const [one, found] of findings) say(one.name, caseTable(one, found));
  }
  if (wants(INSIDE_CASE.name)) await measureInside();
  if (wants('stores')) await measureStores();
  if (wants('memory')) await measureStreams();
  if (wants('growth')) await measureGrowth();
} finally {
  for (const part of [load, upstream.part]) part.stop();
  if ('remove' in portkey) portkey.remove();
  cleanUp();
}
publish();

/** All cases; a peer that fails one is noted and left out of it. */
async function measureCases(): Promise<Map<Case, readonly Finding[]>> {
  const findings = new Map<Case, readonly Finding[]>();
  const cases = isQuick ? CASES.map(shortened) : CASES;
  for (const one of cases.filter(({ name }) => wants(name))) {
    const own = [NODE, ...FRAMEWORKS];
    try {
      findings.set(one, await compare(one, [...own, ...peers], starter, load, effort));
    } catch (thrown) {
      if (peers.length === 0 || !String(thrown).includes('Portkey')) throw thrown;
      notes.push(`"${one.name}" was measured without the peer: ${String(thrown)}.`);
      findings.set(one, await compare(one, own, starter, load, effort));
    }
    console.log(`${caseTable(one, findings.get(one) ?? [])}\n`);
  }
  return findings;
}

function shortened(one: Case): Case {
  return { ...one, rounds: 0, settlingRounds: 0, latencySeconds: 0 };
}

async function measureInside(): Promise<void> {
  const found = await compare(isQuick ? shortened(INSIDE_CASE) : INSIDE_CASE, [NODE, INSIDE], starter, load, effort);
  say('Calls from inside the app', insideTable(found));
}

async function measureStores(): Promise<void> {
  const kinds: SubjectKind[] = [
    { name: 'memory', variant: 'node' },
    { name: 'SQLite (libsql, WAL)', variant: 'node', store: 'sqlite' },
  ];
  const missing = postgresMissing();
  const server = missing ? undefined : await startPostgres({ fsync: true });
  if (server) kinds.push({ name: 'PostgreSQL', variant: 'node', store: 'postgres', postgres: server.config });
  else notes.push(`Not measured: the PostgreSQL store. ${missing}.`);
  try {
    const found = await compare(JSON_CASE, kinds, starter, load, { ...effort, latencySeconds: 0.3 });
    say('JSON by store, node:http', storeTable(found));
  } finally {
    await server?.stop();
  }
}

async function measureStreams(): Promise<void> {
  const memory = new Map<string, number>();
  for (const kind of [FLOOR, NODE, ...FRAMEWORKS, ...peers])
    memory.set(kind.name, await memoryPerStream(kind, streams, starter));
  const paced = new Map([[NODE.name, await pacedAtOnce(NODE, streams, starter, load)]]);
  say(`${streams.toLocaleString('en')} streams at once`, streamTable(memory, paced));
}

async function measureGrowth(): Promise<void> {
  const found = new Map<Case, readonly Finding[]>();
  for (const one of GROWTH) found.set(one, await compare(one, [NODE], starter, load, short));
  say('Growth with the size of a request and of an answer', growthTable(found));
  const sizes = isQuick ? [1_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000];
  const micros: number[][] = [];
  for (const size of sizes) micros.push([size, await populated(size, 0), await populated(1_000, size)]);
  say('Growth with what the gateway already knows', populationTable(micros));
}

/** CPU µs of a request in a process of its own. */
async function populated(accounts: number, events: number): Promise<number> {
  const { part } = await Part.start(await bundle('population'), { core: 1 });
  const micros = (await part.ask({ accounts, events })) as number;
  part.stop();
  return micros;
}

function say(title: string, text: string): void {
  sections.push(`## ${title}\n\n${text}`);
  console.log(`${title}\n\n${text}\n`);
}

function publish(): void {
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  const facts = [
    ...machine(loadBefore),
    `At least ${effort.rounds} interleaved rounds; ${minutes} minutes in all.`,
    ...notes,
  ];
  const text = ['# Results of `npm run bench`', facts.map((fact) => `- ${fact}`).join('\n'), ...sections].join('\n\n');
  console.log(text);
  if (!only && !isQuick) writeFileSync(fileURLToPath(new URL('RESULTS.md', import.meta.url)), `${text}\n`);
}
