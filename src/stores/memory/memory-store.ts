import type { FullStore } from '../store.js';
import { memoryChangeLog } from './memory-change-log.js';
import { memoryItems } from './memory-items.js';
import { memoryKeyStore } from './memory-key-store.js';
import { type MemoryOptions, memoryMeter } from './memory-meter.js';
import { memoryRequestLog } from './memory-request-log.js';

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
    requests: memoryRequestLog(),
    items: memoryItems(),
    changes: memoryChangeLog(),
  };
}
