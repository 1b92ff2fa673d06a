import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newRequestId } from '../../src/lib/request-id.js';
import { packId, unpackId } from '../../src/stores/packed-ids.js';

const own = fc.stringMatching(/^req_[0-9a-f]{32}$/);
const ids = fc.oneof(
  own,
  fc.string(),
  fc.string().map((text) => `~${text}`),
  own.map(packId),
);

test('an id comes back as it was, and no two are packed to one', () => {
  fc.assert(fc.property(ids, (id) => unpackId(packId(id)) === id));
});

test('an id of the gateway takes 23 characters', () => {
  const id = newRequestId();
  expect(packId(id)).toMatch(/^~[-0-9A-Z_a-z]{22}$/);
  expect(unpackId(packId(id))).toBe(id);
});

test('packed ids sort as the ids do, so that an index grows at its end', () => {
  fc.assert(fc.property(own, own, (a, b) => a < b === packId(a) < packId(b)));
});
