import { expect, test } from 'vitest';
import { newRequestId } from '../../src/lib/request-id.js';

test('request ids are different, have one form, and begin with the time', () => {
  const before = Date.now();
  const ids = Array.from({ length: 2_000 }, newRequestId);
  expect(new Set(ids).size).toBe(2_000);
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
  // Ids are drawn 256 at a time: the last ones were drawn in this test.
  const drawn = Number.parseInt(ids.at(-1)?.slice(4, 16) ?? '', 16);
  expect(drawn).toBeGreaterThanOrEqual(before);
  expect(drawn).toBeLessThanOrEqual(Date.now());
  expect(ids.at(-1)?.slice(16)).not.toBe(ids.at(-2)?.slice(16));
});
