import type { Cancellation } from './cancellation.js';

/** How long an adapter may take to stop after cancellation. */
const GRACE_MS = 50;

/**
 * Settles as `work` does, or rejects soon after it is canceled if `work` ignores that.
 *
 * @param dispose takes what `work` brings when nobody waits for it any more.
 */
export function unlessCanceled<T>(
  work: Promise<T>,
  cancellation: Cancellation,
  dispose: (late: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let grace: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const onCancel = () => {
      grace = setTimeout(() => {
        left = true;
        reject(new Error('the provider adapter did not stop after cancellation'));
      }, GRACE_MS);
    };
    const settled = () => {
      cancellation.off(onCancel);
      if (grace) clearTimeout(grace);
    };
    work.then(
      (value) => {
        settled();
        if (left) dispose(value);
        else resolve(value);
      },
      (error: unknown) => {
        settled();
        reject(error);
      },
    );
    cancellation.onCancel(onCancel);
  });
}
