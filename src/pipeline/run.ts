import type { GatewayRequest, GatewayResponse } from '../http/exchange.js';
import { Cancellation } from '../lib/cancellation.js';
import { GatewayError, toGatewayError } from '../lib/errors.js';
import { andThen, isThenable, type MaybePromise } from '../lib/maybe-promise.js';
import { unrefTimer } from '../lib/timers.js';
import { admit } from './admit.js';
import { authenticate } from './authenticate.js';
import { type Call, type CallResult, call } from './calling/call.js';
import { ClientGone, endingOf } from './calling/call-failures.js';
import { limitStates } from './limit-states.js';
import { reserve } from './reserve.js';
import { resolve } from './resolve.js';
import { respond, respondError, respondStream, type WholeResult } from './respond.js';
import type { AnswerFacts, MeteredRoute, RouteParams } from './route.js';
import type { Runtime } from './runtime.js';
import { Job, settle } from './settle.js';
import { ObservedStream } from './streaming/observe.js';
import { followClient, type Presence } from './streaming/presence.js';
import type { StreamResult } from './streaming/stream-source.js';
import { credible, estimateUsage } from './streaming/tally.js';

/** A client that waits for a stream gets its head after this long, and comments until the answer begins. */
const PATIENCE_MS = 10_000;

/**
 * One metered request, start to finish. Each line is a stage; see the file of the same name.
 *
 * Never rejects: every failure becomes an answer, and gives back what the stages before it took.
 */
export async function run(
  requestId: string,
  request: GatewayRequest,
  route: MeteredRoute,
  params: RouteParams,
  gateway: Runtime,
): Promise<GatewayResponse> {
  const job = new Job(requestId);
  gateway.inFlight.enter(job);
  let presence: Presence | undefined;
  try {
    const known = authenticate(request, gateway);
    const principal = (job.principal = isThenable(known) ? await known : known);
    const read = route.read({ requestId, request, params, principal, runtime: gateway });
    const operation = (job.operation = isThenable(read) ? await read : read);
    const resolution = resolve(operation, principal, gateway);
    const admitted = admit(requestId, operation, principal, resolution, gateway);
    job.admitted = isThenable(admitted) ? await admitted : admitted;
    const reserved = reserve(requestId, operation, principal, resolution, gateway);
    const hold = (job.hold = isThenable(reserved) ? await reserved : reserved);
    if (hold.open) job.held = requestId;
    const client = request.gone ?? Cancellation.following(request.signal);
    presence = followClient(client, operation.stream, gateway.settings, gateway.drains);
    const hangUp = operation.stream ? () => request.hangUp?.() : undefined;
    const work: Call = { requestId, operation, principal, resolution, hold, client, presence, hangUp, route };
    return operation.stream ? await stream(job, work, gateway) : answer(job, work, await call(work, gateway), gateway);
  } catch (thrown) {
    presence?.done();
    await settle(job, endingOf(thrown), gateway);
    gateway.inFlight.leave(job);
    return respondError(await factsOfFailure(job, thrown, gateway), readable(thrown, requestId, gateway), route.format);
  }
}

/** Stages 7 to 9 for a whole answer. */
function answer(job: Job, work: Call, called: CallResult, gateway: Runtime): MaybePromise<GatewayResponse> {
  const whole = called as WholeResult;
  const usage = credible(whole.answer.usage) ?? estimateUsage(work, whole.answer.estimatedOutput);
  return andThen(settle(job, { outcome: 'completed', usage, target: whole.target }, gateway), () => {
    work.presence.done();
    gateway.inFlight.leave(job);
    return respond(factsOf(job, gateway), whole, work.route.format);
  });
}

/** Stages 6 to 9 for a stream; its observer settles it. */
async function stream(job: Job, work: Call, gateway: Runtime): Promise<GatewayResponse> {
  const opening = call(work, gateway) as Promise<StreamResult>;
  const opened = await withPatience(opening);
  const body = new ObservedStream(job, work, opened ?? opening, gateway);
  job.cut = body.cut;
  return respondStream(factsOf(job, gateway), opened, body, work);
}

/** The stream, or undefined when it has not begun after ten seconds: proxies drop connections that stay silent. */
function withPatience(opening: Promise<StreamResult>): Promise<StreamResult | undefined> {
  return new Promise((resolve, reject) => {
    const timer = unrefTimer(setTimeout(resolve, PATIENCE_MS, undefined));
    opening.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function factsOf({ requestId, admitted }: Job, gateway: Runtime): AnswerFacts {
  return { requestId, states: admitted?.states ?? [], now: gateway.now() };
}

/** Also a refused request tells the state of its limits, as far as it can be known. */
async function factsOfFailure(job: Job, thrown: unknown, gateway: Runtime): Promise<AnswerFacts> {
  const { requestId, admitted, principal } = job;
  if (admitted || !principal) return factsOf(job, gateway);
  if (GatewayError.isInstance(thrown) && 'states' in thrown) {
    return { requestId, states: thrown.states as AnswerFacts['states'], now: gateway.now() };
  }
  return { requestId, states: await limitStates(principal, gateway), now: gateway.now() };
}

function readable(thrown: unknown, requestId: string, gateway: Runtime): GatewayError {
  if (thrown instanceof ClientGone) return new GatewayError('internal_error', { status: 499, message: thrown.message });
  const error = toGatewayError(thrown);
  if (error.status >= 500) gateway.reportFault(requestId, error);
  return error;
}
