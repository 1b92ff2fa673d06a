import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StringMap } from '../../src/lib/string-map.js';

const id = fc.oneof(
  fc.integer({ min: 0, max: 60 }).map(String),
  fc.integer({ min: 0, max: 60 }).map((number) => `${number}-with-the-same-ending`),
  fc.string(),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('set' as const), id, value: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
);

test('is a map, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: 'max' }), id, (steps, other) => {
      const table = new StringMap<number>();
      const model = new Map<string, number>();
      for (const one of steps) {
        if (one.do === 'delete') expect(table.delete(one.id)).toBe(model.delete(one.id));
        else {
          table.set(one.id, one.value);
          model.set(one.id, one.value);
        }
        expect(table.get(one.id)).toBe(model.get(one.id));
      }
      expect(table.size).toBe(model.size);
      expect(new Map(table.entries())).toEqual(model);
      for (const known of [...model.keys(), other]) {
        expect(table.get(known)).toBe(model.get(known));
        expect(table.has(known)).toBe(model.has(known));
      }
    }),
  );
});

test('keeps nothing of what has left, and its places are taken again', () => {
  const table = new StringMap<number>();
  for (let i = 0; i < 100_000; i += 1) {
    table.set(`id-${i}`, i);
    if (i >= 10) table.delete(`id-${i - 10}`);
  }
  expect(table.size).toBe(10);
  expect([...table.entries()].map(([, value]) => value).sort()).toEqual(
    Array.from({ length: 10 }, (_, i) => 99_990 + i),
  );
});

test('entries may be deleted while they are walked', () => {
  const table = new StringMap<number>();
  for (let i = 0; i < 50; i += 1) table.set(String(i), i);
  for (const [key, value] of table.entries()) if (value % 2 === 0) table.delete(key);
  expect(table.size).toBe(25);
  expect([...table.entries()].every(([, value]) => value % 2 === 1)).toBe(true);
});
