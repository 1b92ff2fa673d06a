import { expect, test } from 'vitest';
import { andThen, guarded } from '../../src/lib/maybe-promise.js';

const thenable = Object.fromEntries([
  ['then', (resolve: (value: number) => void) => resolve(2)],
]) as unknown as Promise<number>;

test('goes on at once with a value that is there', () => {
  expect(andThen(1, (value) => value + 1)).toBe(2);
});

test.each([
  ['a promise', Promise.resolve(2)],
  ['a thenable of any library', thenable],
])('goes on with %s when it has come', async (_, value) => {
  expect(await andThen(value, (number) => number + 1)).toBe(3);
});

test('a failure becomes the result of its handler, now or later', async () => {
  const failure = new Error('no');
  const handler = (thrown: unknown) => [thrown];
  const fails = () => {
    throw failure;
  };
  expect(guarded<unknown>(fails, handler)).toEqual([failure]);
  expect(await guarded<unknown>(() => Promise.reject(failure), handler)).toEqual([failure]);
  expect(guarded<unknown>(() => 1, handler)).toBe(1);
  expect(await guarded<unknown>(() => Promise.resolve(1), handler)).toBe(1);
  expect(await guarded<unknown>(() => thenable, handler)).toBe(2);
});
