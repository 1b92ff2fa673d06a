import { type Case, INSIDE_TARGET } from './cases.js';
import type { Finding } from './compare.js';
import type { LoadReport } from './load.js';
import { FLOOR, FRAMEWORKS, INSIDE, NODE } from './subjects.js';
import { quantile, table } from './table.js';

const times = (ratio: number) => `${ratio.toFixed(2)} ×`;
const micros = (value: number) => value.toFixed(value < 10 ? 1 : 0);
const ms = (value: number) => value.toFixed(2);

const isPeer = ({ name }: { readonly name: string }) => ![FLOOR, NODE, ...FRAMEWORKS].some((own) => own.name === name);

/** The table to quote: CPU per request of every subject in every case, as a multiple of the floor's. */
export function firstTable(findings: ReadonlyMap<Case, readonly Finding[]>): string {
  const names = new Set([...findings.values()].flat().map(({ name }) => name));
  const rows = [...findings].map(([one, found]) => [
    one.name,
    ...[...names].map((name) => {
      const finding = found.find((candidate) => candidate.name === name);
      if (!finding) return '–';
      const cost = `${micros(finding.cpuMicros)} µs`;
      return name === FLOOR.name ? cost : `${times(finding.ratio)} (${cost})`;
    }),
    one.target ? `≤ ${one.target} ×` : '',
    ...found
      .filter(isPeer)
      .flatMap(({ toGateway }) => [times(toGateway), one.peerTarget ? `≥ ${one.peerTarget} ×` : '']),
  ]);
  const peer = [...names].find((name) => isPeer({ name }));
  const compared = peer ? [`${peer} to ${NODE.name}`, 'target'] : [];
  const head = ['CPU per request', ...names, 'target on node:http', ...compared];
  return `${table(head, rows)}\n\nMedians, as multiples of the floor (or the gateway) in the same round. The floor does no work at all: no keys, no limits, no JSON.`;
}

/** Everything that one case showed. */
export function caseTable(one: Case, found: readonly Finding[]): string {
  const rows = found.map((finding) => [
    finding.name,
    micros(finding.cpuMicros),
    times(finding.ratio),
    finding.perSecond.toFixed(0),
    ...(one.paced ? [finding.chunkP99] : [...finding.latency, ...finding.firstByte]).map(ms),
  ]);
  const added = one.paced ? ['+chunk p99'] : ['+ms p50', '+ms p99', '+first p50', '+first p99'];
  return table([one.name, 'CPU µs', 'to floor', 'req/s', ...added], rows);
}

export function storeTable(found: readonly Finding[]): string {
  const rows = found.map(({ name, cpuMicros, ratio, perSecond, latency }) => [
    name,
    micros(cpuMicros),
    times(ratio),
    perSecond.toFixed(0),
    ...latency.map(ms),
  ]);
  return table(['store', 'CPU µs', 'to floor', 'req/s', '+ms p50', '+ms p99'], rows);
}

/** What a request costs that the app's own code makes, beside the same request through a server. */
export function insideTable(found: readonly Finding[]): string {
  const rows = found
    .filter(({ name }) => name !== FLOOR.name)
    .map(({ name, cpuMicros, toGateway }) => [
      name,
      micros(cpuMicros),
      times(toGateway),
      name === INSIDE.name ? `≤ ${INSIDE_TARGET} ×` : '',
    ]);
  const note = 'Through a server, the CPU of the client is not counted; inside, what the client does is part of it.';
  return `${table(['JSON', 'CPU µs', `to ${NODE.name}`, 'target'], rows)}\n\n${note}`;
}

/** Memory of open streams, and how paced ones fared. */
export function streamTable(memory: ReadonlyMap<string, number>, paced: ReadonlyMap<string, LoadReport>): string {
  const rows = [...memory].map(([name, kb]) => {
    const report = paced.get(name);
    return [
      name,
      `${kb.toFixed(1)} KB`,
      report ? `${report.requests} complete, ${report.errors} failed` : '',
      report ? `${quantile(report.chunkAges, 0.5).toFixed(0)} ms` : '',
    ];
  });
  return table(['', 'memory per open stream', 'paced, 64 chunks each', 'chunk age p50'], rows);
}

export function growthTable(found: ReadonlyMap<Case, readonly Finding[]>): string {
  const rows = [...found].map(([one, findings]) => {
    const [floor, own] = [FLOOR.name, NODE.name].map((name) => findings.find((finding) => finding.name === name));
    const [base = Number.NaN, cost = Number.NaN] = [floor?.cpuMicros, own?.cpuMicros];
    return [one.name, micros(base), micros(cost), micros(cost - base), times(own?.ratio ?? Number.NaN)];
  });
  return table(['', 'floor µs', NODE.name, 'added µs', 'to floor'], rows);
}

/** @param measured rows of: how many, µs with that many accounts, µs with that many past requests. */
export function populationTable(measured: readonly (readonly number[])[]): string {
  const rows = measured.map(([size = 0, accounts = 0, events = 0]) => [
    size.toLocaleString('en'),
    accounts.toFixed(1),
    events.toFixed(1),
  ]);
  const head = ['how many', 'µs with that many accounts and keys', 'µs after that many requests'];
  return `${table(head, rows)}\n\nCPU per JSON request without sockets, 1,000 keys taking turns, memory store.`;
}
