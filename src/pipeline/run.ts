import { GatewayError, toGatewayError } from '../errors.js';
import type { GatewayRequest, GatewayResponse } from '../exchange.js';
import { type Admitted, admit } from './admit.js';
import { authenticate, type Principal } from './authenticate.js';
import { type Called, ClientGone, call } from './call.js';
import { endingOf, estimate, observe } from './observe.js';
import type { Operation } from './operation.js';
import { type ParsedBody, parse } from './parse.js';
import { reserve } from './reserve.js';
import { resolve } from './resolve.js';
import { type Facts, respond, respondError, respondStream } from './respond.js';
import type { Runtime } from './runtime.js';
import { type Job, settle, UNUSED } from './settle.js';

/** Makes an operation of a body. @throws {GatewayError} whose `param` names the field that is wrong. */
export type ReadOperation = (body: ParsedBody, gateway: Runtime) => Operation;

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
  const job: Job = { requestId };
  try {
    const principal = (job.principal = await authenticate(request, gateway));
    const operation = (job.operation = read(await parse(request, gateway), gateway));
    const route = resolve(operation, principal, gateway);
    const admitted = (job.admitted = await admit(requestId, operation, principal, route, gateway));
    const hold = (job.hold = await reserve(requestId, operation, principal, route, gateway));
    const work = { requestId, operation, principal, route, hold, client: request.signal };
    const called = await call(work, gateway).catch((thrown: unknown) => abandon(thrown, job, work, gateway));
    if ('stream' in called) return respondStream(factsOf(job, admitted), called, observe(job, work, called, gateway));
    await settle(job, endingOf(work, called), gateway);
    return respond(factsOf(job, admitted), called);
  } catch (thrown) {
    await settle(job, UNUSED, gateway);
    return respondError(await factsOfFailure(job, thrown, gateway), readable(thrown, requestId, gateway));
  }
}

/** A call that came to nothing: a client that left pays for the input when a provider had begun to read it. */
async function abandon(thrown: unknown, job: Job, work: Parameters<typeof call>[0], gateway: Runtime): Promise<Called> {
  if (thrown instanceof ClientGone && thrown.target) {
    await settle(job, { outcome: 'aborted', usage: estimate(work, 0), target: thrown.target }, gateway);
  }
  throw thrown;
}

function factsOf({ requestId }: Job, { states }: Admitted): Facts {
  return { requestId, states };
}

/** Also a refused request tells the state of its limits, as far as it can be known. */
async function factsOfFailure(job: Job, thrown: unknown, gateway: Runtime): Promise<Facts> {
  const { requestId, admitted, principal } = job;
  if (admitted) return { requestId, states: admitted.states };
  if (!principal) return { requestId, states: [] };
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
