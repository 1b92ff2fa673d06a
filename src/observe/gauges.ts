import type { MaybePromise } from '../lib/maybe-promise.js';

/** The current state of a gateway, for gauges. */
export interface GatewayGauges {
  /** Requests that are running. */
  running(): number;
  /** Holds of running requests. */
  holds(): number;
  /** Settlements that wait because the store did not take them. */
  outboxLength(): MaybePromise<number>;
  /** Look-ups of keys since the start, and how many of them memory answered. */
  keyCache(): { readonly hits: number; readonly misses: number };
  /** Targets by name (`provider/model`); true while one is cooling down. */
  coolingDown(): ReadonlyMap<string, boolean>;
}

/** Metrics of a gateway: an observer that also reads gauges. */
export interface GatewayMetrics {
  /** Called once, by `createGateway`. */
  attach(gauges: GatewayGauges): void;
}
