import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';
import { eventually } from '../helpers/eventually.js';
import { clientAt } from '../http/shared.js';

const data = mkdtempSync(join(tmpdir(), 'gateway-demo-'));
let child: ChildProcess;
let printed = '';

beforeAll(async () => {
  const { OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY, ...env } = process.env;
  child = spawn('npm', ['start'], {
    cwd: REPOSITORY,
    env: { ...env, PORT: '0', DATA_DIR: data },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  for await (const piece of child.stdout ?? []) {
    printed += String(piece);
    if (printed.includes('Python:')) return;
  }
  throw new Error(`npm start ended early:\n${printed}`);
}, 120_000);

afterAll(async () => {
  const ended = once(child, 'exit');
  // npm does not pass signals on; the group is npm, its shell and the demo.
  process.kill(-(child.pid as number), 'SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
});

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('npm start, without any provider key', () => {
  test('prints curl lines that work when they are pasted', async (context) => {
    if (!hasCurl()) context.skip('curl is not installed here');
    const lines = printed.match(/^curl .*chat\/completions.*$/gm) ?? [];
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) {
      const { stdout } = await promisify(execFile)('bash', ['-c', line.replace(/^curl /, 'curl -sS ')]);
      if (line.includes('"stream":true')) expect(stdout).toMatch(/data: \[DONE\]\n\n$/);
      else expect(JSON.parse(stdout).choices[0].message.content).toMatch(/./);
    }
  });

  test('serves one model of each provider to the official client', async () => {
    const baseURL = /http:\/\/localhost:\d+\/v1/.exec(printed)?.[0] as string;
    const key = /napi-\w+/.exec(printed)?.[0] as string;
    const client = clientAt(baseURL, key);
    const models = (await client.models.list()).data.map(({ id }) => id);
    expect(models.length).toBeGreaterThanOrEqual(3);
    for (const model of ['gpt-6.1-sol', 'claude-opus-5-5', 'gemini-3.8-flash']) {
      expect(models).toContain(model);
      const messages = [{ role: 'user' as const, content: 'Hello!' }];
      const stream = await client.chat.completions.create({ model, messages, stream: true });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      expect(text).toContain('Hello!');
    }
  });

  test('has a page at / that leads to the dashboard', async () => {
    const origin = /http:\/\/localhost:\d+/.exec(printed)?.[0] as string;
    const page = await fetch(origin);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(`${origin}/v1/chat/completions`);
    expect((await fetch(`${origin}/login`)).status).toBe(200);
  });

  test('started a second time on the same port, says so and nothing else; without PORT it keeps its key', async () => {
    const port = /http:\/\/localhost:(\d+)/.exec(printed)?.[1] as string;
    const key = /napi-\w+/.exec(printed)?.[0];
    const { OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY, PORT, ...env } = process.env;
    // Without tsx' own process around it, which gives a busy one no time to end by itself.
    const start = ['--import', 'tsx', 'examples/demo/start.ts'];
    const refused = spawn(process.execPath, start, { cwd: REPOSITORY, env: { ...env, PORT: port, DATA_DIR: data } });
    let said = '';
    refused.stdout.on('data', (piece) => (said += piece));
    refused.stderr.on('data', (piece) => (said += piece));
    // At `exit` not all that it said needs to be there.
    expect((await once(refused, 'close'))[0]).toBe(1);
    expect(said).toBe(`Port ${port} is taken: npm start without PORT takes a free one.\n`);

    const again = spawn(process.execPath, start, { cwd: REPOSITORY, env: { ...env, DATA_DIR: data } });
    const exited = once(again, 'exit');
    let output = '';
    again.stdout.on('data', (piece) => (output += piece));
    await eventually(() => output.includes('Python:'), 60_000);
    expect(/napi-\w+/.exec(output)?.[0]).toBe(key);
    again.kill();
    expect((await exited)[0]).toBe(0);
  });
});
