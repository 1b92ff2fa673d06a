import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';

const execute = promisify(execFile);

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
