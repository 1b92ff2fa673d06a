import { type Assembly, assemble } from './config/assemble.js';
import { checkOptions } from './config/check-options.js';
import type { ConfigureOptions, GatewayOptions } from './config/options.js';
import type { ExchangeHandler, GatewayRequest, GatewayResponse } from './http/exchange.js';
import { pathOfUrl } from './http/paths.js';
import { loadedLate } from './lib/loaded-late.js';
import { describeFault } from './lib/logger.js';
import { guarded } from './lib/maybe-promise.js';
import type { OptionNames } from './lib/option-names.js';
import { inTime } from './lib/time-limit.js';
import { LONGEST_WAIT_MS } from './lib/timers.js';
import type { AccountData } from './management/account-data.js';
import type { Accounts } from './management/accounts.js';
import type { Budgets } from './management/budgets.js';
import type { Changes } from './management/changes.js';
import type { GatewayCheck } from './management/check.js';
import { type Credits, creditsOf } from './management/credits.js';
import type { Keys } from './management/keys.js';
import type { Maintenance } from './management/maintenance.js';
import { invalid, readOptions } from './management/management.js';
import type { Models } from './management/models.js';
import { managementLoadedLate } from './management/parts.js';
import type { ProbeOptions, TargetProbe } from './management/probe.js';
import type { PromoCodes } from './management/promo-codes.js';
import type { Quote } from './management/quoted.js';
import type { Requests } from './management/requests.js';
import type { Sessions } from './management/sessions.js';
import type { UsageReports } from './management/usage-reports.js';
import type { TargetHealth } from './pipeline/calling/targets.js';
import { type Identity, readIdentity } from './pipeline/identity.js';
import { handle } from './routes/handle.js';
import { quote } from './routes/quote.js';
import { ROUTE_PATHS } from './routes/table.js';

/** An OpenAI-compatible endpoint with keys, plans, limits and billing; mount it with one of the adapters. */
export interface Gateway extends ExchangeHandler {
  /** Answers one request. Never rejects. */
  handle(request: GatewayRequest): Promise<GatewayResponse>;
  /** The same for runtimes with web requests; works under any mount path. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * A `fetch` for the host's own code: it runs a request inside the process, with the plan, limits and money of an account
   * and without a key. The end of the URL's path names the route; host and credentials are ignored.
   *
   * @example new OpenAI({ baseURL: 'http://gateway.test/v1', apiKey: 'unused', fetch: gateway.fetchFor({ accountId }) })
   * @throws {GatewayError} `invalid_value` that names the field of the identity.
   */
  fetchFor(identity: Identity): typeof fetch;
  /**
   * What a request would hold, without making it.
   *
   * @param route a POST route that calls a model. @default 'chat/completions'
   * @throws {GatewayError} as the route would answer the request: a wrong field, an unknown model, one off the plan.
   */
  quote(body: object, identity: Identity, route?: string): Promise<Quote>;
  readonly keys: Keys;
  readonly sessions: Sessions;
  readonly accounts: Accounts & AccountData;
  /** Deletes what is old. */
  readonly maintenance: Maintenance;
  readonly credits: Credits;
  readonly promoCodes: PromoCodes;
  /** What operators did, and who of them. */
  readonly changes: Changes;
  readonly budgets: Budgets;
  readonly usage: UsageReports;
  /** The log of requests, where `requestLog` is set. */
  readonly requests: Requests;
  readonly models: Models;
  /** Names of the plans. */
  readonly plans: readonly string[];
  /**
   * Replaces models, plans or the default plan; what is not named stays as it is.
   *
   * Checked as a whole, then in force with the next request; running requests end under what they began with.
   *
   * @throws {TypeError} that lists every mistake; then nothing has changed.
   */
  configure(change: ConfigureOptions): Promise<void>;
  /** Checks that every part of the gateway responds; for health endpoints. Takes two seconds at most, never rejects. */
  check(): Promise<GatewayCheck>;
  /** The state of each target. */
  health(): TargetHealth[];
  /**
   * Sends each target one tiny request, bypassing keys, limits and money, to check credentials and models. Providers
   * charge some tokens for it.
   *
   * @throws {GatewayError} `invalid_value` for a model or a target that is not configured.
   */
  probe(options?: ProbeOptions): Promise<TargetProbe[]>;
  /** Creates or updates the store's tables; without it that is done on first use. */
  migrate(): Promise<void>;
  /**
   * Refuses new requests with 503, lets running ones finish, settles everything and closes what the gateway opened.
   *
   * Resolves at most a second after the deadline, unless a store blocks it longer. Called again with a shorter
   * deadline, that one counts. Requests of the host's own code are refused as well; keys, money and reports can be managed
   * on, until the host closes its database.
   *
   * @param options.deadlineMs streams that run longer end with an error frame. @default 30,000
   */
  close(options?: CloseOptions): Promise<void>;
}

const PROBE: OptionNames<ProbeOptions> = { models: true, targets: true };

/** How a gateway closes. */
export interface CloseOptions {
  /** Milliseconds that running requests have to end. @default 30,000 */
  readonly deadlineMs?: number;
}

const CLOSE_DEADLINE_MS = 30_000;
/** What settling and closing may take when the deadline has passed. */
const LAST_MS = 1_000;

/**
 * Creates a gateway. Nothing is opened before the first request; a `configSource` is asked at once.
 *
 * @throws {TypeError} that lists every mistake in the options.
 */
export function createGateway(options: GatewayOptions): Gateway {
  checkOptions(options);
  return gatewayOf(assemble(options));
}

const hostCalls = () => import('./host-calls.js');
const checkParts = loadedLate(async () => (await hostCalls()).checkParts);
const probeTargets = loadedLate(async () => (await hostCalls()).probeTargets);
const quoted = loadedLate(async () => (await hostCalls()).quoted);
const fetchWith = loadedLate(async () => (await hostCalls()).answerWebRequest);
const fetchInProcess = loadedLate(async () => (await hostCalls()).fetchInProcess);

/** The public face of wired parts. */
export function gatewayOf(wiring: Assembly): Gateway {
  const { runtime, configSource } = wiring;
  const credits = creditsOf(runtime);
  const { accountData, accounts, ...management } = managementLoadedLate(runtime, async () => {
    const { managementParts } = await hostCalls();
    return managementParts(runtime, ROUTE_PATHS, wiring, credits);
  });
  const answer = (request: GatewayRequest, app?: Identity) => {
    const loading = configSource?.first;
    return loading ? loading.then(() => handle(request, runtime, app)) : handle(request, runtime, app);
  };
  let closed: Promise<void> | undefined;

  return {
    handle: (request) => answer(request),
    fetch: async (request) => fetchWith(answer, request, pathOfUrl(request.url)),
    fetchFor(identity) {
      const app = readIdentity(identity, runtime.catalog);
      return async (input, init) => fetchInProcess((request) => answer(request, app), input, init);
    },
    async quote(body, identity, route = 'chat/completions') {
      return quote(body, readIdentity(identity, runtime.catalog), route, runtime, quoted);
    },
    ...management,
    credits,
    accounts: { ...accounts, ...accountData },
    get plans() {
      return [...runtime.catalog.plans.keys()];
    },
    async configure(change) {
      wiring.configure(change);
    },
    check: async () => checkParts(wiring.checked),
    health: () => runtime.targets.health(),
    probe: async (options = {}) => probeTargets(runtime, readOptions('probe', options, PROBE)),
    migrate: wiring.migrate,
    async close(options = {}) {
      const deadlineMs = readDeadline(options);
      const idle = runtime.inFlight.close(deadlineMs, () => runtime.watchdog.shutdown());
      const endAt = performance.now() + deadlineMs + LAST_MS;
      closed ??= idle.then(() => close(wiring, endAt));
      return closed;
    },
  };
}

/** Leaves room for the timers that run after the deadline. */
const LONGEST_DEADLINE_MS = LONGEST_WAIT_MS - 60_000;

function readDeadline(options: CloseOptions): number {
  const { deadlineMs = CLOSE_DEADLINE_MS } = readOptions('close', options, { deadlineMs: true });
  if (!Number.isFinite(deadlineMs) || deadlineMs < 0) throw invalid('deadlineMs', 'it must be a number ≥ 0');
  return Math.min(deadlineMs, LONGEST_DEADLINE_MS);
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
