import { expect, test, vi } from 'vitest';
import { loadedLate, methodsLoadedLate } from '../../src/lib/loaded-late.js';

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

test('methods are loaded with the first call of one of them, and keep their object', async () => {
  class Doubling implements Numbers {
    readonly #factor = 2;

    async double(value: number): Promise<number> {
      return this.#factor * value;
    }

    async name(): Promise<string> {
      return 'numbers';
    }
  }
  const load = vi.fn(async (): Promise<Numbers> => new Doubling());
  load.mockRejectedValueOnce(new Error('no such file'));
  const numbers = methodsLoadedLate<Numbers>({ double: true, name: true }, load);
  expect(Object.keys(numbers)).toEqual(['double', 'name']);
  expect(load).not.toHaveBeenCalled();
  await expect(numbers.double(1)).rejects.toThrow('no such file');
  expect(await Promise.all([numbers.double(4), numbers.name()])).toEqual([8, 'numbers']);
  expect(load).toHaveBeenCalledTimes(2);
});

interface Numbers {
  double(value: number): Promise<number>;
  name(): Promise<string>;
}
