import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = join(repository, 'node_modules', '.cache', `closing-process-${process.pid}`);

beforeAll(async () => {
  await build({
    config: false,
    entry: { closing: join(repository, 'test', 'cluster', 'closing-process.ts') },
    outDir: folder,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    silent: true,
    external: ['undici', 'lru-cache', 'libsql'],
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly ms: number;
}

/** Runs the program to its end, or kills it when it has printed a word. */
function run(env: Readonly<Record<string, string>>, killAt?: string): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(folder, 'closing.mjs')], { env: { ...process.env, ...env } });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
    if (killAt !== undefined && output.includes(killAt)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve({ code, output, ms: performance.now() - started }));
  });
}

describe('a process that closes its gateway while the store is away', () => {
  test('stays until the settlement is charged', async () => {
    const { code, output, ms } = await run({ STORE_AWAY_MS: '2000', DEADLINE_MS: '30000' });
    expect(output).toBe('ANSWER 200\nCLOSING\nCLOSED 0.998\n');
    expect(code).toBe(0);
    expect(ms).toBeGreaterThanOrEqual(2_000);
  });

  test('ends after its deadline, with the settlement in the log', async () => {
    const { code, output, ms } = await run({ STORE_AWAY_MS: '600000', DEADLINE_MS: '500' });
    expect(code).toBe(0);
    expect(output).toContain('ERROR a settlement was not recorded');
    expect(output).toContain('\\"accountId\\":\\"user_1\\"');
    expect(output).toContain('\\"cost\\":\\"2000000\\"');
    expect(output).toContain('CLOSED 1');
    expect(ms).toBeLessThan(60_000);
  });

  test('may be killed while it closes: what its outbox keeps is charged once by the next one', async () => {
    const files = { SQLITE: join(folder, 'gateway.db'), OUTBOX: join(folder, 'outbox.jsonl') };
    const killed = await run({ ...files, STORE_AWAY_MS: '600000', DEADLINE_MS: '600000' }, 'CLOSING');
    expect(killed.code).toBeNull();
    expect(killed.output).toContain('ANSWER 200');
    expect(killed.output).not.toContain('CLOSED');
    const next = { ...files, STORE_AWAY_MS: '0', DEADLINE_MS: '30000', ASKS: 'nothing' };
    expect((await run(next)).output).toBe('CLOSING\nCLOSED 0.998\n');
    expect((await run(next)).output).toBe('CLOSING\nCLOSED 0.998\n');
  });

  test('ends also when the store never answers at all', async () => {
    const { code, output, ms } = await run({ STORE_AWAY_MS: '0', STORE_HANGS: '1', DEADLINE_MS: '500' });
    expect(code).toBe(0);
    expect(output).toContain('ANSWER 200');
    expect(output).toContain('ERROR a settlement was not recorded');
    expect(output).toContain('CLOSED 1');
    expect(ms).toBeLessThan(60_000);
  });
});
