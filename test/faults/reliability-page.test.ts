import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** `86 · reset mid-stream`: the numbers and what stands before a colon or a parameter. */
function namesOfTests(): string[] {
  const files = readdirSync(new URL('test/faults/', root)).filter((name) => name.endsWith('.test.ts'));
  const sources = [...files.map((name) => `test/faults/${name}`), 'test/upstream/chunk-split.property.slow.test.ts'];
  return sources.flatMap((path) =>
    [...read(path).matchAll(/['`](\d+(?: · \d+)*) · ([^:'`(%]+)/g)].map(
      ([, numbers, title]) => `${numbers} · ${title?.trim()}`,
    ),
  );
}

function rowsOfPage(): string[] {
  const rows = read('docs/reliability.md').matchAll(/^\| (\d+(?: · \d+)*) \| ([^|]+) \|/gm);
  return [...rows].map(([, numbers, title]) => `${numbers} · ${title?.trim()}`);
}

test('the page lists the faults of this suite, each once and in order', () => {
  const rows = rowsOfPage();
  const tests = new Set(namesOfTests());
  expect(rows.length).toBeGreaterThan(70);
  expect(new Set(rows).size).toBe(rows.length);
  expect(rows).toEqual([...rows].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)));
  expect([...tests].sort()).toEqual([...rows].sort());
});
