import type { MaybePromise } from '../lib/maybe-promise.js';
import { hasSizing, setSizing } from '../providers/sizing.js';
import type { Run } from './run-state.js';

/** Between stages 4 and 5: loads what measures a request, with the first that is not all text. */
export function loadSizing({ operation }: Run): MaybePromise<void> {
  if (operation.sentSize === undefined || hasSizing()) return;
  return import('./beyond-text.js').then(({ sizing }) => setSizing(sizing));
}
