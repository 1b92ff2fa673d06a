import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGES, rendered } from './compatibility/tables.js';

/** Writes the tables of docs/compatibility.md and its pages from the tables that the translators read. */
const docs = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs');
for (const page of Object.keys(PAGES)) {
  const file = join(docs, page);
  writeFileSync(file, rendered(page, readFileSync(file, 'utf8')));
}
