import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';

const execute = promisify(execFile);

/** An Express app with the default store and transport. */
const expressApp = (providers: string) => `
  import { createGateway, ${providers} } from './src/index.ts';
  import { toExpressHandler } from './src/http/express.ts';
  console.log(createGateway, ${providers}, toExpressHandler);
`;

/** Bytes that such an app loads at its start, gzipped, and those of all that it may load later with a first request. */
async function bundled(providers: string): Promise<{ readonly start: number; readonly all: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: expressApp(providers), resolveDir: REPOSITORY, sourcefile: 'app.ts', loader: 'ts' },
    absWorkingDir: REPOSITORY,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['undici', 'lru-cache', '@fastify/busboy'],
    write: false,
    outdir: 'out',
    metafile: true,
  });
  const { outputs } = metafile;
  const atStart = new Set(Object.keys(outputs).filter((name) => outputs[name]?.entryPoint === 'app.ts'));
  for (const name of atStart) {
    for (const { path, kind } of outputs[name]?.imports ?? []) if (kind === 'import-statement') atStart.add(path);
  }
  const sizeOf = (wanted: (name: string) => boolean) =>
    gzipSync(
      Buffer.concat(
        outputFiles.filter(({ path }) => wanted(relative(REPOSITORY, path))).map(({ contents }) => contents),
      ),
    ).byteLength;
  return { start: sizeOf((name) => atStart.has(name)), all: sizeOf(() => true) };
}

test('what an Express app loads at its start is a part of what it bundles, and stays small', async () => {
  const one = await bundled('openai');
  const three = await bundled('openai, anthropic, google');
  console.log(`an Express app, gzipped: ${JSON.stringify({ one, three })}`);
  expect(one.start).toBeGreaterThan(10_000);
  expect(one.start).toBeLessThan(150_000);
  expect(three.start).toBeLessThan(180_000);
  expect(three.all).toBeLessThan(215_000);
});

/** The shortest of several fresh processes, in milliseconds: other work on the machine only makes it longer. */
async function importMs(specifier: string): Promise<number> {
  const script = `const start = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - start)`;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 7; i++) {
    const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script], { cwd: REPOSITORY });
    best = Math.min(best, Number(stdout));
  }
  return best;
}

beforeAll(() => buildPackage(), 500_000);

test('the core is imported about as fast as an HTTP client: nothing heavy is loaded with it', async () => {
  const core = await importMs(pathToFileURL(join(REPOSITORY, 'dist', 'index.js')).href);
  const client = await importMs('undici');
  console.log(`import: ${core.toFixed(1)} ms (undici alone: ${client.toFixed(1)} ms)`);
  // A quiet machine shows less than 1; an optional part that is loaded with the core adds much more than a half.
  expect(core / client).toBeLessThan(1.6);
});
