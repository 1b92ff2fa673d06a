import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { jsonKeyStore } from '../../examples/custom-key-store/json-key-store.js';
import { keyStoreSuite } from '../../src/testing/index.js';
import { REPOSITORY } from '../helpers/built-package.js';
import { clientAt } from '../http/shared.js';

const EXAMPLES = join(REPOSITORY, 'examples');
const names = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'server.ts')));
const folder = mkdtempSync(join(tmpdir(), 'gateway-examples-'));
const running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

/** Starts an example the way a reader would, on a free port, with no provider key in sight. */
async function start(name: string): Promise<{ baseURL: string; apiKey: string }> {
  const { OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY, ...env } = process.env;
  const tsx = join(REPOSITORY, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const child = spawn(process.execPath, [tsx, join('examples', name, 'server.ts')], {
    cwd: REPOSITORY,
    env: { ...env, PORT: '0', KEYS_FILE: join(folder, 'keys.json') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let output = '';
  for await (const piece of child.stdout ?? []) {
    output += String(piece);
    const printed = /baseURL: (\S+)\napiKey: (\S+)\n/.exec(output);
    if (printed) return { baseURL: printed[1] as string, apiKey: printed[2] as string };
  }
  throw new Error(`the example ended without its two lines:\n${output}`);
}

test('there is one for each framework and each part to replace', () => {
  expect(names).toEqual(['custom-key-store', 'custom-provider', 'express', 'fastify', 'hono', 'in-app', 'node-http']);
  const readme = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
  for (const name of names) expect(readme).toContain(`examples/${name}/server.ts`);
});

describe.each(names)('the example %s', (name) => {
  test('answers the official client, whole and streamed', async () => {
    const { baseURL, apiKey } = await start(name);
    const client = clientAt(baseURL, apiKey);
    const model = (await client.models.list()).data[0]?.id as string;
    const messages = [{ role: 'user' as const, content: 'Hello!' }];
    const answer = await client.chat.completions.create({ model, messages });
    const text = answer.choices[0]?.message.content ?? '';
    expect(text.length).toBeGreaterThan(0);
    let streamed = '';
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      streamed += chunk.choices[0]?.delta.content ?? '';
    }
    expect(streamed).toBe(text);
  });
});

test('keys of the custom store are there after a restart', async () => {
  const first = await start('custom-key-store');
  const second = await start('custom-key-store');
  const ids = (await clientAt(second.baseURL, first.apiKey).models.list()).data;
  expect(ids).toHaveLength(1);
});

describe('the custom key store', () => {
  let stores = 0;
  keyStoreSuite(test, { create: () => jsonKeyStore(join(folder, `store-${stores++}.json`)) });
});
