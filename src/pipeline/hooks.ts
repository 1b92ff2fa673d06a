import { loadedLate } from '../lib/loaded-late.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { ProviderAdapter } from '../providers/adapter.js';
import type { Run } from './run-state.js';

// Loaded with the first request of a gateway that has hooks.
const askRequest = loadedLate(async () => (await import('./asked-hooks.js')).askRequest);
const guardAnswers = loadedLate(async () => (await import('./asked-hooks.js')).guardAnswers);

/** Between stages 4 and 5: hooks may refuse the request or change it. Without hooks nothing happens. */
export function askHooks(run: Run): MaybePromise<void> {
  if (run.runtime.hooks.length > 0) return askRequest(run);
}

/** Wraps the adapter so that the run's answer hooks check and change what it answers. */
export function withAnswerHooks(run: Run, adapter: ProviderAdapter): MaybePromise<ProviderAdapter> {
  return run.runtime.hooks.length > 0 ? guardAnswers(run, adapter) : adapter;
}
