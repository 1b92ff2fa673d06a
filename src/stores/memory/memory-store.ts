import type { FullStore } from '../store.js';
import { memoryItems } from './memory-items.js';
import { memoryKeyStore } from './memory-key-store.js';
import { memoryMeter } from './memory-meter.js';
import { memoryRequestLog } from './memory-request-log.js';

/**
 * Keys and money in this process's memory: for tests, demos and first steps. All of it is lost when the process ends.
 *
 * @param options.now milliseconds since the epoch. @default Date.now
 */
export function memoryStore(options: { readonly now?: () => number } = {}): FullStore {
  return {
    keyStore: memoryKeyStore(),
    meter: memoryMeter(options),
    requests: memoryRequestLog(),
    items: memoryItems(),
  };
}
