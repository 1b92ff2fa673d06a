import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEntryPoints } from '../../scripts/reference/read-entry-points.js';
import { renderReference } from '../../scripts/reference/render.js';
import { ERROR_CODES } from '../../src/lib/errors.js';
import { REPOSITORY } from '../helpers/built-package.js';

test('docs/reference.md is what `npm run reference` writes', { timeout: 120_000 }, () => {
  const written = readFileSync(join(REPOSITORY, 'docs', 'reference.md'), 'utf8');
  const page = renderReference(readEntryPoints(REPOSITORY), ERROR_CODES);
  expect(page.length).toBeGreaterThan(20_000);
  expect(written === page, 'run `npm run reference`').toBe(true);
});
