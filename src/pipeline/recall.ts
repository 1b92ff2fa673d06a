import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Recollection } from '../providers/adapter.js';
import type { Run } from './run-state.js';

/**
 * Between stages 4 and 5: loads what a target's provider wants back of earlier answers and the client has not sent, where
 * another process gave them. What can't be loaded counts as missing, like what has expired.
 */
export function recall(run: Run): MaybePromise<void> {
  const { operation, resolution } = run;
  if (!operation.recall) return;
  let loads: Promise<void>[] | undefined;
  let recollection: Recollection | undefined;
  for (const { adapter } of resolution.targets) {
    if (!adapter.recall) continue;
    recollection ??= recollectionOf(run);
    const load = operation.recall(adapter, recollection);
    if (load) (loads ??= []).push(load.catch(() => {}));
  }
  return loads && Promise.all(loads).then(() => {});
}

function recollectionOf({ principal, runtime }: Run): Recollection {
  const accountId = principal.account.id;
  return { accountId, find: (ids) => runtime.keptItems.get(accountId, ids) };
}
