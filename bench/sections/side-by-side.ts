import { type Finding, findingOf, spreadOf } from '../findings.js';
import { type Bench, measureTogether, type Sample } from '../measure.js';
import { GROUPS, type Group, kindsOf, type Row, tiny } from '../rows.js';
import { ms, table, times } from '../table.js';

interface Measured extends Row {
  readonly name: string;
  readonly finding: Finding;
  readonly own: Finding;
}

/** Cost of every kind of request, beside the floor. */
export async function sideBySide(bench: Bench, isTiny: boolean, wants: (name: string) => boolean): Promise<string> {
  const measured: Measured[] = [];
  for (const group of GROUPS) {
    if (!group.rows.some((row) => wants(nameOf(group, row)))) continue;
    const found = await measureGroup(group, bench, isTiny);
    console.log(costTable(found));
    measured.push(...found);
  }
  if (measured.length === 0) return '';
  return [
    costTable(measured),
    'CPU of a request as a multiple of what the floor of the same rounds takes; on frameworks, of the bare proxy on the same framework. `processes`: fresh ones, and how far the highest is above the lowest. `first N`: CPU of the first N requests of a process, without its start, as a multiple of the same of the floor.',
    latencyTable(measured),
    '`req/s`: of one core, 32 at a time. `p99 × floor`: of the time of a request then. All others: milliseconds that one request at a time takes longer than with the floor; `first` is the first byte, in a stream the first token.',
    memoryTable(measured),
    '`start`: from the start of the process until it listens. RSS before the first request, and at the end of the load, the highest of all processes.',
  ].join('\n\n');
}

async function measureGroup(group: Group, bench: Bench, isTiny: boolean): Promise<Measured[]> {
  const { one, rows, processes, effort } = group;
  const kinds = kindsOf(group);
  const samples: Sample[][] = [];
  for (let i = 0; i < (isTiny ? 1 : processes); i += 1)
    samples.push(await measureTogether(one, kinds, bench, isTiny ? tiny(effort) : effort));
  return rows.map((row) => ({
    ...row,
    name: nameOf(group, row),
    finding: findingOf(row.kind, row.floor, samples),
    own: findingOf(row.floor, row.floor, samples),
  }));
}

function nameOf({ one, rows }: Group, { kind }: Row): string {
  return rows.length === 1 && kind.variant === 'node' ? one.name : `${one.name}: ${kind.name}`;
}

function costTable(measured: readonly Measured[]): string {
  const rows = measured.map(({ name, finding, own, target }) => [
    name,
    `${own.cpuMicros.toFixed(0)}`,
    finding.cpuMicros.toFixed(0),
    times(middle(finding)),
    target ? `≤ ${target} ×` : '',
    finding.processes > 1 ? `${finding.processes}, ${(spreadOf(finding) * 100).toFixed(0)} %` : '1',
    ...[0, 1, 2].map((i) => (finding.firsts[i] ? times(finding.firsts[i].ratio) : '–')),
  ]);
  const firsts = ['first 1,000', 'first 10,000', 'first 100,000'];
  return table(['CPU per request', 'floor µs', 'µs', '× floor', 'target', 'processes', ...firsts], rows);
}

function latencyTable(measured: readonly Measured[]): string {
  const rows = measured.map(({ name, finding, own }) => [
    name,
    own.perSecond.toFixed(0),
    finding.perSecond.toFixed(0),
    times(finding.p99Ratio),
    ...[...finding.latency, ...finding.firstByte, finding.chunkP99].map(ms),
  ]);
  const added = ['+p50', '+p99', '+first p50', '+first p99', '+chunk p99'];
  return table(['Latency', 'floor req/s', 'req/s', 'p99 × floor', ...added], rows);
}

function memoryTable(measured: readonly Measured[]): string {
  const rows = measured.map(({ name, finding, own }) => [
    name,
    `${finding.startMs.toFixed(0)} ms`,
    ...[finding.idleMB, finding.loadedMB, own.idleMB, own.loadedMB].map((mb) => mb.toFixed(0)),
  ]);
  const head = ['Memory in MB', 'start', 'idle', 'under load', 'floor idle', 'floor under load'];
  return table(head, rows);
}

function middle({ ratios }: Finding): number {
  return [...ratios].sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Number.NaN;
}
