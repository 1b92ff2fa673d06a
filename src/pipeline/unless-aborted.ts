/** How long an adapter has to stop after it was told to. */
const GRACE_MS = 50;

/**
 * Settles as `work` does, or rejects soon after `signal` is aborted when `work` takes no notice of that.
 *
 * @param dispose takes what `work` brings when nobody waits for it any more.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, dispose: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let grace: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const leave = () => {
      left = true;
      reject(new Error('the provider adapter did not stop when it was told to'));
    };
    const onAbort = () => {
      grace = setTimeout(leave, GRACE_MS);
    };
    const settled = () => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(grace);
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
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
