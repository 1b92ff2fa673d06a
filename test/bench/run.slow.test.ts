import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';

const execute = promisify(execFile);

test('the benchmark runs, and compares fresh processes with the floor of their own framework', async () => {
  const { stdout } = await execute(process.execPath, ['--import', 'tsx', 'bench/run.ts', '--tiny'], {
    cwd: REPOSITORY,
    env: { ...process.env, BENCH_ONLY: 'JSON: metask-gateway on Express,Start-up' },
  });
  const rows = [...stdout.matchAll(/^\| JSON: (.+) on (Express|Fastify) +\|(.+)\|$/gm)];
  const first = rows.slice(0, 4);
  expect(first.map(([, what, framework]) => `${what} on ${framework}`)).toEqual([
    'a bare proxy on Express',
    'metask-gateway on Express',
    'a bare proxy on Fastify',
    'metask-gateway on Fastify',
  ]);
  const figures = first.map(([, , , cells = '']) => cells.split('|').map((cell) => Number.parseFloat(cell)));
  for (const [floor, own, ratio] of figures)
    for (const figure of [floor, own, ratio]) expect(figure).toBeGreaterThan(0);
  // What the gateway on a framework is compared with is the proxy on the same one.
  expect([figures[1]?.[0], figures[3]?.[0]]).toEqual([figures[0]?.[1], figures[2]?.[1]]);
  const [, heap] = /^\| `import` and `createGateway`(?: *\| *[\d.]+){2} *\| *([\d.]+)/m.exec(stdout) ?? [];
  expect(Number(heap)).toBeLessThan(25);
}, 300_000);
