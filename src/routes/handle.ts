import type { GatewayRequest, GatewayResponse } from '../http/exchange.js';
import { GatewayError, toGatewayError } from '../lib/errors.js';
import { newRequestId } from '../lib/request-id.js';
import { authenticate } from '../pipeline/authenticate.js';
import type { Identity } from '../pipeline/identity.js';
import { limitStates } from '../pipeline/limit-states.js';
import { checkRoute, type Principal } from '../pipeline/principal.js';
import { respondError, respondJson } from '../pipeline/respond.js';
import type { AnswerFacts, ClientFormat, LocalRoute, RouteParams } from '../pipeline/route.js';
import { serve } from '../pipeline/run.js';
import { Run } from '../pipeline/run-state.js';
import type { Runtime } from '../pipeline/runtime.js';
import { openaiFormat } from './openai-format.js';
import { routerOf } from './router.js';
import { ROUTES } from './table.js';

export const router = routerOf(ROUTES, openaiFormat);

/**
 * Finds the route of a request and answers it there. Never rejects.
 *
 * @param app who asks, for a request that the host's own code makes.
 */
export function handle(request: GatewayRequest, runtime: Runtime, app?: Identity): Promise<GatewayResponse> {
  const requestId = newRequestId();
  try {
    if (runtime.inFlight.closed) throw closing();
    if (request.method === 'OPTIONS') return Promise.resolve(optionsOf(request, requestId));
    const match = router.match(request.method, request.path, request.headers);
    if (!match) return refuseUnknown(requestId, request, runtime);
    const { route, params } = match;
    if ('read' in route) return serve(new Run(requestId, request, route, params, runtime, app));
    if ('open' in route) return Promise.resolve(nothing(requestId));
    return answerLocally(requestId, request, route, params, runtime, app);
  } catch (thrown) {
    const facts = { requestId, states: [], now: runtime.now() };
    return Promise.resolve(failed(thrown, facts, router.formatOf(request.headers), runtime));
  }
}

/** The error for an unknown path, whose code is loaded with the first of them. */
export async function noRoute(path: string): Promise<GatewayError> {
  const { unknownRoute } = await import('./unknown-route.js');
  return unknownRoute(ROUTES, path);
}

async function refuseUnknown(requestId: string, request: GatewayRequest, runtime: Runtime): Promise<GatewayResponse> {
  const facts = { requestId, states: [], now: runtime.now() };
  return failed(await noRoute(request.path), facts, router.formatOf(request.headers), runtime);
}

/** A route that the gateway answers itself: who asks, then the answer. */
async function answerLocally(
  requestId: string,
  request: GatewayRequest,
  route: LocalRoute,
  params: RouteParams,
  runtime: Runtime,
  app: Identity | undefined,
): Promise<GatewayResponse> {
  let facts: AnswerFacts = { requestId, states: [], now: runtime.now() };
  let principal: Principal | undefined;
  try {
    principal = await authenticate(request, runtime, app);
    runtime.refusals.check(principal);
    checkRoute(principal, route);
    facts = { ...facts, states: await limitStates(principal, runtime) };
    return respondJson(facts, await route.answer({ requestId, request, params, principal, runtime }), route.format);
  } catch (thrown) {
    if (principal) runtime.refusals.count(principal, toGatewayError(thrown));
    return failed(thrown, facts, route.format, runtime);
  }
}

function failed(thrown: unknown, facts: AnswerFacts, format: ClientFormat, runtime: Runtime): GatewayResponse {
  const error = toGatewayError(thrown);
  if (error.status >= 500 && !runtime.inFlight.closed) runtime.reportFault(facts.requestId, error);
  return respondError(facts, error, format);
}

function closing(): GatewayError {
  const message = 'The service is shutting down. Please try again.';
  return new GatewayError('service_unavailable', { message, headers: { 'retry-after': '1', connection: 'close' } });
}

function optionsOf(request: GatewayRequest, requestId: string): GatewayResponse {
  return { status: 204, headers: { allow: router.allowedMethods(request.path), 'x-request-id': requestId }, body: '' };
}

function nothing(requestId: string): GatewayResponse {
  return { status: 200, headers: { 'x-request-id': requestId }, body: '' };
}
