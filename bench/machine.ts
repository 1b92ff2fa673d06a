import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** A load average above this means that the subjects had to share their cores. */
const BUSY = 0.7;

/**
 * What the figures were measured on, and when.
 *
 * @param load the load average of the last minute before the run began.
 */
export function machine(load: number): string[] {
  const [cpu] = cpus();
  const busy =
    load > BUSY
      ? 'other programs were running: what a subject adds is overstated, the more so the more code it has to keep in the caches'
      : 'the machine was quiet';
  const memory = Math.round(totalmem() / 1024 ** 3);
  const packages = ['undici', 'express', 'fastify', 'libsql', 'pg'].map((name) => `${name} ${versionOf(name)}`);
  return [
    `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${memory} GB; ${type()} ${release().split('-')[0]}; Node ${process.versions.node}`,
    `metask-gateway ${versionOf('.')}, ${packages.join(', ')}`,
    `${new Date().toISOString().slice(0, 10)}; the measured process alone on one core, the provider and the load on another.`,
    `Load average before the run: ${load.toFixed(1)}; ${busy}.`,
  ];
}

function versionOf(name: string): string {
  const path = name === '.' ? '../package.json' : `../node_modules/${name}/package.json`;
  return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
}
