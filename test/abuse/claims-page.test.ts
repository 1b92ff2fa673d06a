import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const inOneLine = (text: string) => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[\s|]+/g, ' ');

const ROWS = [...read('test/abuse/CLAIMS.md').matchAll(/^\| (\S+\.md) \| (.+) \| (\S+\.test\.ts): (.+) \|$/gm)].map(
  ([, page = '', claim = '', file = '', name = '']) => ({ page, claim, file, name }),
);

test('the list is read', () => {
  expect(ROWS.length).toBeGreaterThan(80);
  expect(read('test/abuse/CLAIMS.md').match(/^\| \S+\.md \|/gm)).toHaveLength(ROWS.length);
});

test.each(ROWS)('$page says: $claim', ({ page, claim, file, name }) => {
  expect(inOneLine(read(page))).toContain(inOneLine(claim));
  expect(read(`test/${file}`)).toContain(name);
});
