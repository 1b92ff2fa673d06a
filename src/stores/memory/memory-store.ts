import { methodsLoadedLate } from '../../lib/loaded-late.js';
import type { RequestLog } from '../../requests/request-log.js';
import type { ChangeLog } from '../change-log.js';
import type { FullStore } from '../store.js';
import { memoryItems } from './memory-items.js';
import { memoryKeyStore } from './memory-key-store.js';
import { type MemoryOptions, memoryMeter } from './memory-meter.js';

/**
 * Keys and money in this process's memory: for tests, demos and first steps. All of it is lost when the process ends.
 *
 * Of requests the newest `maxEvents` are kept; sums and balances count all of them.
 *
 * @throws {TypeError} for options it does not know, or a `maxEvents` that is not a positive integer.
 */
export function memoryStore(options: MemoryOptions = {}): FullStore {
  return {
    keyStore: memoryKeyStore(),
    meter: memoryMeter(options),
    requests: requestLog(),
    items: memoryItems(),
    changes: changeLog(),
  };
}

const logs = () => import('./memory-logs.js');

/** Loaded with its first use: few apps keep a log of requests in memory. */
const requestLog = () =>
  methodsLoadedLate<Required<Omit<RequestLog, 'newestOfAll'>>>(
    { append: true, find: true, list: true, countFailures: true, prune: true },
    async () => (await logs()).memoryRequestLog(),
  );

/** The same for what operators did. */
const changeLog = () =>
  methodsLoadedLate<ChangeLog>({ append: true, list: true }, async () => (await logs()).memoryChangeLog());
