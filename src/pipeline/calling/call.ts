import type { Target } from '../../catalog/catalog.js';
import type { Cancellation } from '../../lib/cancellation.js';
import type { Watch } from '../../upstream/watchdog.js';
import type { Answer, OpenStream, Operation } from '../operation.js';
import type { Principal } from '../principal.js';
import type { Hold } from '../reserve.js';
import type { Resolution } from '../resolve.js';
import type { MeteredRoute } from '../route.js';
import type { Runtime } from '../runtime.js';
import type { Presence } from '../streaming/presence.js';
import { Attempts } from './attempts.js';

/** A request on its way to its targets. */
export interface Call {
  readonly requestId: string;
  readonly operation: Operation;
  readonly principal: Principal;
  readonly resolution: Resolution;
  readonly route: MeteredRoute;
  readonly hold: Hold;
  /** Cancelled when the client is gone. */
  readonly client: Cancellation;
  /** What that means for the provider. */
  readonly presence: Presence;
  /** Closes the client's connection, where the adapter can. */
  readonly hangUp: (() => void) | undefined;
}

/** What came of it: a whole answer or an open stream, from which target, after how many attempts. */
export type CallResult = {
  readonly target: Target;
  readonly attempts: number;
} & ({ readonly answer: Answer } | { readonly stream: OpenStream; readonly watch: Watch });

/**
 * Stage 6 of 9 · targets -> answer or stream: attempts, retries and fallback, only before anything reached the client.
 *
 * @throws {GatewayError} the client's view of the last failure, with `x-should-retry: false`.
 * @throws {ClientGone} when the client left.
 */
export function call(call: Call, gateway: Runtime): Promise<CallResult> {
  const attempts = new Attempts(call, gateway);
  const { maxAttempts } = gateway.settings.retries;
  return attempts.next().catch((thrown: unknown) => callAgain(attempts, thrown, maxAttempts - 1));
}

/** The attempts after a first that failed: where, and after which pause, is a matter of the retry policy. */
async function callAgain(attempts: Attempts, first: unknown, most: number): Promise<CallResult> {
  let failure = first;
  try {
    for (let left = most; left > 0 && (await attempts.mayFollow(failure)); left -= 1) {
      try {
        return await attempts.next();
      } catch (thrown) {
        failure = thrown;
      }
    }
    throw attempts.lastWord(failure);
  } finally {
    attempts.done();
  }
}
