import type { Target } from '../../catalog/catalog.js';
import type { Watch } from '../../upstream/watchdog.js';
import { withAnswerHooks } from '../hooks.js';
import type { Answer, OpenStream } from '../operation.js';
import type { Run } from '../run-state.js';
import { type Ask, Attempts } from './attempts.js';
import { RunAttempt } from './provider-call.js';

/** A whole answer, from which target, after how many attempts. */
export interface WholeResult {
  readonly target: Target;
  readonly attempts: number;
  readonly answer: Answer;
}

/** An open stream, from which target, after how many attempts. */
export interface StreamResult {
  readonly target: Target;
  readonly attempts: number;
  readonly stream: OpenStream;
  /** Watches the exchange; whoever reads the stream closes it. */
  readonly watch: Watch;
}

/**
 * Stage 6 of 9 · targets -> whole answer: attempts, retries and fallback.
 *
 * @throws {GatewayError} the client's view of the last failure, with `x-should-retry: false`.
 * @throws {ClientGone} when the client left.
 */
export function call(run: Run): Promise<WholeResult> {
  return callTargets(run, async (target, watch, attempts) => {
    const answer = await run.operation.call(withAnswerHooks(run, target.adapter), new RunAttempt(target, watch, run));
    watch.close();
    run.observation?.dropped(answer.dropped);
    return { target, attempts, answer };
  });
}

/** Stage 6 of 9 · targets -> open stream: the same, only before anything reached the client. */
export function openStream(run: Run): Promise<StreamResult> {
  return callTargets(run, async (target, watch, attempts) => {
    const stream = await run.operation.open(withAnswerHooks(run, target.adapter), new RunAttempt(target, watch, run));
    run.observation?.dropped(stream.dropped);
    return { target, attempts, stream, watch };
  });
}

function callTargets<Result>(run: Run, ask: Ask<Result>): Promise<Result> {
  const attempts = new Attempts(run, ask);
  const { maxAttempts } = run.runtime.settings.retries;
  return attempts.next().catch((thrown: unknown) => callAgain(attempts, thrown, maxAttempts - 1));
}

/** The attempts after a first that failed: where, and after which pause, is a matter of the retry policy. */
async function callAgain<Result>(attempts: Attempts<Result>, first: unknown, most: number): Promise<Result> {
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
