import type { ItemStore } from '../items/item-store.js';
import type { KeyStore } from '../keys/key-store.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { FullMeter, Meter } from '../meter/meter.js';
import type { RequestLog } from '../requests/request-log.js';
import type { ChangeLog } from './change-log.js';
import type { StoreUpkeep } from './upkeep.js';

/** Keys and money together, as one database keeps them. */
export interface Store {
  readonly keyStore: KeyStore;
  readonly meter: Meter;
  /** Where finished requests are logged; a store without it can't be used with the option `requestLog`. */
  readonly requests?: RequestLog;
  /** What answers leave behind for later requests; a store without it keeps that in the process. */
  readonly items?: ItemStore;
  /** What operators did; a store without it forgets that. */
  readonly changes?: ChangeLog;
  /** Pruning and erasing; a store without it keeps everything. */
  readonly upkeep?: StoreUpkeep;
  /** Creates or updates the tables; without it they are made on first use. */
  migrate?(): MaybePromise<void>;
  /** Frees what the store opened itself; a driver that was passed in stays open. */
  close?(): MaybePromise<void>;
}

/** A store of this package: its meter has all parts, and its tables can be made ahead of the first use. */
export interface FullStore extends Store {
  readonly meter: FullMeter;
  readonly requests: RequestLog;
  readonly items: ItemStore;
  readonly changes: ChangeLog;
}
