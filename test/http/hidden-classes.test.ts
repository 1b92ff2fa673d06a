import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { REPOSITORY } from '../helpers/built-package.js';
import { endProgram } from '../helpers/child-server.js';

/** V8 makes those that stay with the first requests. */
const WARM_UP = 20;
/** Each round; a line that makes many at once, after a collection, does so in one of them. */
const COUNTED = 5;
const ROUNDS = 3;

/** In the repository, so that what is bundled finds the packages it leaves outside. */
const folder = mkdtempSync(join(REPOSITORY, 'node_modules', '.hidden-classes-'));
const script = join(folder, 'server.mjs');
const LOG = join(folder, 'v8.log');
let upstream: FakeUpstream;
let child: ChildProcess;
let site: { readonly port: number; readonly expressPort: number; readonly key: string };

beforeAll(async () => {
  upstream = await fakeUpstream();
  // As it is published: what runs TypeScript gives each function a name, which makes hidden classes itself.
  await build({
    entryPoints: [fileURLToPath(new URL('logged-server.ts', import.meta.url))],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const execArgv = ['--log-maps', '--no-logfile-per-isolate', `--logfile=${LOG}`];
  child = fork(script, [new URL(upstream.url).origin, LOG], { execArgv });
  site = await message();
});

afterAll(async () => {
  await endProgram(child, 'SIGKILL');
  await upstream.close();
  rmSync(folder, { recursive: true });
});

function message<T>(): Promise<T> {
  return new Promise((resolve) => child.once('message', (said) => resolve(said as T)));
}

function logLength(): Promise<{ readonly length: number }> {
  const answer = message<{ length: number }>();
  child.send('length');
  return answer;
}

async function post(path: string, body: object, port: number = site.port): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${site.key}` },
    body: JSON.stringify(body),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
}

const messages = [{ role: 'user', content: 'Hello' }];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city.', parameters } }];
const calls = [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }];
const turns = [
  { role: 'system', content: 'Be brief.' },
  ...messages,
  { role: 'assistant', content: null, tool_calls: calls },
  { role: 'tool', tool_call_id: 'call_1', content: 'Rain' },
];
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];

/** What clients send: the path, and the body without a model. */
const REQUESTS: Readonly<Record<string, readonly [path: string, body: object]>> = {
  chat: ['v1/chat/completions', { messages, max_tokens: 16 }],
  'chat without a limit': ['v1/chat/completions', { messages }],
  'chat with tools': ['v1/chat/completions', { messages: turns, tools, max_tokens: 16 }],
  'streamed chat': ['v1/chat/completions', { messages, max_tokens: 16, stream: true }],
  messages: ['v1/messages', { messages, max_tokens: 16, system: 'Be brief.' }],
  'streamed messages': ['v1/messages', { messages, max_tokens: 16, stream: true }],
  responses: ['v1/responses', { input: 'Hello', max_output_tokens: 16 }],
  generateContent: ['v1beta/models/MODEL:generateContent', { contents }],
};
const cases = Object.keys(REQUESTS).flatMap((name) =>
  ['gpt', 'claude', 'gemini'].map((model) => [name, model] as const),
);

/** The code of the lines that made a hidden class, and how many each. */
function madeBy(log: readonly string[]): Map<string, number> {
  const code = readFileSync(script, 'utf8').split('\n');
  const made = new Map<string, number>();
  for (const entry of log) {
    const [what, , , , , , row] = entry.split(',');
    if (what !== 'map') continue;
    const line = `${row}: ${code[Number(row) - 1]?.trim()}`;
    made.set(line, (made.get(line) ?? 0) + 1);
  }
  return made;
}

/** The part of V8's log that was written meanwhile. */
async function logged(work: () => Promise<void>): Promise<string[]> {
  const { length: from } = await logLength();
  await work();
  const { length: to } = await logLength();
  const bytes = Buffer.alloc(to - from);
  const file = openSync(LOG, 'r');
  readSync(file, bytes, 0, bytes.length, from);
  closeSync(file);
  return bytes.toString().split('\n');
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  for (let i = 0; i < times; i += 1) await work();
}

/** The lines that make a hidden class with each request. */
async function madePerRequest(ask: () => Promise<void>): Promise<string[]> {
  await repeat(WARM_UP, ask);
  const rounds: Map<string, number>[] = [];
  await repeat(ROUNDS, async () => void rounds.push(madeBy(await logged(() => repeat(COUNTED, ask)))));
  const lines = [...(rounds[0]?.keys() ?? [])];
  return lines.filter((line) => rounds.every((made) => (made.get(line) ?? 0) >= COUNTED));
}

// An object whose class is new with each request costs a microsecond to make, and slow code wherever its fields are read.
test.each(cases)('%s of %s makes no hidden class per request', async (name, model) => {
  const [path, body] = REQUESTS[name] as (typeof REQUESTS)[string];
  const ask = () => post(path.replace('MODEL', model), path.includes('MODEL') ? body : { model, ...body });
  expect(await madePerRequest(ask)).toEqual([]);
});

// Express changes the prototype of each request and answer: V8 then makes a class for each field that it adds to one.
test('Express makes none either in a server of its classes', async () => {
  const ask = () => post('v1/chat/completions', { model: 'gpt', messages, max_tokens: 16 }, site.expressPort);
  expect(await madePerRequest(ask)).toEqual([]);
});
