import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GatewayError, type GatewayErrorCode } from '../../src/lib/errors.js';
import { REPOSITORY } from '../helpers/built-package.js';

const page = readFileSync(join(REPOSITORY, 'docs', 'errors.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d{3}) \| `(\w+)` \| `(\w+)` \| .+ \|$/gm)].map(([, status, code, type]) => ({
  status: Number(status),
  code: code as GatewayErrorCode,
  type,
}));

test.each(rows)('$code is documented as it is', ({ status, code, type }) => {
  expect(new GatewayError(code)).toMatchObject({ status, type });
});

test('every code is documented, once', () => {
  const source = readFileSync(join(REPOSITORY, 'src', 'lib', 'errors.ts'), 'utf8');
  const table = source.slice(source.indexOf('const CODES'), source.indexOf('as const'));
  const codes = [...table.matchAll(/^ {2}(\w+): \[/gm)].map((match) => match[1]);
  expect(codes.length).toBeGreaterThan(20);
  expect(rows.map(({ code }) => code).sort()).toEqual(codes.sort());
});
