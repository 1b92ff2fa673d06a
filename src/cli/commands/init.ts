import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import type { Io } from '../command.js';
import { UsageError } from '../load-gateway.js';
import { toJson } from '../output.js';
import { gatewayFile, mountFile, type Setup, type StoreKind } from './starter-files.js';

/** Adds `init`, which writes a starter for the framework and store that the app has. */
export function addInit(program: Command, io: Io): void {
  const command: Command = program
    .command('init')
    .description('Writes a gateway module and its mount, for the framework and database driver in package.json.')
    .option('--force', 'overwrite existing files')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ metask-gateway init\n  $ npx metask-gateway init && npx metask-gateway doctor',
    )
    .action(() => {
      const { force, json } = command.opts<{ force?: boolean; json?: boolean }>();
      const setup = setupOf(io.cwd);
      const files = [gatewayFile(setup), mountFile(setup)];
      const taken = files.filter(({ path }) => existsSync(join(io.cwd, path)));
      if (taken.length > 0 && !force) {
        const names = taken.map(({ path }) => path).join(' and ');
        throw new UsageError(`Already there: ${names}. Use --force to overwrite ${taken.length > 1 ? 'them' : 'it'}.`);
      }
      for (const { path, content } of files) {
        mkdirSync(dirname(join(io.cwd, path)), { recursive: true });
        writeFileSync(join(io.cwd, path), content);
      }
      const written = files.map(({ path }) => path);
      io.out(
        json ? toJson({ framework: setup.framework, store: setup.store, files: written }) : nextSteps(setup, written),
      );
    });
}

const FRAMEWORKS = ['next', 'fastify', 'express', 'hono'] as const;
const DRIVERS: readonly (readonly [string, StoreKind])[] = [
  ['pg', 'postgres'],
  ['better-sqlite3', 'better-sqlite3'],
  ['libsql', 'libsql'],
];

/** @throws {UsageError} when there is no package.json. */
function setupOf(cwd: string): Setup {
  const file = join(cwd, 'package.json');
  if (!existsSync(file)) throw new UsageError('There is no package.json here: run it in the folder of your app.');
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8'));
  const installed = new Set(Object.keys({ ...devDependencies, ...dependencies }));
  const typescript = existsSync(join(cwd, 'tsconfig.json'));
  return {
    framework: FRAMEWORKS.find((name) => installed.has(name)) ?? 'node',
    store: DRIVERS.find(([driver]) => installed.has(driver))?.[1] ?? 'memory',
    extension: typescript ? 'ts' : 'mjs',
    runsTypeScript: Boolean((process.features as { readonly typescript?: unknown }).typescript),
    appFolder: existsSync(join(cwd, 'src', 'app')) ? 'src/app' : 'app',
  };
}

function nextSteps({ framework, store, extension, runsTypeScript }: Setup, written: readonly string[]): string {
  const [gateway = '', mount = ''] = written;
  const typed = extension === 'ts';
  const node = typed && !runsTypeScript ? 'npx tsx' : 'node';
  const cli = typed && !runsTypeScript ? 'npx tsx node_modules/metask-gateway/dist/cli.js' : 'npx metask-gateway';
  return [
    `Written: ${written.join(', ')}`,
    '',
    `1. Set OPENAI_API_KEY${store === 'postgres' ? ' and DATABASE_URL' : ''}.`,
    `2. ${cli} doctor --gateway ${relative('.', gateway)}`,
    framework === 'next'
      ? '3. next dev serves it at /v1.'
      : `3. ${node} ${mount} serves it at http://localhost:3000/v1.`,
    `4. ${cli} keys create user_1 --name laptop --gateway ${gateway}`,
    ...(typed && runsTypeScript && framework !== 'next'
      ? ['', `For tsc, set "allowImportingTsExtensions" in tsconfig.json: ${mount} imports ./${gateway}.`]
      : []),
    ...(store === 'memory'
      ? ['', 'Keys and money are in memory: install pg, better-sqlite3 or libsql to keep them.']
      : []),
  ].join('\n');
}
