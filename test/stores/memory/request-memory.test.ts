import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestMemory } from '../../../src/stores/memory/request-memory.js';
import { testClock } from '../../../src/testing/test-clock.js';

const DAY = 86_400_000;

test('an ended request is remembered for a day, and forgotten after two', () => {
  const clock = testClock();
  const memory = new RequestMemory(clock.now);
  memory.set('first', 'released');
  clock.advance(DAY);
  memory.set('second', 7);
  expect([memory.get('first'), memory.get('second')]).toEqual(['released', 7]);
  clock.advance(DAY);
  memory.set('third', 'expired');
  expect([memory.get('first'), memory.get('second'), memory.get('third')]).toEqual([undefined, 7, 'expired']);
});

test('a later end replaces an earlier one, also across generations', () => {
  const clock = testClock();
  const memory = new RequestMemory(clock.now);
  memory.set('request', 'expired');
  clock.advance(DAY);
  memory.set('other', 1);
  memory.set('request', 2);
  expect(memory.get('request')).toBe(2);
  expect([...memory.entries()]).toEqual([
    ['other', 1],
    ['request', 2],
  ]);
});

test('a million requests are remembered however fast they come, and memory stays bounded', () => {
  const memory = new RequestMemory(() => 0);
  for (let i = 0; i < 2_000_001; i++) memory.set(String(i), i);
  expect(memory.get('0')).toBeUndefined();
  expect(memory.get('1000001')).toBe(1_000_001);
});

test('any ids, in any order, end as the last word on each of them says', () => {
  const id = fc.oneof(fc.string(), fc.integer({ min: 0, max: 40 }).map(String), fc.uuid());
  const end = fc.oneof(fc.nat(), fc.constantFrom('released' as const, 'expired' as const));
  fc.assert(
    fc.property(fc.array(fc.tuple(id, end), { maxLength: 2_000, size: 'max' }), id, (ends, other) => {
      const memory = new RequestMemory(() => 0);
      const known = new Map<string, unknown>();
      for (const [request, how] of ends) {
        memory.set(request, how);
        known.set(request, how);
      }
      expect([...memory.entries()]).toEqual([...known]);
      for (const request of [...known.keys(), other]) expect(memory.get(request)).toBe(known.get(request));
    }),
    { numRuns: 50 },
  );
});
