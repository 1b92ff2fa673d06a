import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Of a test's name, `86 · reset mid-stream: …`, what stands between its number and a colon or a parameter. */
function namesOfTests(): string[] {
  const files = readdirSync(new URL('test/faults/', root)).filter((name) => name.endsWith('.test.ts'));
  const sources = [...files.map((name) => `test/faults/${name}`), 'test/upstream/chunk-split.property.slow.test.ts'];
  return sources.flatMap((path) =>
    [...read(path).matchAll(/['`]\d+(?: · \d+)* · ([^:'`(%]+)/g)].map(([, title]) => String(title).trim()),
  );
}

function rowsOfPage(): string[] {
  const page = read('docs/reliability.md');
  const table = page.slice(page.indexOf('| Fault |'));
  return [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, title]) => String(title).trim()).slice(1);
}

test('the page lists the faults of this suite, each once', () => {
  const rows = rowsOfPage();
  expect(rows.length).toBeGreaterThan(70);
  expect(new Set(rows).size).toBe(rows.length);
  expect([...new Set(namesOfTests())].sort()).toEqual([...rows].sort());
});
