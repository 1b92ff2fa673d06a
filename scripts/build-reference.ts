import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_CODES } from '../src/lib/errors.js';
import { readEntryPoints } from './reference/read-entry-points.js';
import { renderReference } from './reference/render.js';

/** Writes docs/reference.md from the types. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
writeFileSync(join(root, 'docs', 'reference.md'), renderReference(readEntryPoints(root), ERROR_CODES));
