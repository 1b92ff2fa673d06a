import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';
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
});
