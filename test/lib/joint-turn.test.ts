import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test, vi } from 'vitest';
import { jointTurn } from '../../src/lib/joint-turn.js';

test('all that wait in a turn go on together, a step of all of them after the other', async () => {
  const steps: string[] = [];
  const run = async (name: string) => {
    await jointTurn();
    steps.push(`${name}1`);
    await undefined;
    steps.push(`${name}2`);
  };
  await Promise.all([run('a'), run('b'), run('c')]);
  expect(steps).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
});

test('each goes on in its own context, also where another began the turn', async () => {
  const context = new AsyncLocalStorage<string>();
  const seen = ['a', 'b'].map((name) => context.run(name, () => jointTurn().then(() => context.getStore())));
  expect(await Promise.all(seen)).toEqual(['a', 'b']);
});

test('one that fails does not stop the others, and the next turn is a new one', async () => {
  const failing = jointTurn().then(() => {
    throw new Error('one of them');
  });
  const other = jointTurn().then(() => 'went on');
  await expect(failing).rejects.toThrow('one of them');
  expect(await other).toBe('went on');
  expect(await jointTurn()).toBeUndefined();
});

test('a fake clock in the tests of a host does not stop it', async () => {
  vi.useFakeTimers({ toFake: ['setImmediate'] });
  try {
    expect(await jointTurn()).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});
