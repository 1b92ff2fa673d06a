import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';
import { buildSnippets, snippets } from './snippets.js';

/** Parts that go on until they are stopped, belong into an app that is not there, or need a server, a file or a request. */
const NEEDS_MORE =
  /^declare |\.listen\(|\bserve\(|readFileSync|requests\.get\(|from '(?:vitest|pg|ioredis|better-sqlite3)'/m;
const folder = join(REPOSITORY, 'node_modules', '.cache', `snippets-${process.pid}`);
const whole = snippets
  .filter(
    ({ document, language, code }) =>
      language === 'ts' && !/docs.(recipes|first-hour)/.test(document) && !NEEDS_MORE.test(code),
  )
  .map((snippet, index) => ({ ...snippet, name: `snippet-${index}` }));

beforeAll(async () => {
  await buildSnippets(folder, Object.fromEntries(whole.map(({ name, code }) => [name, code])));
  for (const [, name = ''] of whole.flatMap(({ code }) => [...code.matchAll(/\b([A-Z][A-Z_]*_(?:KEY|SECRET))\b/g)])) {
    vi.stubEnv(name, 'sk-test');
  }
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('every snippet of the documents that stands alone runs as pasted', () => {
  test('most do', () => {
    expect(whole.length).toBeGreaterThan(15);
  });

  test.each(whole)('$document:$line', async ({ name }) => {
    await expect(import(/* @vite-ignore */ pathToFileURL(join(folder, `${name}.mjs`)).href)).resolves.toBeDefined();
  });
});
