import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll } from 'vitest';
import { fakeUpstream } from '../../src/testing/index.js';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';
import { adapterTests } from './shared.js';

const APP = join(REPOSITORY, 'examples', 'next');
const NEXT = join(REPOSITORY, 'node_modules', 'next', 'dist', 'bin', 'next');

beforeAll(async () => {
  await buildPackage();
  // What `npm install` in the example would do, with this package in place of the published one.
  const link = join(APP, 'node_modules', 'metask-gateway');
  mkdirSync(join(APP, 'node_modules'), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(join('..', '..', '..'), link);
  await promisify(execFile)(process.execPath, [NEXT, 'build'], { cwd: APP, env: environment() });
}, 300_000);

adapterTests({
  name: 'Next.js, production build',
  mounts: ['/v1', '/api/ai'],
  seesRepeatedHeaders: false,
  endsUpgrades: true,
  async start() {
    const upstream = await fakeUpstream();
    const { apiKey, baseURL } = upstream.openai;
    const app = spawn(process.execPath, [NEXT, 'start', '--port', '0', '--hostname', '127.0.0.1'], {
      cwd: APP,
      env: environment({ OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const origin = await originOf(app);
    const response = await fetch(`${origin}/api/keys`, { method: 'POST' });
    const { key } = (await response.json()) as { key: string };
    return {
      origin,
      upstream,
      key,
      async close() {
        app.kill();
        await once(app, 'exit');
        await upstream.close();
      },
    };
  },
});

function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { VITEST, OPENAI_API_KEY, ...rest } = process.env;
  return { ...rest, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...more };
}

/** Waits until the server has printed where it listens. */
async function originOf(app: ChildProcess): Promise<string> {
  let output = '';
  for await (const piece of app.stdout ?? []) {
    output += String(piece);
    const url = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(output);
    if (url && output.includes('Ready')) return `http://127.0.0.1:${url[1]}`;
  }
  throw new Error(`the app did not start:\n${output}`);
}
