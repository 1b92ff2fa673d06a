import type { Target } from '../catalog/catalog.js';
import type { MadeOutput } from '../hooks/made-output.js';
import type { RouteTexts } from '../hooks/route-texts.js';
import type { GatewayRequest } from '../http/exchange.js';
import type { KeptItem } from '../items/item-store.js';
import { LARGE_BYTES, type ParsedBody } from '../json/parsed-body.js';
import { Cancellation, cancellationOf } from '../lib/cancellation.js';
import type { GatewayError } from '../lib/errors.js';
import { describeFault } from '../lib/logger.js';
import { guarded, isThenable, type MaybePromise } from '../lib/maybe-promise.js';
import type { HoldId } from '../meter/holds.js';
import { Observation } from '../observe/observation.js';
import { LookUps } from '../providers/look-ups.js';
import type { Ending } from './ending.js';
import type { Identity } from './identity.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Resolution } from './resolve.js';
import type { MeteredRoute, RoutedRequest, RouteParams } from './route.js';
import { endFacts } from './run-facts.js';
import type { Hold, RunParts } from './run-parts.js';
import type { Runtime } from './runtime.js';
import { settle } from './settle.js';
import { isWorthAwaiting } from './streaming/awaits-report.js';
import { hasToolRules } from './tool-rules.js';
import type { BodyPlace } from './upkeep/body-bytes.js';
import { RunningRequest } from './upkeep/in-flight.js';

/** What passes a stream on to its client, and must hear when that has disconnected. */
export interface Observer {
  disconnect(): void;
  /** True where the client has all of the answer, or where its cost is unknown without the provider's report. */
  awaitsReport(): boolean;
}

/**
 * Everything about one metered request: what the stages have found out, what it has taken, and its end.
 *
 * `end` is the only way out: it settles, frees what was taken, and stops listening to the client. Who stops whom is one
 * tree: client (disconnected) -> `work` (all that providers do for this request) -> one cancellation per attempt, which
 * a time limit ends as well -> the exchange with the provider.
 */
export class Run extends RunningRequest implements RoutedRequest {
  readonly requestId: string;
  readonly request: GatewayRequest;
  readonly route: MeteredRoute;
  readonly params: RouteParams;
  readonly runtime: Runtime;
  /** Who asks, for a request that the host's own code makes. */
  readonly app: Identity | undefined;
  /** What is known so far. */
  readonly parts: RunParts = {
    principal: undefined,
    operation: undefined,
    resolution: undefined,
    texts: undefined,
    tools: undefined,
    admission: undefined,
    sizes: undefined,
    hold: undefined,
  };
  /** Canceled when providers are to stop working on this request. */
  readonly work = new Cancellation();
  /** What adapters remember for it, as they were first asked. */
  readonly lookUps = new LookUps();
  /** The JSON body of the request; only where hooks or the plan's rules for tools may want to read it. */
  body: ParsedBody | undefined = undefined;
  /** Set where each stage may take long, so that others are served in between. */
  largeBody: ParsedBody | undefined = undefined;
  /** What the model has made of the answer before hooks took from it; set where one may. */
  madeOutput: MadeOutput | undefined = undefined;
  /** Set for a stream, from when its answer has a head. */
  observer: Observer | undefined = undefined;
  /** Set when somebody observes requests. */
  readonly observation: Observation | undefined;
  readonly startedAt = performance.now();
  firstTokenAt = 0;
  /** The target that is being asked, or has answered. */
  asked: Target | undefined = undefined;
  attempts = 0;
  charged = 0n;
  #client: Cancellation | undefined;
  #drainTimer: ReturnType<typeof setTimeout> | undefined;
  /** Releases the place that reading on has taken. */
  #leavePlace: (() => void) | undefined;
  /** What the answer leaves for later requests. */
  #kept: KeptItem[] | undefined;
  #ended = false;
  #onClosed: (() => void) | undefined;
  #settled: MaybePromise<void> = undefined;
  #bodyPlace: BodyPlace | undefined;

  constructor(
    requestId: string,
    request: GatewayRequest,
    route: MeteredRoute,
    params: RouteParams,
    runtime: Runtime,
    app?: Identity,
  ) {
    super();
    this.requestId = requestId;
    this.request = request;
    this.route = route;
    this.params = params;
    this.runtime = runtime;
    this.app = app;
    this.observation = runtime.observers.length === 0 ? undefined : this.#observe();
    if (runtime.background) this.#keepAlive(runtime.background);
  }

  /** A serverless host may stop a process when its answer is out: it must wait for the end, and for what is written then. */
  #keepAlive(background: (work: Promise<unknown>) => void): void {
    const { requestId, runtime } = this;
    const written = new Promise<void>((resolve) => {
      this.#onClosed = resolve;
    }).then(runtime.flush);
    void guarded<void>(
      () => background(written),
      (thrown) => runtime.logger.error({ requestId, fault: describeFault(thrown) }, 'background threw'),
    );
  }

  #observe(): Observation {
    const { requestId, request, route, runtime } = this;
    const start = { id: requestId, at: runtime.now(), route: route.path, headers: request.headers };
    return new Observation(start, runtime.observers, (thrown) => {
      runtime.logger.error({ requestId, fault: describeFault(thrown) }, 'an observer of requests threw');
    });
  }

  /** Notes what a stage found out, at once where it is there already: awaiting that costs as much as a stage. */
  set<Name extends keyof RunParts>(name: Name, part: MaybePromise<NonNullable<RunParts[Name]>>): MaybePromise<void> {
    if (!isThenable(part)) {
      this.parts[name] = part;
      return;
    }
    return part.then((found) => {
      this.parts[name] = found;
    });
  }

  /** Counts bytes of the body that are kept until the end. @throws {GatewayError} when there are too many in flight. */
  holdBytes(bytes: number): void {
    this.#bodyPlace ??= this.runtime.bodies.open(this.principal);
    this.#bodyPlace.grow(bytes);
  }

  noteBody(body: ParsedBody): void {
    if (body.size > LARGE_BYTES) this.largeBody = body;
    if (this.runtime.hooks.length > 0 || hasToolRules(this.principal)) this.body = body;
    if (this.observation?.wantsBodies) this.observation.requestBody(body.text);
  }

  get principal(): Principal {
    return this.parts.principal ?? unset('principal');
  }

  get operation(): Operation {
    return this.parts.operation ?? unset('operation');
  }

  get resolution(): Resolution {
    return this.parts.resolution ?? unset('resolution');
  }

  get texts(): RouteTexts {
    return this.parts.texts ?? unset('texts');
  }

  get hold(): Hold {
    return this.parts.hold ?? unset('hold');
  }

  /** The hold, from when it is made until it is settled. */
  override get held(): HoldId | undefined {
    const { hold, principal } = this.parts;
    return !this.#ended && hold?.open && principal
      ? { id: this.requestId, accountId: principal.account.id }
      : undefined;
  }

  get isDisconnected(): boolean {
    return this.#client?.canceled ?? false;
  }

  /** Leaves a text for later requests of the account. */
  keep(id: string, value: string): void {
    (this.#kept ??= []).push({ id, value });
  }

  #putKept(): MaybePromise<void> {
    return this.#kept && this.runtime.keptItems.put(this.principal.account.id, this.#kept);
  }

  /** From now on a client that disconnects stops the work. */
  followClient(): void {
    this.#client = cancellationOf(this.request);
    this.#client.onCancel(this.#onDisconnect);
  }

  readonly #onDisconnect = (): void => {
    this.abandon();
    this.observer?.disconnect();
  };

  /**
   * Called when nobody wants the rest of the answer: stops the provider, or lets it go on for a while where its report
   * is needed or `onClientAbort` is `drain`, and there is room for it. Called again, it changes nothing.
   *
   * @returns true if the answer is still to be read to its end.
   */
  abandon(): boolean {
    const { work } = this;
    if (this.#drainTimer === undefined && !work.canceled) {
      const maxMs = this.#takePlace();
      if (maxMs === undefined) work.cancel();
      else this.#drainTimer = setTimeout(() => work.cancel(), maxMs);
    }
    return !work.canceled;
  }

  /** How long the answer may go on without its client; undefined: not at all. */
  #takePlace(): number | undefined {
    const { settings, drains, lateReports } = this.runtime;
    const accountId = this.principal.account.id;
    if (this.#awaitsReport() && lateReports.enter(accountId)) {
      const leave = () => lateReports.leave(accountId);
      this.#leavePlace = leave;
      return settings.lateReports.maxMs;
    }
    if (settings.onClientAbort !== 'drain' || !drains.enter()) return undefined;
    const leave = () => drains.leave();
    this.#leavePlace = leave;
    return settings.drain.maxMs;
  }

  #awaitsReport(): boolean {
    if (this.observer) return this.observer.awaitsReport();
    const { asked } = this;
    return asked !== undefined && isWorthAwaiting(this, asked);
  }

  /** Ends a stream as if its client had disconnected, and disconnects it. */
  override cut(): void {
    if (!this.observer) return;
    this.#onDisconnect();
    this.request.hangUp?.();
  }

  /**
   * The end, whatever it is: settles once, then frees everything. Later calls wait for the first.
   *
   * Done when the charge is recorded, in the ledger or in the outbox. Never fails.
   *
   * @param error the error that the client received, where it got no answer.
   */
  end(ending: Ending, error?: GatewayError): MaybePromise<void> {
    if (this.#ended) return this.#settled;
    this.#ended = true;
    const kept = this.#putKept();
    const settled = settle(this, ending);
    if (isThenable(settled) || isThenable(kept))
      this.#settled = Promise.all([settled, kept]).then(() => this.#close(ending, error));
    else this.#close(ending, error);
    return this.#settled;
  }

  #close(ending: Ending, error: GatewayError | undefined): void {
    this.observation?.end(endFacts(this, ending, error));
    this.parts.operation?.dispose?.();
    this.#client?.off(this.#onDisconnect);
    this.#client?.release();
    clearTimeout(this.#drainTimer);
    this.#leavePlace?.();
    this.#bodyPlace?.release();
    this.runtime.inFlight.leave(this);
    this.#onClosed?.();
  }
}

function unset(part: string): never {
  throw new Error(`no stage has set the ${part} of this request`);
}
