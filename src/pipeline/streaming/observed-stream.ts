import type { GatewayError } from '../../lib/errors.js';
import { formatUsd } from '../../lib/money.js';
import type { Usage } from '../../lib/usage.js';
import { suspectOf } from '../calling/attempts.js';
import type { StreamResult } from '../calling/call.js';
import { endingOf } from '../calling/call-failures.js';
import type { Ending } from '../ending.js';
import { logFacts } from '../run-facts.js';
import type { Observer, Run } from '../run-state.js';
import { costOfEnding } from '../settle.js';
import type { ClientClock, ClientEvents } from './client-clock.js';
import { streamFailure } from './stream-failure.js';
import { StreamSource } from './stream-source.js';

type Step = IteratorResult<Uint8Array, void>;

const encoder = new TextEncoder();
const KEEP_ALIVE = encoder.encode(': keep-alive\n\n');
const DONE: Step = { done: true, value: undefined };

/** How far an answer is; it only goes on: `open`, perhaps `ending`, `closed`. */
interface State {
  /**
   * `ending`: it is complete or has failed, and its last bytes leave once that is settled. `closed`: nothing comes any more,
   * the last bytes have left, or the client has.
   */
  readonly is: 'open' | 'ending' | 'closed';
  readonly last?: Uint8Array;
  readonly settled?: Promise<Uint8Array>;
  /** Why the connection breaks off in place of its last bytes. */
  readonly fault?: Error | undefined;
}

/**
 * Stage 7 of 9 · stream -> the same stream: passes frames on, reads the usage, knows how it ended.
 *
 * It ends exactly once: complete, failed (also while nobody reads), or abandoned by its client. The last bytes (`[DONE]`,
 * or the error frame) leave only after the settlement is recorded. Comments keep the connection alive while the
 * provider is silent, also before it began to answer. An object instead of a generator, because `return()` must work
 * while `next()` is waiting, and before the first `next()`.
 */
export class ObservedStream implements AsyncIterableIterator<Uint8Array, void>, ClientEvents, Observer {
  readonly #run: Run;
  readonly #opening: StreamResult | Promise<StreamResult>;
  readonly #clock: ClientClock;
  readonly #keepAlive: Uint8Array;
  #state: State = { is: 'open' };
  #source: StreamSource | undefined;
  /** The bytes that were asked for and not taken yet: a keep-alive goes out ahead of them. */
  #step: Promise<Uint8Array | undefined> | undefined;
  /** Gives the waiting client other bytes than those of the step. */
  #interrupt: ((bytes: Uint8Array | undefined) => void) | undefined;

  constructor(run: Run, opening: StreamResult | Promise<StreamResult>) {
    this.#run = run;
    this.#opening = opening;
    const { keepAlive } = run.route.format;
    this.#keepAlive = keepAlive === undefined ? KEEP_ALIVE : encoder.encode(keepAlive);
    this.#clock = run.runtime.clientClocks.start(this);
    if (!(opening instanceof Promise)) this.#begin(opening);
    // The client may have left while the stream was opened.
    if (run.isDisconnected) this.disconnect();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * @throws {Error} when the client has read nothing for so long that it was given up, and when an answer broke off
   * that
   * has no room for an error frame: the connection must not end as if it were complete.
   */
  async next(): Promise<Step> {
    const state = this.#state;
    if (state.is === 'closed' && state.fault) throw state.fault;
    if (state.is === 'closed') return DONE;
    this.#clock.turn(true);
    const step = this.#step ?? state.settled ?? this.#advance();
    this.#step = step;
    const bytes = await new Promise<Uint8Array | undefined>((resolve) => {
      this.#interrupt = resolve;
      void step.then(resolve);
    });
    this.#clock.turn(false);
    if (bytes === undefined) return DONE;
    if (bytes !== this.#keepAlive) this.#step = undefined;
    const { is, last, fault } = this.#state;
    if (is === 'ending' && bytes === last) {
      this.#close(fault);
      if (fault) throw fault;
    }
    return { done: false, value: bytes };
  }

  /** The client has disconnected: the provider is canceled, or read to its end where the policy says so. */
  async return(): Promise<Step> {
    this.#clock.stop();
    if (this.#isOpen) {
      this.#close(undefined);
      this.#interrupt?.(undefined);
      await this.#abandon();
    }
    return DONE;
  }

  disconnect(): void {
    void this.return();
  }

  awaitsReport(): boolean {
    return this.#source?.awaitsReport ?? false;
  }

  onSilence(): void {
    if (this.#run.operation.stream) this.#interrupt?.(this.#keepAlive);
  }

  /** Also when the answer is over and only its last bytes wait. */
  onStall(): void {
    this.#run.cut();
    this.#close(new Error('the client stopped reading'));
  }

  get #isOpen(): boolean {
    return this.#state.is === 'open';
  }

  #close(fault: Error | undefined): void {
    this.#state = { is: 'closed', fault };
    this.#clock.stop();
  }

  /** The next bytes for the client, the last ones included; undefined when it has disconnected. Never rejects. */
  async #advance(): Promise<Uint8Array | undefined> {
    const run = this.#run;
    try {
      const source = this.#source ?? this.#begin(await this.#opening);
      while (this.#isOpen) {
        source.watch.touch();
        const { done, value } = await source.batches.next();
        const text = done ? '' : source.take(value);
        if (!this.#isOpen) break;
        if (done) return this.#complete(source);
        if (text.length === 0) continue;
        source.watch.rest();
        if (run.firstTokenAt === 0) run.firstTokenAt = performance.now();
        if (run.observation && typeof text === 'string') run.observation.answerBody(text);
        return typeof text === 'string' ? encoder.encode(text) : text;
      }
    } catch (thrown) {
      if (this.#isOpen) return this.#fail(thrown);
      this.#source?.stop();
    }
    return this.#state.settled;
  }

  #begin(opened: StreamResult): StreamSource {
    this.#source ??= new StreamSource(this.#run, opened, () => {
      if (opened.watch.expired && this.#isOpen) void this.#fail(undefined).then((last) => this.#interrupt?.(last));
    });
    return this.#source;
  }

  #complete(source: StreamSource): Promise<Uint8Array> {
    const usage = source.total();
    const ending: Ending = { outcome: 'completed', usage, target: source.target };
    return this.#end(
      ending,
      source.stream.end(usage, () => formatUsd(costOfEnding(this.#run, ending))),
    );
  }

  #fail(thrown: unknown): Promise<Uint8Array> {
    const source = this.#source;
    const { requestId, operation, runtime } = this.#run;
    const { outcome, clientError, report, targetFault, fault } = streamFailure(thrown, source?.watch.expired);
    if (source && targetFault) {
      runtime.targets.cooldown(source.target).failed(runtime.now(), suspectOf(fault, this.#run));
    }
    if (clientError.status >= 500) runtime.reportFault(requestId, report, logFacts(this.#run));
    const ending = source ? { outcome, usage: source.cut(fault), target: source.target } : endingOf(thrown);
    const ended = this.#end(ending, operation.stream ? operation.fail(clientError, requestId) : '', clientError);
    source?.stop();
    return ended;
  }

  /** Settles; then its last bytes may go. */
  #end(ending: Ending, text: string | Uint8Array, error?: GatewayError): Promise<Uint8Array> {
    const last = typeof text === 'string' ? encoder.encode(text) : text;
    this.#source?.close();
    const settled = Promise.resolve(this.#run.end(ending, error)).then(() => last);
    const isBroken = error !== undefined && !this.#run.operation.stream;
    this.#state = { is: 'ending', last, settled, fault: isBroken ? new Error('the answer broke off') : undefined };
    this.#step = settled;
    return settled;
  }

  async #abandon(): Promise<void> {
    const goesOn = this.#run.abandon();
    let usage: Usage | undefined;
    let failure: unknown;
    try {
      const source = this.#source ?? this.#begin(await this.#opening);
      if (goesOn) usage = await source.drain(this.#step);
      source.stop();
      source.close();
    } catch (thrown) {
      failure = thrown;
    }
    const source = this.#source;
    const ending: Ending = source
      ? { outcome: 'aborted', usage: usage ?? source.unread(), target: source.target }
      : endingOf(failure);
    await this.#run.end(ending);
  }
}
