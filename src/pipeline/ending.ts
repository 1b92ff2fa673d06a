import type { Target } from '../catalog/catalog.js';
import { NO_USAGE, type Usage } from '../lib/usage.js';
import type { Outcome } from '../meter/meter.js';

/** How a request ended: what it used at which target; without usage it is not charged. */
export interface Ending {
  readonly outcome: Outcome;
  readonly usage: Usage;
  readonly target?: Target;
}

/** A request that cost its account nothing. */
export const UNUSED: Ending = { outcome: 'error', usage: NO_USAGE };
