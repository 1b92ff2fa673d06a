import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';

const execute = promisify(execFile);

/**
 * Parts that an option replaces or that stand beside the main job: the dialects, what keeps data in memory, the
 * transports, and the endpoints other than chat completions and models.
 */
const OPTIONAL = [
  /^src\/providers\/(?:openai|openai-compatible|anthropic|google)\//,
  /^src\/stores\//,
  /\/memory-(?!.*outbox)[\w-]+\.ts$/,
  /^src\/(?:id-table|meter\/(?:request-memory|event-table))\.ts$/,
  /^src\/upstream\/(?:undici-\w+|lingering|fetch-transport|decoded-body)\.ts$/,
  /^src\/routes\/(?:completions|embeddings|responses|response-stream)\.ts$/,
  /^src\/openai\/(?:completion-request|embeddings|relayed-output|json-text)\.ts$/,
  /^src\/openai\/responses\//,
];

test('the core is smaller than 80 kB, minified', async () => {
  const { outputs } = (await build({
    stdin: { contents: "export { createGateway } from './src/index.ts'", resolveDir: REPOSITORY, loader: 'ts' },
    absWorkingDir: REPOSITORY,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['undici', 'lru-cache'],
    metafile: true,
    write: false,
    outdir: 'out',
  }).then(({ metafile }) => metafile)) as NonNullable<Awaited<ReturnType<typeof build>>['metafile']>;
  const parts = Object.entries(Object.values(outputs)[0]?.inputs ?? {});
  const core = parts.filter(([file]) => !OPTIONAL.some((pattern) => pattern.test(file)));
  const bytes = core.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  const all = parts.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
  console.log(`core: ${bytes} bytes minified; with its default store, transport and all endpoints: ${all}`);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(80_000);
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

beforeAll(() => buildPackage(), 200_000);

test('the core is imported in less time than an HTTP client: nothing heavy is loaded with it', async () => {
  const core = await importMs(pathToFileURL(join(REPOSITORY, 'dist', 'index.js')).href);
  const client = await importMs('undici');
  console.log(`import: ${core.toFixed(1)} ms (undici alone: ${client.toFixed(1)} ms)`);
  expect(core).toBeLessThan(client);
});
