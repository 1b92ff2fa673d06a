import { expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/lib/cancellation.js';
import { unlessCanceled } from '../../src/lib/unless-canceled.js';

const nothing = () => {};

test('is as the work is, and listens no longer', async () => {
  const cancellation = new Cancellation();
  const remove = vi.spyOn(cancellation, 'off');
  await expect(unlessCanceled(Promise.resolve(1), cancellation, nothing)).resolves.toBe(1);
  await expect(unlessCanceled(Promise.reject(new Error('no')), cancellation, nothing)).rejects.toThrow('no');
  expect(remove).toHaveBeenCalledTimes(2);
});

test('lets the work say by itself how it was stopped', async () => {
  const cancellation = new Cancellation();
  const work = new Promise((_, reject) => cancellation.onCancel(() => reject(new Error('mine'))));
  const raced = unlessCanceled(work, cancellation, nothing);
  cancellation.cancel();
  await expect(raced).rejects.toThrow('mine');
});

test('does not wait for work that takes no notice, and disposes of what it brings later', async () => {
  for (const early of [false, true]) {
    const cancellation = new Cancellation();
    if (early) cancellation.cancel();
    let finish: (value: string) => void = nothing;
    const dispose = vi.fn();
    const work = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const raced = unlessCanceled(work, cancellation, dispose);
    cancellation.cancel();
    await expect(raced).rejects.toThrow('did not stop');
    finish('late');
    await work;
    expect(dispose).toHaveBeenCalledExactlyOnceWith('late');
  }
});
