import type { MaybePromise } from '../exchange.js';
import type { KeyStore } from '../keys/key-store.js';
import type { Meter } from '../meter/meter.js';

/** Where a gateway keeps its keys and its money. */
export interface Store {
  readonly keyStore: KeyStore;
  readonly meter: Meter;
  /** Creates or updates tables; called by the user or on first use. */
  migrate?(): MaybePromise<void>;
  close?(): MaybePromise<void>;
}
