import type { GatewayRequest } from '../http/exchange.js';
import type { ParsedBody } from '../json/parsed-body.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd, type NanoUsd } from '../lib/money.js';
import { newRequestId } from '../lib/request-id.js';
import { allowanceRoom, availableOf, decideHold, type Standing } from '../meter/decisions.js';
import type { PaymentTerms } from '../meter/meter.js';
import { allowTools } from '../pipeline/allow-tools.js';
import { attribute } from '../pipeline/attribution.js';
import { authenticate } from '../pipeline/authenticate.js';
import type { Identity } from '../pipeline/identity.js';
import { loadSizing } from '../pipeline/load-sizing.js';
import { paymentTerms } from '../pipeline/payment.js';
import { recall } from '../pipeline/recall.js';
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
  /** What this request could draw now; null on a metered plan without a budget, which refuses nothing. */
  readonly available: string | null;
}

/**
 * What a request would hold, without making it: it is read, checked and sized as if it had come, and what is there is what
 * the plan, the model's allowances, and all budgets of the identity leave.
 *
 * @param route a POST route that calls a model: `chat/completions`, `messages`, `embeddings`.
 * @throws {GatewayError} as the route itself answers: what is wrong with the body, an unknown model, one that the plan lacks.
 */
export async function quote(body: object, identity: Identity, route: string, runtime: Runtime): Promise<Quote> {
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
    return await quoteOf(run);
  } finally {
    run.operation.dispose?.();
  }
}

async function quoteOf(run: Run): Promise<Quote> {
  const { operation, principal, resolution, runtime } = run;
  const now = runtime.now();
  const terms = paymentTerms(principal, resolution.model.id, principal.catalog.budgets, now);
  const standing = await standingOf(principal.account.id, terms, runtime, now);
  const available = leftOf(terms, standing);
  const shown = available === undefined ? null : formatUsd(available > 0n ? available : 0n);
  if (operation.free) return { most: '0', affordable: true, available: shown };
  const { amount, minimum } = wantedHold(run);
  const hold = { ...terms, id: run.requestId, accountId: principal.account.id, keyId: null };
  const { ok } = decideHold({ ...hold, amount, minimum, now, expiresAt: now }, standing);
  return { most: formatUsd(amount), affordable: ok, available: shown };
}

/** What the sources and budgets of a request have, as a hold would find it. */
async function standingOf(
  accountId: string,
  { allowances = [], budgets = [] }: PaymentTerms,
  { meter }: Runtime,
  now: number,
): Promise<Standing> {
  const funds = (await meter.funds?.(accountId, now)) ?? {
    ...(await meter.balance(accountId)),
    grants: [],
    allowances: [],
  };
  const used = await Promise.all(
    budgets.map(async ({ subject, window }) => meter.budget?.(accountId, subject, window)),
  );
  return {
    balance: funds.balance - funds.held,
    grants: funds.grants.map(({ id, left }) => ({ id, amount: left })),
    allowances: allowances.map((asked) => {
      const running = funds.allowances.find(({ id }) => id === asked.id);
      return allowanceRoom(asked, running, now);
    }),
    budgets: budgets.map(({ subject, limit }, i) => ({
      subject,
      left: limit - (used[i]?.spent ?? 0n) - (used[i]?.held ?? 0n),
    })),
  };
}

/** The least of what the sources have and the budgets leave; undefined where nothing bounds the request. */
function leftOf(terms: PaymentTerms, standing: Standing): NanoUsd | undefined {
  const bounds = standing.budgets.map(({ left }) => left);
  if (terms.prepaid) bounds.push(availableOf(terms, standing));
  return bounds.reduce<NanoUsd | undefined>(
    (least, left) => (least === undefined || left < least ? left : least),
    undefined,
  );
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
