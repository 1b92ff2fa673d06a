import { relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';

/** An Express app with the default store and transport. */
const expressApp = (providers: string) => `
  import { createGateway, ${providers} } from './src/index.ts';
  import { toExpressHandler } from './src/http/express.ts';
  console.log(createGateway, ${providers}, toExpressHandler);
`;

interface Bundled {
  /** Bytes that an app loads at its start, gzipped. */
  readonly start: number;
  /** With all that it may load later, with the first use of it. */
  readonly all: number;
  /** The source files that are loaded at the start. */
  readonly files: readonly string[];
}

async function bundled(providers: string): Promise<Bundled> {
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
  const files = [...atStart].flatMap((name) =>
    Object.entries(outputs[name]?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  );
  return { start: sizeOf((name) => atStart.has(name)), all: sizeOf(() => true), files };
}

/** What plain chat with OpenAI's models needs nothing of, but for the files after it. */
const NOT_AT_START: Readonly<Record<string, readonly string[]>> = {
  'src/hooks/': ['hook.ts'],
  'src/management/': ['credits.ts', 'management.ts', 'parts.ts', 'retention.ts'],
  'src/media/': [],
  'src/uploads/': [],
  'src/anthropic-api/': ['error-body.ts'],
  'src/gemini-api/': ['error-body.ts'],
  'src/openai-api/media/': [],
  'src/openai-api/responses/': [],
  'src/routes/gemini/': ['gemini-format.ts'],
  'src/routes/media/': [],
  'src/routes/messages/': ['anthropic-format.ts'],
  'src/providers/anthropic/': [],
  'src/providers/google/': [],
  ...Object.fromEntries(
    ['azure', 'bedrock', 'vertex', 'openai-compatible'].map((folder) => [`src/providers/${folder}/`, []]),
  ),
  ...Object.fromEntries(['sqlite', 'postgres', 'redis'].map((folder) => [`src/stores/${folder}/`, []])),
  ...Object.fromEntries(
    ['admin', 'ai-sdk', 'catalogue', 'cli', 'dashboard', 'stripe', 'telemetry', 'testing'].map((folder) => [
      `src/${folder}/`,
      [],
    ]),
  ),
  node_modules: [],
};

test('an Express app loads less than 90 kB at its start, and few parts that it may never use', async () => {
  const one = await bundled('openai');
  const three = await bundled('openai, anthropic, google');
  console.log(`an Express app, gzipped: ${JSON.stringify([one, three].map(({ start, all }) => ({ start, all })))}`);
  expect(one.start).toBeGreaterThan(10_000);
  expect(one.start).toBeLessThan(90_000);
  expect(three.start).toBeLessThan(135_000);
  expect(three.all).toBeLessThan(222_000);

  for (const [folder, but] of Object.entries(NOT_AT_START)) {
    const allowed = but.map((file) => `${folder}${file}`);
    expect(one.files.filter((file) => file.startsWith(folder) && !allowed.includes(file))).toEqual([]);
  }
});
