import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PAGES, rendered } from '../../scripts/compatibility/tables.js';

it.each(Object.keys(PAGES))('docs/%s has the tables that the translators read (npm run compatibility)', (page) => {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  expect(text).toBe(rendered(page, text));
});
