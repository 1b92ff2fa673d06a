import type { GatewayRequest } from '../http/exchange.js';
import type { ParsedBody } from '../json/parsed-body.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd, parseUsd } from '../lib/money.js';
import { newRequestId } from '../lib/request-id.js';
import { allowTools } from '../pipeline/allow-tools.js';
import { authenticate } from '../pipeline/authenticate.js';
import type { Identity } from '../pipeline/identity.js';
import { loadSizing } from '../pipeline/load-sizing.js';
import { wantedHold } from '../pipeline/reserve.js';
import { resolve } from '../pipeline/resolve.js';
import { Run } from '../pipeline/run-state.js';
import type { Runtime } from '../pipeline/runtime.js';
import { noRoute, router } from './handle.js';

/** What a request would cost; amounts are decimal strings in USD. */
export interface Quote {
  /** The most that it can cost: what would be held for it. */
  readonly most: string;
  /** False: it would be refused for lack of funds. */
  readonly affordable: boolean;
  /** What one request of the account could draw now; null on a metered plan without a budget, which refuses nothing. */
  readonly available: string | null;
}

/** Looks up what an account could draw on. */
export type AvailableTo = (accountId: string) => Promise<string | null>;

/**
 * What a request would hold, without making it: it is read, checked and sized as if it had come.
 *
 * @param route a POST route that calls a model: `chat/completions`, `messages`, `embeddings`.
 * @throws {GatewayError} as the route itself answers: what is wrong with the body, an unknown model, one that the plan lacks.
 */
export async function quote(
  body: object,
  identity: Identity,
  route: string,
  runtime: Runtime,
  availableTo: AvailableTo,
): Promise<Quote> {
  const request = requestOf(body, route);
  const match = router.match('POST', request.path, request.headers);
  if (!match) throw await noRoute(request.path);
  if (!('read' in match.route))
    throw new GatewayError('invalid_value', { message: `'${route}' calls no model.`, param: 'route' });
  const run = new Run(newRequestId(), request, match.route, match.params, runtime, identity);
  await run.set('principal', authenticate(request, runtime, identity));
  const { requestId, params, principal } = run;
  const noteBody = (read: ParsedBody) => run.noteBody(read);
  await run.set('operation', match.route.read({ requestId, request, params, principal, runtime, noteBody }));
  try {
    await run.set('resolution', resolve(run.operation, run.principal, runtime));
    await loadSizing(run);
    await allowTools(run);
    const { amount, minimum } = run.operation.free ? { amount: 0n, minimum: 0n } : wantedHold(run);
    const available = await availableTo(run.principal.account.id);
    return { most: formatUsd(amount), affordable: available === null || minimum <= parseUsd(available), available };
  } finally {
    run.operation.dispose?.();
  }
}

/** A request that nobody sent. */
function requestOf(body: object, route: string): GatewayRequest {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return {
    method: 'POST',
    path: `/${route}`,
    headers: { 'content-type': 'application/json' },
    body: () => bytes,
    signal: new AbortController().signal,
  };
}
