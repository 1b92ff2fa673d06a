import { type Assembly, assemble } from './config/assemble.js';
import { checkOptions } from './config/check-options.js';
import type { GatewayOptions } from './config/options.js';
import type { ExchangeHandler, GatewayRequest, GatewayResponse } from './http/exchange.js';
import { pathOfUrl } from './http/paths.js';
import { fromWebRequest, toWebResponse } from './http/web.js';
import { GatewayError, toGatewayError } from './lib/errors.js';
import { describeFault } from './lib/logger.js';
import { guarded } from './lib/maybe-promise.js';
import { inTime } from './lib/time-limit.js';
import { type Accounts, accountsOf } from './management/accounts.js';
import { type Credits, creditsOf, type PromoCodes, promoCodesOf } from './management/credits.js';
import { type Keys, keysOf } from './management/keys.js';
import { invalid, type ManagementDeps, readOptions } from './management/management.js';
import { type Models, modelsOf } from './management/models.js';
import { type UsageReports, usageReportsOf } from './management/usage-reports.js';
import type { TargetHealth } from './pipeline/calling/targets.js';
import { respondError } from './pipeline/respond.js';
import { type ReadOperation, run } from './pipeline/run.js';
import type { Runtime } from './pipeline/runtime.js';
import { readChatCompletion } from './routes/chat-completions.js';
import { readCompletion } from './routes/completions.js';
import { readEmbeddings } from './routes/embeddings.js';
import { listModels, retrieveModel } from './routes/models.js';
import { readResponses } from './routes/responses.js';
import { allowedMethods, matchRoute } from './routes/router.js';

/** An OpenAI-compatible endpoint with keys, plans, limits and billing; mount it with one of the adapters. */
export interface Gateway extends ExchangeHandler {
  /** Answers one request. Never rejects. */
  handle(request: GatewayRequest): Promise<GatewayResponse>;
  /** The same for runtimes with web requests; works under any mount path. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly keys: Keys;
  readonly accounts: Accounts;
  readonly credits: Credits;
  readonly promoCodes: PromoCodes;
  readonly usage: UsageReports;
  readonly models: Models;
  /** Names of the plans. */
  readonly plans: readonly string[];
  /** The state of each target. */
  health(): TargetHealth[];
  /**
   * Refuses new requests with 503, lets running ones finish, settles everything and closes what the gateway opened.
   *
   * Resolves a second after the deadline at the latest, as far as the stores let it. Called again with a shorter
   * deadline, that one counts.
   *
   * @param options.deadlineMs streams that run longer end with an error frame. @default 30,000
   */
  close(options?: CloseOptions): Promise<void>;
}

/** How a gateway closes. */
export interface CloseOptions {
  /** Milliseconds that running requests have to end. @default 30,000 */
  readonly deadlineMs?: number;
}

const CLOSE_DEADLINE_MS = 30_000;
/** What settling and closing may take when the deadline has passed. */
const LAST_MS = 1_000;

const OPERATIONS: Readonly<Record<'chat/completions' | 'responses' | 'embeddings' | 'completions', ReadOperation>> = {
  'chat/completions': readChatCompletion,
  responses: readResponses,
  embeddings: readEmbeddings,
  completions: readCompletion,
};

/**
 * Creates a gateway. Nothing is opened before the first request.
 *
 * @throws {TypeError} that lists every mistake in the options.
 */
export function createGateway(options: GatewayOptions): Gateway {
  checkOptions(options);
  return gatewayOf(assemble(options));
}

/** The public face of wired parts. */
export function gatewayOf(wiring: Assembly): Gateway {
  const { runtime } = wiring;
  const deps: ManagementDeps = runtime;
  const handle = (request: GatewayRequest) => route(request, runtime);
  let closed: Promise<void> | undefined;

  return {
    handle,
    async fetch(request) {
      return toWebResponse(await handle(fromWebRequest(request, pathOfUrl(request.url))), request.method);
    },
    keys: keysOf(deps),
    accounts: accountsOf(deps),
    credits: creditsOf(deps),
    promoCodes: promoCodesOf(deps),
    usage: usageReportsOf(deps),
    models: modelsOf(deps),
    plans: [...runtime.catalog.plans.keys()],
    health: () => runtime.targets.health(),
    async close(options = {}) {
      const deadlineMs = readDeadline(options);
      const idle = runtime.inFlight.close(deadlineMs, () => runtime.watchdog.shutdown());
      const endAt = performance.now() + deadlineMs + LAST_MS;
      closed ??= idle.then(() => close(wiring, endAt));
      return closed;
    },
  };
}

function readDeadline(options: CloseOptions): number {
  const { deadlineMs = CLOSE_DEADLINE_MS } = readOptions('close', options, { deadlineMs: true });
  if (!Number.isFinite(deadlineMs) || deadlineMs < 0) throw invalid('deadlineMs', 'it must be a number ≥ 0');
  return deadlineMs;
}

function route(request: GatewayRequest, runtime: Runtime): Promise<GatewayResponse> {
  const requestId = newRequestId();
  const failed = (thrown: unknown): GatewayResponse => {
    const error = toGatewayError(thrown);
    if (error.status === 500) runtime.reportFault(requestId, error);
    return respondError({ requestId, states: [] }, error);
  };
  try {
    if (runtime.inFlight.closed) throw closing();
    if (request.method === 'OPTIONS') return Promise.resolve(optionsOf(request, requestId));
    const match = matchRoute(request.method, request.path);
    if (match.route === 'models') return listModels(requestId, request, runtime).catch(failed);
    if (match.route === 'models/{id}') return retrieveModel(requestId, request, match.id, runtime).catch(failed);
    return run(requestId, request, OPERATIONS[match.route], runtime);
  } catch (thrown) {
    return Promise.resolve(failed(thrown));
  }
}

const ID_LENGTH = 'req_'.length + 32;
const IDS_AT_ONCE = 256;
let ids = '';
let idAt = 0;

/** 128 random bits, drawn for many requests at once. */
function newRequestId(): string {
  if (idAt === ids.length) {
    const bits = Buffer.from(crypto.getRandomValues(new Uint8Array(IDS_AT_ONCE * 16)));
    ids = bits.toString('hex').replace(/.{32}/g, 'req_$&');
    idAt = 0;
  }
  idAt += ID_LENGTH;
  return ids.slice(idAt - ID_LENGTH, idAt);
}

function closing(): GatewayError {
  const message = 'The service is shutting down. Please try again.';
  return new GatewayError('service_unavailable', { message, headers: { 'retry-after': '1', connection: 'close' } });
}

function optionsOf(request: GatewayRequest, requestId: string): GatewayResponse {
  return { status: 204, headers: { allow: allowedMethods(request.path), 'x-request-id': requestId }, body: '' };
}

/** @param endAt on the clock of `performance.now()`. */
async function close({ runtime, outboxDrain, owned }: Assembly, endAt: number): Promise<void> {
  const left = () => Math.max(LAST_MS, endAt - performance.now());
  runtime.watchdog.close();
  runtime.clientClocks.close();
  runtime.leases.stop();
  await runtime.keyUses.flush();
  await outboxDrain(left());
  for (const part of owned) {
    await guarded(
      () => inTime(part.close?.(), left(), 'a part that was to be closed'),
      (thrown) => runtime.logger.warn({ fault: describeFault(thrown) }, 'a part of the gateway was not closed'),
    );
  }
}
