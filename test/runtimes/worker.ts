import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { type FakeUpstream, fakeUpstream, gate } from '../../src/testing/index.js';
import { endProgram, startProgram } from '../helpers/child-server.js';
import { freePort } from '../helpers/free-port.js';
import type { Outcome } from './table.js';

const inFolder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const WRANGLER = inFolder('node_modules/wrangler/bin/wrangler.js');
const WORKERD = inFolder('node_modules/workerd/package.json');
const MODELS = ['gpt-4o-mini', 'claude-haiku-4-5'];
const messages = [{ role: 'user' as const, content: 'Hi.' }];

/** Why the Worker can't run here; undefined when it can. */
export function whyNoWorkers(): string | undefined {
  return existsSync(WRANGLER) ? undefined : 'wrangler is not installed here (npm ci --prefix test/runtimes)';
}

/** Serves `worker/` by `wrangler dev`, calls it with the official client, and answers what passed. */
export async function runWorker(): Promise<Outcome> {
  const upstream = await fakeUpstream();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const variables = [`OPENAI:${upstream.openai.baseURL}`, `ANTHROPIC:${upstream.anthropic.baseURL}`];
  const args = ['dev', '--config', inFolder('worker/wrangler.json'), '--ip', '127.0.0.1', '--port', String(port)];
  const settings = ['--inspector-port', String(await freePort()), ...variables.flatMap((one) => ['--var', one])];
  const isUp = () =>
    fetch(`${origin}/new-key`).then(
      ({ ok }) => ok,
      () => false,
    );
  const server = await startProgram(process.execPath, [WRANGLER, ...args, ...settings], isUp);
  try {
    const { key } = (await (await fetch(`${origin}/new-key`)).json()) as { key: string };
    const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, maxRetries: 0 });
    const failures: string[] = [];
    const checks = workerChecks(client, upstream);
    for (const [name, check] of checks) {
      await check().catch((error: unknown) => failures.push(`${name}: ${error}`));
    }
    const { version } = JSON.parse(readFileSync(WORKERD, 'utf8')) as { version: string };
    const suite = { suite: 'gateway', passed: checks.length - failures.length, failures };
    return { runtime: `workerd ${version}`, target: 'gateway', suites: [suite] };
  } finally {
    await endProgram(server, 'SIGTERM');
    await upstream.close();
  }
}

type Check = readonly [name: string, check: () => Promise<void>];

function workerChecks(client: OpenAI, upstream: FakeUpstream): Check[] {
  return [
    ...MODELS.flatMap((model): Check[] => [
      [
        `${model}: an answer`,
        async () => {
          const { choices } = await client.chat.completions.create({ model, messages });
          assert.match(choices[0]?.message.content ?? '', /^Hello from /);
        },
      ],
      [
        `${model}: a stream that arrives piece by piece`,
        async () => {
          const held = gate();
          upstream.answer({ text: ['Good ', held, 'day.'] });
          let text = '';
          for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
            text += chunk.choices[0]?.delta.content ?? '';
            if (text === 'Good ') held.open();
          }
          assert.equal(text, 'Good day.');
        },
      ],
      [
        `${model}: /responses`,
        async () => {
          assert.match((await client.responses.create({ model, input: 'Hi.' })).output_text, /^Hello from /);
        },
      ],
    ]),
    [
      'the list of models',
      async () => {
        const ids = (await client.models.list()).data.map(({ id }) => id);
        assert.deepEqual(ids, MODELS);
      },
    ],
    [
      'a wrong key is 401',
      async () => {
        const stranger = client.withOptions({ apiKey: 'napi-wrong' });
        await assert.rejects(stranger.models.list(), { status: 401, code: 'invalid_api_key' });
      },
    ],
  ];
}
