import { loadedOnce } from '../../lib/loaded-late.js';
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

/** A log of requests whose code is loaded with its first use: few apps keep one in memory. */
function requestLog(): RequestLog {
  const log = loadedOnce(async () => (await import('./memory-logs.js')).memoryRequestLog());
  return {
    append: async (records) => (await log()).append(records),
    find: async (id, accountId) => (await log()).find(id, accountId),
    list: async (range, page) => (await log()).list(range, page),
    countFailures: async (span) => (await log()).countFailures(span),
    prune: async (before, limit) => (await log()).prune(before, limit),
  };
}

/** The same for what operators did. */
function changeLog(): ChangeLog {
  const log = loadedOnce(async () => (await import('./memory-logs.js')).memoryChangeLog());
  return {
    append: async (change) => (await log()).append(change),
    list: async (range, page) => (await log()).list(range, page),
  };
}
