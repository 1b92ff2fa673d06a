import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts CPU of a process in hundredths of a second. */
const TICK_MICROS = 10_000;
const PAGE_KB = 4;

interface Entry {
  readonly parent: number;
  readonly cpuMicros: number;
  readonly rssMB: number;
}

/** CPU and memory of a process and of all that it started (Linux). What has ended already is counted by its parent. */
export function processTree(root: number): { readonly cpuMicros: number; readonly rssMB: number } {
  const all = new Map<number, Entry>();
  for (const name of readdirSync('/proc')) {
    const entry = /^\d+$/.test(name) ? read(Number(name)) : undefined;
    if (entry) all.set(Number(name), entry);
  }
  let [cpuMicros, rssMB] = [0, 0];
  const members = new Set([root]);
  for (const member of members) {
    const own = all.get(member);
    cpuMicros += own?.cpuMicros ?? 0;
    rssMB += own?.rssMB ?? 0;
    for (const [id, { parent }] of all) if (parent === member) members.add(id);
  }
  return { cpuMicros, rssMB };
}

/** See proc(5), /proc/pid/stat. */
function read(id: number): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0] = fields.slice(1);
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return { parent, cpuMicros: ticks * TICK_MICROS, rssMB: ((fields[21] ?? 0) * PAGE_KB) / 1_024 };
  } catch {
    return undefined;
  }
}
