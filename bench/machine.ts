import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** What the figures were measured on, and when. */
export function machine(): string[] {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const packages = ['undici', 'express', 'fastify', 'libsql', 'pg'].map((name) => `${name} ${versionOf(name)}`);
  return [
    `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${memory} GB; ${type()} ${release().split('-')[0]}; Node ${process.versions.node}`,
    `metask-gateway ${versionOf('.')}, ${packages.join(', ')}`,
    `${new Date().toISOString().slice(0, 10)}; the measured process alone on one core, the provider and the load on another.`,
  ];
}

function versionOf(name: string): string {
  const path = name === '.' ? '../package.json' : `../node_modules/${name}/package.json`;
  return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
}
