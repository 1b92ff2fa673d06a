import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadGateway } from '../../src/cli/load-gateway.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a module that throws is named, with what it threw', async () => {
  const file = join(folder, 'gateway.mjs');
  writeFileSync(file, "throw new Error('DATABASE_URL is not set');");
  await expect(loadGateway('gateway.mjs', folder)).rejects.toThrow(
    `${file} could not be imported: DATABASE_URL is not set`,
  );
});
