import type { GatewayRequest, GatewayResponse } from '../http/exchange.js';
import type { ParsedBody } from '../json/parsed-body.js';
import { Cancellation } from '../lib/cancellation.js';
import { GatewayError, toGatewayError } from '../lib/errors.js';
import { andThen, isThenable, type MaybePromise } from '../lib/maybe-promise.js';
import { unrefTimer } from '../lib/timers.js';
import { admit } from './admit.js';
import { authenticate, type Principal } from './authenticate.js';
import { type Call, type CallResult, call } from './calling/call.js';
import { ClientGone, endingOf } from './calling/call-failures.js';
import type { Operation } from './operation.js';
import { parse } from './parse.js';
import { reserve } from './reserve.js';
import { resolve } from './resolve.js';
import { type Facts, respond, respondError, respondStream, type WholeResult } from './respond.js';
import type { Runtime } from './runtime.js';
import { Job, settle } from './settle.js';
import { ObservedStream } from './streaming/observe.js';
import { followClient, type Presence } from './streaming/presence.js';
import type { StreamResult } from './streaming/stream-source.js';
import { credible, estimateUsage } from './streaming/tally.js';

/** Makes an operation of a body. @throws {GatewayError} whose `param` names the field that is wrong. */
export type ReadOperation = (body: ParsedBody, gateway: Runtime, principal: Principal) => Operation;

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
  read: ReadOperation,
  gateway: Runtime,
): Promise<GatewayResponse> {
  const job = new Job(requestId);
  gateway.inFlight.enter(job);
  let presence: Presence | undefined;
  try {
    const known = authenticate(request, gateway);
    const principal = (job.principal = isThenable(known) ? await known : known);
    const operation = (job.operation = read(await parse(request, gateway), gateway, principal));
    const route = resolve(operation, principal, gateway);
    const admitted = admit(requestId, operation, principal, route, gateway);
    job.admitted = isThenable(admitted) ? await admitted : admitted;
    const reserved = reserve(requestId, operation, principal, route, gateway);
    const hold = (job.hold = isThenable(reserved) ? await reserved : reserved);
    if (hold.open) job.held = requestId;
    const client = request.gone ?? Cancellation.following(request.signal);
    presence = followClient(client, operation.stream, gateway.settings, gateway.drains);
    const hangUp = operation.stream ? () => request.hangUp?.() : undefined;
    const work: Call = { requestId, operation, principal, route, hold, client, presence, hangUp };
    return operation.stream ? await stream(job, work, gateway) : answer(job, work, await call(work, gateway), gateway);
  } catch (thrown) {
    presence?.done();
    await settle(job, endingOf(thrown), gateway);
    gateway.inFlight.leave(job);
    return respondError(await factsOfFailure(job, thrown, gateway), readable(thrown, requestId, gateway));
  }
}

/** Stages 7 to 9 for a whole answer. */
function answer(job: Job, work: Call, called: CallResult, gateway: Runtime): MaybePromise<GatewayResponse> {
  const whole = called as WholeResult;
  const usage = credible(whole.answer.usage) ?? estimateUsage(work, whole.answer.estimatedOutput);
  return andThen(settle(job, { outcome: 'completed', usage, target: whole.target }, gateway), () => {
    work.presence.done();
    gateway.inFlight.leave(job);
    return respond(factsOf(job), whole);
  });
}

/** Stages 6 to 9 for a stream; its observer settles it. */
async function stream(job: Job, work: Call, gateway: Runtime): Promise<GatewayResponse> {
  const opening = call(work, gateway) as Promise<StreamResult>;
  const opened = await withPatience(opening);
  const body = new ObservedStream(job, work, opened ?? opening, gateway);
  job.cut = body.cut;
  return respondStream(factsOf(job), opened, body);
}

/** The stream, or undefined when it has not begun after ten seconds: proxies drop connections that stay silent. */
function withPatience(opening: Promise<StreamResult>): Promise<StreamResult | undefined> {
  return new Promise((resolve, reject) => {
    const timer = unrefTimer(setTimeout(resolve, PATIENCE_MS, undefined));
    opening.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function factsOf({ requestId, admitted }: Job): Facts {
  return { requestId, states: admitted?.states ?? [] };
}

/** Also a refused request tells the state of its limits, as far as it can be known. */
async function factsOfFailure(job: Job, thrown: unknown, gateway: Runtime): Promise<Facts> {
  const { requestId, admitted, principal } = job;
  if (admitted || !principal) return factsOf(job);
  if (GatewayError.isInstance(thrown) && 'states' in thrown) {
    return { requestId, states: thrown.states as Facts['states'] };
  }
  return { requestId, states: await limitStates(principal, gateway) };
}

/** The limits of a principal as they stand, without taking anything. */
export async function limitStates({ account, subjects }: Principal, gateway: Runtime): Promise<Facts['states']> {
  if (subjects.length === 0) return [];
  try {
    return await gateway.limiter.peek({ group: account.id, subjects });
  } catch {
    return [];
  }
}

function readable(thrown: unknown, requestId: string, gateway: Runtime): GatewayError {
  if (thrown instanceof ClientGone) return new GatewayError('internal_error', { status: 499, message: thrown.message });
  const error = toGatewayError(thrown);
  if (error.status >= 500) gateway.reportFault(requestId, error);
  return error;
}
