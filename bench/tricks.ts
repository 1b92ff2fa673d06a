import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { median } from './table.js';
import { TRICKS, type Trick } from './trick-list.js';
import type { Work } from './tricks-work.js';

/**
 * What each trick saves: the same requests through two builds of the gateway in one process, one of them with the
 * trick's file replaced by plain code, turn by turn. `npm run bench:tricks -- StringMap` measures those with that name.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const bundles = mkdtempSync(join(root, 'node_modules', '.bench-'));
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 40);
const ROUND_MS = 100;

try {
  const wanted = process.argv.slice(2);
  const tricks = TRICKS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  for (const trick of tricks) await report(trick);
} finally {
  rmSync(bundles, { recursive: true });
}

async function report(trick: Trick): Promise<void> {
  const [fast, plain] = [await load(trick, false), await load(trick, true)];
  const requests = await requestsPerRound(fast, plain);
  const costs: { fast: number; plain: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = round % 2 === 0;
    const one = await cost(first ? fast : plain, requests);
    const other = await cost(first ? plain : fast, requests);
    costs.push(first ? { fast: one, plain: other } : { fast: other, plain: one });
  }
  const saved = median(costs.map((each) => 1 - each.fast / each.plain));
  const least = (side: 'fast' | 'plain') => Math.min(...costs.map((each) => each[side])).toFixed(1);
  console.log(
    `${trick.name.padEnd(22)} ${trick.work.padEnd(16)} saves ${(100 * saved).toFixed(0).padStart(3)} %   ${least('fast')} instead of ${least('plain')} µs   ${trick.file}`,
  );
}

async function load({ name, file, plain, work }: Trick, isPlain: boolean): Promise<Work> {
  const outfile = join(bundles, `${name.replace(' ', '-')}-${isPlain ? 'plain' : 'fast'}.mjs`);
  let replaced = !isPlain;
  await build({
    entryPoints: [join(root, 'bench/tricks-work.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [
      {
        name: 'plain',
        setup(builder) {
          if (!isPlain) return;
          builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (relative(root, path) !== file) return undefined;
            replaced = true;
            return { contents: plain(readFileSync(path, 'utf8')), loader: 'ts', resolveDir: join(path, '..') };
          });
        },
      },
    ],
  });
  if (!replaced) throw new Error(`${file} is not part of what a request runs`);
  const { works } = (await import(pathToFileURL(outfile).href)) as typeof import('./tricks-work.js');
  const found = (await works())[work];
  if (!found) throw new Error(`no work ${work}`);
  return found;
}

/** As many as take a round's time, once both are compiled. */
async function requestsPerRound(...sides: readonly Work[]): Promise<number> {
  let requests = 32;
  for (let settled = 0; settled < 16; settled += 1) {
    let micros = 0;
    for (const side of sides) micros = Math.max(micros, (await cost(side, requests)) * requests);
    if (micros < ROUND_MS * 1_000) requests *= 2;
  }
  return requests;
}

/** CPU of one request in microseconds, collections included. */
async function cost(work: Work, requests: number): Promise<number> {
  const before = process.cpuUsage();
  await work(requests);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}
