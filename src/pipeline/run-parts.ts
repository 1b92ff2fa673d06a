import type { UnitCounts } from '../lib/usage.js';
import type { AdmissionGrant } from './admit.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Hold } from './reserve.js';
import type { Resolution } from './resolve.js';

/** The tools of a request that its provider runs. */
export interface RunTools {
  /** Paths of what may not run and was left out. */
  readonly leftOut: readonly string[];
  /** The most uses of each that may. */
  readonly uses: UnitCounts | undefined;
}

/** What the first five stages find out, in this order; undefined: not yet. */
export interface RunParts {
  principal: Principal | undefined;
  operation: Operation | undefined;
  resolution: Resolution | undefined;
  /** Undefined: not looked at, because none has to be. */
  tools: RunTools | undefined;
  admission: AdmissionGrant | undefined;
  hold: Hold | undefined;
}
