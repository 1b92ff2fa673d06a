import { expect, test, vi } from 'vitest';
import { loadedLate } from '../../src/lib/loaded-late.js';

test('a function is loaded with its first call, and answers at once afterwards', async () => {
  const load = vi.fn(async () => (one: number, other: number) => one + other);
  const add = loadedLate(load);
  expect(load).not.toHaveBeenCalled();
  expect(await add(1, 2)).toBe(3);
  expect(add(3, 4)).toBe(7);
  expect(load).toHaveBeenCalledOnce();
});

test('what can not be loaded is tried again with the next call', async () => {
  const load = vi.fn(async () => (text: string) => text.toUpperCase());
  load.mockRejectedValueOnce(new Error('no such file'));
  const upper = loadedLate(load);
  await expect(upper('a')).rejects.toThrow('no such file');
  expect(await upper('a')).toBe('A');
});
