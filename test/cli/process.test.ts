import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';

/** Inside the repository, so that the apps find the package by its name. */
const apps = join(REPOSITORY, '.data', `cli-${process.pid}`);
const started: ChildProcess[] = [];
const TSX = [join(REPOSITORY, 'node_modules/tsx/dist/cli.mjs'), '--tsconfig', join(REPOSITORY, 'tsconfig.json')];
const MAIN = join(REPOSITORY, 'src/cli/main.ts');

afterAll(async () => {
  for (const child of started) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  rmSync(apps, { recursive: true, force: true });
});

function app(name: string, dependencies: Record<string, string>, typescript: boolean): string {
  const folder = join(apps, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
  if (typescript) writeFileSync(join(folder, 'tsconfig.json'), '{}');
  return folder;
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a process of its own. */
function run(folder: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, OPENAI_API_KEY: 'sk-test' };
    execFile(process.execPath, [...TSX, MAIN, ...args], { cwd: folder, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

/** Each start compiles the whole command line from its source, on a busy machine for many seconds. */
const STARTS = { timeout: 180_000 };

/** Node.js itself reads `.ts` files from 22.18 on; before, tsx does. */
const READS_TS = Boolean((process.features as { readonly typescript?: unknown }).typescript);

test.each([
  ['express', { express: '5' }, true, 'memoryStore()'],
  ['fastify', { fastify: '5', libsql: '0' }, false, 'sqliteStore(new Database('],
  ['node', {}, true, 'memoryStore()'],
] as const)('init writes an app for %s that runs', STARTS, async (name, dependencies, typescript, store) => {
  const folder = app(name, dependencies, typescript);
  const extension = typescript ? 'ts' : 'mjs';

  const { code, out, err } = await run(folder, 'init');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`Written: gateway.${extension}, gateway-server.${extension}`);
  expect(readFileSync(join(folder, `gateway.${extension}`), 'utf8')).toContain(store);
  const runs = typescript && !READS_TS ? 'npx tsx' : 'node';
  expect(out).toContain(`3. ${runs} gateway-server.${extension} serves it`);
  const imported = typescript && !READS_TS ? 'js' : extension;
  expect(readFileSync(join(folder, `gateway-server.${extension}`), 'utf8')).toContain(`from './gateway.${imported}'`);
  expect(await run(folder, 'init')).toMatchObject({ code: 2, err: expect.stringContaining('Already there: gateway.') });

  const created = await run(folder, 'keys', 'create', 'user_1', '--name', 'laptop', '--json');
  expect(created).toMatchObject({ code: 0, err: '' });

  const port = String(await freePort());
  const env = { ...process.env, OPENAI_API_KEY: 'sk-test', PORT: port };
  const server = spawn(process.execPath, [...TSX, `gateway-server.${extension}`], {
    cwd: folder,
    env,
    stdio: 'inherit',
  });
  started.push(server);
  const models = () =>
    fetch(`http://127.0.0.1:${port}/v1/models`, {
      headers: { authorization: `Bearer ${JSON.parse(created.out).key}` },
    });
  await eventually(
    () =>
      models().then(
        (answer) => [200, 401].includes(answer.status),
        () => false,
      ),
    STARTS.timeout,
  );
  // Only a store on disk knows the key that another process made.
  expect((await models()).status).toBe(store === 'memoryStore()' ? 401 : 200);
});

test('init writes a route for Next.js', STARTS, async () => {
  const folder = app('next', { next: '16', pg: '8' }, true);
  mkdirSync(join(folder, 'src/app'), { recursive: true });

  expect(await run(folder, 'init', '--json')).toMatchObject({ code: 0 });

  expect(readdirSync(join(folder, 'src/app/v1/[...path]'))).toEqual(['route.ts']);
  const route = readFileSync(join(folder, 'src/app/v1/[...path]/route.ts'), 'utf8');
  expect(route).toContain("import { gateway } from '../../../../gateway'");
  expect(route).toContain("export const runtime = 'nodejs'");
  const gateway = readFileSync(join(folder, 'gateway.ts'), 'utf8');
  expect(gateway).toContain('postgresStore(new pg.Pool(');
  expect(gateway).toContain("if (process.env.NODE_ENV === 'development') await gateway.configure(offer)");
});

test('a module without a gateway is refused with what it should say', STARTS, async () => {
  const folder = app('empty', {}, false);
  writeFileSync(join(folder, 'other.mjs'), 'export const gatewy = {}\n');

  expect(await run(folder, 'models')).toMatchObject({ code: 2, err: expect.stringContaining('metask-gateway init') });
  expect(await run(folder, 'models', '--gateway', 'gone.js')).toMatchObject({ code: 2 });
  expect(await run(folder, 'models', '-g', 'other.mjs')).toMatchObject({
    code: 2,
    err: expect.stringContaining('export const gateway = createGateway('),
  });
});
