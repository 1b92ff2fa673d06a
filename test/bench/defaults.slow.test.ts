import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';

const execute = promisify(execFile);

test('the benchmark of fresh processes runs, and compares each with its floor', async () => {
  const { stdout } = await execute(process.execPath, ['--import', 'tsx', 'bench/defaults.ts', '--tiny'], {
    cwd: REPOSITORY,
    env: { ...process.env, BENCH_ONLY: 'JSON on' },
  });
  const rows = [...stdout.matchAll(/^\| (JSON on \w+), to a proxy on \w+ +\|(.+)\|$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(['JSON on Express', 'JSON on Fastify']);
  for (const [, , cells = ''] of rows) {
    const [warm, spread, ...figures] = cells.split('|').map((cell) => cell.trim());
    expect(spread).toBe('0 % of 1');
    for (const figure of [warm, ...figures]) expect(Number(figure)).toBeGreaterThan(0);
  }
}, 300_000);
