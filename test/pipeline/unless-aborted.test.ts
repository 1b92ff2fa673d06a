import { expect, test, vi } from 'vitest';
import { unlessAborted } from '../../src/pipeline/unless-aborted.js';

const nothing = () => {};

test('is as the work is, and listens no longer', async () => {
  const controller = new AbortController();
  const remove = vi.spyOn(controller.signal, 'removeEventListener');
  await expect(unlessAborted(Promise.resolve(1), controller.signal, nothing)).resolves.toBe(1);
  await expect(unlessAborted(Promise.reject(new Error('no')), controller.signal, nothing)).rejects.toThrow('no');
  expect(remove).toHaveBeenCalledTimes(2);
});

test('lets the work say by itself how it was stopped', async () => {
  const controller = new AbortController();
  const work = new Promise((_, reject) => controller.signal.addEventListener('abort', () => reject(new Error('mine'))));
  const raced = unlessAborted(work, controller.signal, nothing);
  controller.abort();
  await expect(raced).rejects.toThrow('mine');
});

test('does not wait for work that takes no notice, and disposes of what it brings later', async () => {
  for (const aborted of [false, true]) {
    const controller = new AbortController();
    if (aborted) controller.abort();
    let finish: (value: string) => void = nothing;
    const dispose = vi.fn();
    const work = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const raced = unlessAborted(work, controller.signal, dispose);
    controller.abort();
    await expect(raced).rejects.toThrow('did not stop');
    finish('late');
    await work;
    expect(dispose).toHaveBeenCalledExactlyOnceWith('late');
  }
});
