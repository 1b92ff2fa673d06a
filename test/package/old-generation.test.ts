import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';

const SOURCES = join(REPOSITORY, 'src');
/** `owner.name = () => …`, also with `??=`, `async`, `function` and private names. */
const WRITTEN_AS_PROPERTY =
  /^ +[\w.#?]+\.#?\w+ (?:\?\?)?= (?:async )?(?:function\b|\w+ =>|\([^()]*\)(?:: [^=]+)? =>).*$/gm;

test('a function written as the value of a property is recognized', () => {
  const found = (line: string) => [...line.matchAll(WRITTEN_AS_PROPERTY)].length;
  expect(found('    this.touch = () => {')).toBe(1);
  expect(found('    exchange.#unfollow = (signal: AbortSignal): void => leave(signal);')).toBe(1);
  expect(found('    this.#done ??= async function () {')).toBe(1);
  expect(found('  readonly touch = (): void => {')).toBe(0);
  expect(found('    this.#leave = leave;')).toBe(0);
});

// V8 allocates such functions in the old generation, where each keeps what it refers to until the next full collection.
test('no function is written as the value of a property: name it first, pass it, or make it a field of a class', () => {
  const found = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(WRITTEN_AS_PROPERTY)].map(
        ([line]) => `${relative(SOURCES, file)}: ${line}`,
      ),
    );
  expect(found).toEqual([]);
});
