import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const rows = [...read('./README.md').matchAll(/^\| (.+) \| \[[^\]]+\]\((.+)\) \| (.+) \|$/gm)];

it('every kind of report has the test that the list names', () => {
  expect(rows.length).toBeGreaterThan(40);
  for (const [, kind, file = '', name] of rows)
    expect([kind, read(`./${file}`).includes(String(name))]).toEqual([kind, true]);
});
