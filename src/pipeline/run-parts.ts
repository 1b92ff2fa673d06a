import type { AdmissionGrant } from './admit.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Hold } from './reserve.js';
import type { Resolution } from './resolve.js';

/** What the first five stages find out, in this order; undefined: not yet. */
export interface RunParts {
  principal: Principal | undefined;
  operation: Operation | undefined;
  resolution: Resolution | undefined;
  admission: AdmissionGrant | undefined;
  hold: Hold | undefined;
}
