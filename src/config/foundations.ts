import type { KeyStore } from '../keys/key-store.js';
import { consoleLogger, type Logger } from '../lib/logger.js';
import type { Meter } from '../meter/meter.js';
import type { Settings } from '../pipeline/settings.js';
import { memoryStore } from '../stores/memory/memory-store.js';
import type { Store } from '../stores/store.js';
import { type GatewayOptions, readSettings } from './options.js';

/** What all parts of a gateway stand on: its options, with what stands for those that were left out. */
export interface Foundations {
  readonly options: GatewayOptions;
  readonly settings: Settings;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Milliseconds of a clock that is never set back, for limits. */
  readonly clock: () => number;
  readonly store: Store;
  readonly meter: Meter;
  readonly keyStore: KeyStore;
}

export function foundationsOf(options: GatewayOptions): Foundations {
  const { logger = consoleLogger, now = Date.now, random = Math.random } = options;
  const store = options.store ?? memoryStore({ now });
  return {
    options,
    settings: readSettings(options),
    logger,
    now,
    random,
    clock: options.now ? neverBack(options.now) : () => performance.now(),
    store,
    meter: options.meter ?? store.meter,
    keyStore: options.keyStore ?? store.keyStore,
  };
}

/** A clock as limits need it, of one that may be set back. */
function neverBack(now: () => number): () => number {
  let latest = Number.NEGATIVE_INFINITY;
  return () => (latest = Math.max(latest, now()));
}
