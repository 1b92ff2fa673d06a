import { expect, test, vi } from 'vitest';
import { remembered } from '../../src/lib/remembered.js';

test('a name is looked up once, also where nothing is found', () => {
  const find = vi.fn((name: string) => (name === 'known' ? name.length : undefined));
  const lengthOf = remembered(find);
  expect([lengthOf('known'), lengthOf('known'), lengthOf('other'), lengthOf('other')]).toEqual([
    5,
    5,
    undefined,
    undefined,
  ]);
  expect(find).toHaveBeenCalledTimes(2);
});

test('any number of names takes bounded memory', () => {
  const find = vi.fn((name: string) => name.length);
  const lengthOf = remembered(find);
  for (let i = 0; i < 5_000; i += 1) lengthOf(`model-${i}`);
  expect(lengthOf('model-4999')).toBe(10);
  expect(find).toHaveBeenCalledTimes(5_000);
  lengthOf('model-0');
  expect(find).toHaveBeenCalledTimes(5_001);
});
