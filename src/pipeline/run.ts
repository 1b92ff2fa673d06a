import type { GatewayResponse } from '../http/exchange.js';
import { type GatewayError, toGatewayError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { nextTurn } from '../lib/next-turn.js';
import { admit, admitTokens, RateLimitError } from './admit.js';
import { allowTools } from './allow-tools.js';
import { attribute } from './attribution.js';
import { authenticate } from './authenticate.js';
import { call, openStream } from './calling/call.js';
import { BilledFailure, endingOf } from './calling/call-failures.js';
import { askHooks } from './hooks.js';
import { limitStates } from './limit-states.js';
import { loadSizing } from './load-sizing.js';
import { checkRoute } from './principal.js';
import { recall } from './recall.js';
import { reserve } from './reserve.js';
import { resolve } from './resolve.js';
import { respond, respondError } from './respond.js';
import type { AnswerFacts } from './route.js';
import { logFacts } from './run-facts.js';
import type { Run } from './run-state.js';
import { isRelayed, observeAnswer, observeStream, withRecordedUsage } from './streaming/observe.js';

/** Stages 1 to 5 and the steps between them, before a provider is asked. One that throws ends the run. */
const BEFORE_THE_CALL: readonly ((run: Run) => MaybePromise<void>)[] = [
  (run) => run.set('principal', authenticate(run.request, run.runtime, run.app)),
  (run) => checkRoute(run.principal, run.route),
  (run) => run.set('admission', admit(run.requestId, run.principal, run.runtime)),
  (run) => run.set('operation', run.route.read(run)),
  (run) => run.set('principal', attribute(run.principal, run.operation, run.request, run.runtime)),
  (run) => run.set('resolution', resolve(run.operation, run.principal, run.runtime)),
  askHooks,
  loadSizing,
  allowTools,
  (run) => run.set('admission', admitTokens(run)),
  recall,
  (run) => run.set('hold', reserve(run)),
];

/**
 * One metered request, start to finish: authenticate, admit, parse, resolve, reserve; then call, observe, settle and
 * respond. See the file of the same name for each.
 *
 * Never rejects: every failure becomes an answer.
 */
export async function serve(run: Run): Promise<GatewayResponse> {
  run.runtime.inFlight.enter(run);
  try {
    // By index: an iterator that outlives an `await` costs an object a stage.
    for (let i = 0; i < BEFORE_THE_CALL.length; i++) {
      const pending = BEFORE_THE_CALL[i]?.(run);
      if (pending) await pending;
      if (run.largeBody) await nextTurn();
    }
    // Parts that still need it have a reference: it must not stay in memory while the provider works.
    run.body = undefined;
    run.followClient();
    if (run.operation.stream || isRelayed(run)) return await observeStream(run, openStream(run));
    const result = await call(run);
    if (run.observation?.wantsBodies) run.observation.answerBody(textOfBody(result.answer.body));
    const ending = observeAnswer(run, result);
    const settled = run.end(ending);
    if (settled) await settled;
    return respond(run, withRecordedUsage(result, ending.usage));
  } catch (thrown) {
    const error = readable(run, thrown);
    const { principal, hold } = run.parts;
    if (principal && !hold) run.runtime.refusals.count(principal, error);
    await run.end(endingOf(thrown), error);
    return respondError(await factsOfFailure(run, thrown), error, run.route.format);
  }
}

/** Refused requests report their limits too, as far as they are known: what the request had taken is released by now. */
async function factsOfFailure({ requestId, parts, runtime }: Run, thrown: unknown): Promise<AnswerFacts> {
  const { principal, admission, hold } = parts;
  let states = hold && admission?.states;
  if (thrown instanceof RateLimitError) states = thrown.states;
  if (!states) states = principal ? await limitStates(principal, runtime) : [];
  return { requestId, states, now: runtime.now() };
}

/** The failure as the client may see it; what is not the client's fault is reported. */
function readable(run: Run, thrown: unknown): GatewayError {
  const error = toGatewayError(thrown instanceof BilledFailure ? thrown.clientError : thrown);
  if (error.status >= 500) run.runtime.reportFault(run.requestId, error, logFacts(run));
  return error;
}

function textOfBody(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}
