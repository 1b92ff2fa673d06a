import { andThen } from '../../lib/maybe-promise.js';
import { withAnswerHooks } from '../hooks.js';
import type { Answer, OpenStream } from '../operation.js';
import type { Run } from '../run-state.js';
import { type Ask, Attempts, type CallResult } from './attempts.js';
import { RunAttempt } from './provider-call.js';

export type WholeResult = CallResult<Answer>;
export type StreamResult = CallResult<OpenStream>;

/**
 * Stage 6 of 9 · targets -> whole answer: attempts, retries and fallback.
 *
 * @throws {GatewayError} the client's view of the last failure, with `x-should-retry: false`.
 * @throws {ClientDisconnected} when the client left.
 */
export function call(run: Run): Promise<WholeResult> {
  return callTargets(run, askWhole);
}

/** Stage 6 of 9 · targets -> open stream: the same, only before anything reached the client. */
export function openStream(run: Run): Promise<StreamResult> {
  return callTargets(run, askStream);
}

const askWhole: Ask<Answer> = (run, target, watch) =>
  andThen(withAnswerHooks(run, target.adapter), (adapter) =>
    run.operation.call(adapter, new RunAttempt(target, watch, run)),
  );

const askStream: Ask<OpenStream> = (run, target, watch) =>
  andThen(withAnswerHooks(run, target.adapter), (adapter) =>
    run.operation.open(adapter, new RunAttempt(target, watch, run)),
  );

function callTargets<Answered extends { readonly dropped: readonly string[] }>(
  run: Run,
  ask: Ask<Answered>,
): Promise<CallResult<Answered>> {
  const attempts = new Attempts(run, ask);
  const { maxAttempts } = run.runtime.settings.retries;
  return attempts.next().catch((thrown: unknown) => callAgain(attempts, thrown, maxAttempts - 1));
}

/** Further attempts after the first one failed; the retry policy says where, and after which pause. */
async function callAgain<Answered extends { readonly dropped: readonly string[] }>(
  attempts: Attempts<Answered>,
  first: unknown,
  most: number,
): Promise<CallResult<Answered>> {
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
