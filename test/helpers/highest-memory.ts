import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory that this process has had since that was last forgotten, in bytes: nothing between two looks is missed. Source: proc(5). */
export function highestMemory(): number {
  const [, kibibytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return Number(kibibytes) * 1_024;
}

export function forgetHighest(): void {
  writeFileSync('/proc/self/clear_refs', '5');
}
