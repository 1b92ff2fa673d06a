import type { MaybePromise } from '../lib/maybe-promise.js';
import { setSizing } from '../providers/sizing.js';
import { loadedBound, setLoadedBound } from './loaded-bound.js';
import { measureAt } from './operation.js';
import type { Run } from './run-state.js';

/** Between stages 4 and 5: loads what measures a request, with the first that is not all text. */
export function loadSizing({ operation, resolution }: Run): MaybePromise<void> {
  if (loadedBound() || (operation.sentSize ?? operation.recalledSize) === undefined) return;
  if (!resolution.targets.some(({ adapter }) => measureAt(operation, adapter))) return;
  return import('./beyond-text.js').then(({ sizing, measuredBound }) => {
    setSizing(sizing);
    setLoadedBound(measuredBound);
  });
}
