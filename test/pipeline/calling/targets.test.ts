import { describe, expect, test } from 'vitest';
import type { Target } from '../../../src/catalog/catalog.js';
import { readPrice } from '../../../src/meter/price.js';
import { Targets } from '../../../src/pipeline/calling/targets.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';

const T = 1_000_000;

function target(provider: string, weight?: number): Target {
  const adapter = { name: provider, chat: () => Promise.reject(), stream: () => Promise.reject() } as never;
  return {
    id: `${provider}/m`,
    provider,
    adapter,
    model: 'm',
    price: readPrice({ input: 1, output: 1 }),
    cost: undefined,
    weight,
  };
}

const names = (list: readonly Target[]) => list.map(({ provider }) => provider).join(' ');

describe('the order of targets', () => {
  test('is the configured one without weights', () => {
    const list = [target('a'), target('b'), target('c')];
    expect(names(new Targets(list, () => T, Math.random).inOrder(list, 'key'))).toBe('a b c');
  });

  test('puts those that cool down last, soonest first', () => {
    const list = [target('a'), target('b'), target('c')];
    const targets = new Targets(list, () => T, Math.random);
    targets.cooldown(list[0] as Target).paused(T, 2_000, 'free');
    targets.cooldown(list[1] as Target).paused(T, 1_000, 'free');
    expect(names(targets.inOrder(list, undefined))).toBe('c b a');
    expect(targets.health().map(({ target: id, state }) => `${id} ${state}`)).toEqual([
      'a/m paused',
      'b/m paused',
      'c/m closed',
    ]);
  });

  test('gives each its share by weight, by chance and by key alike', () => {
    const list = [target('a', 3), target('b', 1), target('c', 0)];
    const seeded = seededRandom(1);
    const targets = new Targets(
      list,
      () => T,
      () => seeded.next(),
    );
    const first = { chance: { a: 0, b: 0, c: 0 }, key: { a: 0, b: 0, c: 0 } };
    for (let i = 0; i < 10_000; i += 1) {
      first.chance[targets.inOrder(list, undefined)[0]?.provider as 'a'] += 1;
      first.key[targets.inOrder(list, `user_${i}`)[0]?.provider as 'a'] += 1;
    }
    for (const { a, b, c } of Object.values(first)) {
      expect(a / 10_000).toBeGreaterThan(0.72);
      expect(a / 10_000).toBeLessThan(0.78);
      expect([b, c]).toEqual([10_000 - a, 0]);
    }
  });

  test('keeps a key where it is, also when another target is added', () => {
    const [a, b, c] = [target('a', 1), target('b', 1), target('c', 1)];
    const targets = new Targets([a, b, c], () => T, Math.random);
    let moved = 0;
    for (let i = 0; i < 1_000; i += 1) {
      const before = targets.inOrder([a, b], `user_${i}`)[0];
      expect(targets.inOrder([a, b], `user_${i}`)[0]).toBe(before);
      const after = targets.inOrder([a, b, c], `user_${i}`)[0];
      if (after !== before) {
        expect(after).toBe(c);
        moved += 1;
      }
    }
    expect(moved).toBeGreaterThan(250);
    expect(moved).toBeLessThan(420);
  });
});
