import type { GatewayRequest } from '../http/exchange.js';
import type { ParsedBody } from '../json/parsed-body.js';
import { GatewayError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { newRequestId } from '../lib/request-id.js';
import { shown } from '../lib/shown.js';
import type { Quote } from '../management/quoted.js';
import { allowTools } from '../pipeline/allow-tools.js';
import { attribute } from '../pipeline/attribution.js';
import { authenticate } from '../pipeline/authenticate.js';
import type { Identity } from '../pipeline/identity.js';
import { loadSizing } from '../pipeline/load-sizing.js';
import { recall } from '../pipeline/recall.js';
import { type WantedHold, wantedHold } from '../pipeline/reserve.js';
import { resolve } from '../pipeline/resolve.js';
import { Run } from '../pipeline/run-state.js';
import type { Runtime } from '../pipeline/runtime.js';
import { noRoute, router } from './handle.js';

/** Says what becomes of a hold. */
type Decide = (run: Run, wanted: WantedHold | undefined) => MaybePromise<Quote>;

/**
 * What a request would hold, without making it: it is read, checked and sized as if it had come, and what is there is what
 * the plan, the model's allowances, and all budgets of the identity leave.
 *
 * @param route a POST route that calls a model: `chat/completions`, `messages`, `embeddings`.
 * @throws {GatewayError} as the route itself answers: what is wrong with the body, an unknown model, one that the plan lacks.
 */
export async function quote(
  body: object,
  identity: Identity,
  route: string,
  runtime: Runtime,
  decide: Decide,
): Promise<Quote> {
  const request = requestOf(body, route);
  const match = router.match('POST', request.path, request.headers);
  if (!match) throw await noRoute(request.path);
  if (!('read' in match.route))
    throw new GatewayError('invalid_value', { message: `'${route}' calls no model.`, param: 'route' });
  // Nobody is told of a request that is not made, and no host waits for its end.
  const unobserved: Runtime = { ...runtime, observers: [], background: undefined };
  const run = new Run(newRequestId(), request, match.route, match.params, unobserved, identity);
  await run.set('principal', authenticate(request, runtime, identity));
  const { requestId, params, principal } = run;
  const noteBody = (read: ParsedBody) => run.noteBody(read);
  await run.set('operation', match.route.read({ requestId, request, params, principal, runtime, noteBody }));
  try {
    await run.set('principal', attribute(principal, run.operation, request, runtime));
    await run.set('resolution', resolve(run.operation, run.principal, runtime));
    await loadSizing(run);
    await allowTools(run);
    await recall(run);
    return await decide(run, run.operation.free ? undefined : wantedHold(run));
  } finally {
    run.operation.dispose?.();
  }
}

/** A request for the sake of its quote; nobody sent it. */
function requestOf(body: object, route: string): GatewayRequest {
  const bytes = new TextEncoder().encode(jsonOf(body));
  return {
    method: 'POST',
    path: `/${shown(route)}`,
    headers: { 'content-type': 'application/json' },
    body: () => bytes,
    signal: new AbortController().signal,
  };
}

function jsonOf(body: object): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    // It refers to itself, or holds what JSON has no form for.
    const message = "Invalid value for 'body': it must be an object that can be written as JSON.";
    throw new GatewayError('invalid_value', { message, param: 'body', cause });
  }
}
