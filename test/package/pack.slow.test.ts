import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';

/** What an app installs: the tarball, and what the consumers below need beside it. */
const COMPANIONS = ['fastify@^5.12.8', 'openai@^6.49.0', '@types/node@^20.19.43', 'jest@^30.2.0'];

const SUBPATHS = [
  '',
  '/node',
  '/express',
  '/fastify',
  '/next',
  '/sqlite',
  '/postgres',
  '/redis',
  '/dashboard',
  '/testing',
];

/** The job of an app: a gateway, a key, and an answer. */
const JOB = `
async function job({ createGateway, openai }, { fakeUpstream }) {
  const upstream = await fakeUpstream();
  const gateway = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 1, output: 1 } } },
    plans: { free: { models: '*' } },
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const response = await gateway.fetch(new Request('http://localhost/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi.' }] }),
  }));
  const answer = await response.json();
  await gateway.close();
  await upstream.close();
  return answer.choices[0].message.content;
}
`;

const CONSUMER = `
import { createGateway, memoryStore, openai, type Gateway, type KeyStore } from 'metask-gateway';
import { createDashboard } from 'metask-gateway/dashboard';
import { toExpressHandler } from 'metask-gateway/express';
import { gatewayPlugin } from 'metask-gateway/fastify';
import { toNextHandlers } from 'metask-gateway/next';
import { fileOutbox, toNodeHandler } from 'metask-gateway/node';
import { postgresStore } from 'metask-gateway/postgres';
import { redisKeyEvents, redisRateLimiter } from 'metask-gateway/redis';
import { sqliteStore } from 'metask-gateway/sqlite';
import { fakeUpstream, keyStoreSuite } from 'metask-gateway/testing';
import { createServer } from 'node:http';
import { fastify } from 'fastify';

const gateway: Gateway = createGateway({
  providers: { openai: openai({ apiKey: 'sk-…' }) },
  models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 1, output: 1 } } },
  plans: { free: { models: '*' } },
  store: memoryStore(),
});
createServer(toNodeHandler(gateway));
export const plugged = fastify().register(gatewayPlugin, { gateway, prefix: '/v1' });
export const { GET, POST } = toNextHandlers(gateway);
export const store: KeyStore = memoryStore().keyStore;
export const others = [
  createDashboard, toExpressHandler, fileOutbox, postgresStore, redisKeyEvents, redisRateLimiter, sqliteStore,
  fakeUpstream, keyStoreSuite,
];
// @ts-expect-error a price needs both of its parts
createGateway({ providers: {}, models: { m: { provider: 'openai', price: { input: 1 } } }, plans: {} });
`;

const app = mkdtempSync(join(tmpdir(), 'gateway-app-'));
let files: string[] = [];

/** Runs a program in the app and tells what it printed; rejects with its output when it fails. */
async function run(program: string, args: readonly string[]): Promise<string> {
  try {
    const { NODE_OPTIONS, ...env } = process.env;
    const { stdout } = await promisify(execFile)(program, args, { cwd: app, env, maxBuffer: 1e8 });
    return stdout;
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout}\n${stderr}`, { cause: thrown });
  }
}

function write(file: string, text: string): string {
  const path = join(app, file);
  writeFileSync(path, text);
  return path;
}

beforeAll(async () => {
  await buildPackage();
  write('package.json', JSON.stringify({ name: 'app', private: true, version: '0.0.0' }));
  const pack = ['pack', REPOSITORY, '--ignore-scripts', '--json', '--pack-destination', app];
  const packed = JSON.parse(await run('npm', pack));
  const [{ filename, files: listed }] = (Array.isArray(packed) ? packed : Object.values(packed)) as [
    { filename: string; files: { path: string }[] },
  ];
  files = listed.map(({ path }) => path);
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  await run('npm', [...install, `./${filename}`, ...COMPANIONS]);
}, 400_000);

afterAll(() => rmSync(app, { recursive: true, force: true }));

test('the tarball holds what is built, the documents, and nothing else', () => {
  const strays = files.filter(
    (path) => !/^(?:dist|docs)\/|^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path),
  );
  expect(strays).toEqual([]);
  expect(files).toContain('dist/index.d.cts');
});

test('every link of its documents leads to a file in it, or to the web', () => {
  const broken = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => {
      const text = readFileSync(join(app, 'node_modules/metask-gateway', file), 'utf8').replace(/^```.*?^```$/gms, '');
      const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string);
      return targets.filter((target) => !/^https?:/.test(target)).map((target) => posix.join(dirname(file), target));
    })
    .filter((target) => !files.some((file) => file === target || file.startsWith(`${target}/`)));
  expect(broken).toEqual([]);
});

test('with it come at most three packages', async () => {
  const { dependencies } = JSON.parse(readFileSync(join(app, 'node_modules/metask-gateway/package.json'), 'utf8'));
  expect(Object.keys(dependencies).length).toBeLessThanOrEqual(3);
});

test('every subpath can be imported', async () => {
  const loads = SUBPATHS.map((path) => `Object.keys(await import('metask-gateway${path}')).length`).join(', ');
  const counts = JSON.parse(
    await run('node', ['--input-type=module', '-e', `console.log(JSON.stringify([${loads}]))`]),
  );
  expect(counts.every((count: number) => count > 0)).toBe(true);
});

test('every subpath can be required, also by Node without require(esm)', async () => {
  const loads = SUBPATHS.map((path) => `Object.keys(require('metask-gateway${path}')).length`).join(', ');
  const counts = JSON.parse(
    await run('node', ['--no-experimental-require-module', '-e', `console.log(JSON.stringify([${loads}]))`]),
  );
  expect(counts.every((count: number) => count > 0)).toBe(true);
});

test('an ES module does its job', async () => {
  write(
    'job.mjs',
    `${JOB} console.log(await job(await import('metask-gateway'), await import('metask-gateway/testing')));`,
  );
  expect(await run('node', ['job.mjs'])).toBe('Hello from openai.\n');
});

test('a CommonJS module does its job', async () => {
  write('job.cjs', `${JOB} job(require('metask-gateway'), require('metask-gateway/testing')).then(console.log);`);
  expect(await run('node', ['job.cjs'])).toBe('Hello from openai.\n');
});

test('a Jest test in CommonJS does its job', async () => {
  mkdirSync(join(app, 'jest'), { recursive: true });
  const expectation =
    "expect(await job(require('metask-gateway'), require('metask-gateway/testing'))).toBe('Hello from openai.')";
  write('jest/job.test.js', `${JOB} test('does its job', async () => { ${expectation}; });`);
  await run('npx', ['jest', '--rootDir', 'jest', '--testEnvironment', 'node', '--watchman=false']);
}, 120_000);

describe.each([
  ['NodeNext, ES modules', 'consumer.mts', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['NodeNext, CommonJS', 'consumer.cts', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['a bundler', 'consumer.ts', { module: 'esnext', moduleResolution: 'bundler' }],
])('TypeScript for %s', (_name, file, options) => {
  test('compiles with every declaration checked', async () => {
    write(file, CONSUMER);
    const config = write(
      `tsconfig.${file}.json`,
      JSON.stringify({
        compilerOptions: {
          ...options,
          target: 'es2023',
          strict: true,
          noEmit: true,
          skipLibCheck: false,
          types: ['node'],
        },
        files: [file],
      }),
    );
    await run(process.execPath, [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '--project', config]);
  }, 120_000);
});
