import type { GatewayResponse } from '../../http/exchange.js';
import type { GatewayError } from '../../lib/errors.js';
import { formatUsd } from '../../lib/money.js';
import { unrefTimer } from '../../lib/timers.js';
import type { Usage } from '../../lib/usage.js';
import { suspectOf } from '../calling/attempts.js';
import type { StreamResult, WholeResult } from '../calling/call.js';
import { endingOf } from '../calling/call-failures.js';
import type { Ending } from '../ending.js';
import { respondStream } from '../respond.js';
import { logFacts } from '../run-facts.js';
import type { Observer, Run } from '../run-state.js';
import { costOfEnding } from '../settle.js';
import { chargedAt, credible, unreportedUsage } from './charged-usage.js';
import type { ClientClock, ClientEvents } from './client-clock.js';
import { streamFailure } from './stream-failure.js';
import { StreamSource } from './stream-source.js';

const encoder = new TextEncoder();
const KEEP_ALIVE = encoder.encode(': keep-alive\n\n');
/** If a stream has not begun within this time, its headers and keep-alive comments are sent: proxies drop silent connections. */
const PATIENCE_MS = 10_000;

/** Stage 7 of 9 · whole answer -> how it ended. */
export function observeAnswer(run: Run, { answer, target, watch }: WholeResult): Ending {
  watch.close();
  const made = Math.max(answer.estimatedOutput, run.madeOutput?.tokens ?? 0);
  const unreported = () => unreportedUsage(run, target, made);
  const usage = chargedAt(run, target, credible(answer.usage), unreported);
  return { outcome: run.isDisconnected ? 'aborted' : 'completed', usage, target };
}

/** Every answer says what it is charged for, also where the provider reported nothing. */
export function withRecordedUsage(result: WholeResult, usage: Usage): WholeResult {
  const { answer } = result;
  if (usage === answer.usage || !answer.bodyWith || credible(answer.usage)) return result;
  return { ...result, answer: { ...answer, body: answer.bodyWith(usage) } };
}

/** True for a whole answer that is passed on as it comes: its cost is known before, whoever answers. */
export function isRelayed({ operation, resolution }: Run): boolean {
  const { relays } = operation;
  return relays !== undefined && resolution.targets.every((target) => relays(target.adapter, target));
}

/** Stages 7 to 9 for a stream: from here on its observer ends the run. */
export async function observeStream(run: Run, opening: Promise<StreamResult>): Promise<GatewayResponse> {
  const opened = run.operation.stream ? await withPatience(opening) : await opening;
  const body = new ObservedStream(run, opened ?? opening);
  run.observer = body;
  return respondStream(run, opened, body);
}

function withPatience(opening: Promise<StreamResult>): Promise<StreamResult | undefined> {
  return new Promise((resolve, reject) => {
    const timer = unrefTimer(setTimeout(resolve, PATIENCE_MS, undefined));
    opening.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/**
 * Stage 7 of 9 · stream -> the same stream: passes frames on, reads the usage, knows how it ended.
 *
 * It ends exactly once: complete, failed (also while nobody reads), or abandoned by its client. The last bytes (`[DONE]`,
 * or the error frame) leave only after the settlement is recorded. Comments keep the connection alive while the
 * provider is silent, also before it began to answer. An object instead of a generator, because `return()` must work
 * while `next()` is waiting, and before the first `next()`.
 */
class ObservedStream implements AsyncIterableIterator<Uint8Array, void>, ClientEvents, Observer {
  readonly #run: Run;
  readonly #opening: StreamResult | Promise<StreamResult>;
  readonly #clock: ClientClock;
  readonly #keepAlive: Uint8Array;
  #source: StreamSource | undefined;
  #advancing: Promise<Uint8Array | undefined> | undefined;
  #interrupt: ((bytes: Uint8Array | undefined) => void) | undefined;
  /** Set when the answer is complete or has failed: its last bytes, once it is settled. */
  #ending: Promise<Uint8Array> | undefined;
  #last: Uint8Array | undefined;
  #left = false;
  #stalled = false;
  #broken = false;
  #over = false;

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
   * @throws {Error} when the client has taken nothing for so long that it was given up, and when an answer broke off that
   * has no room for an error frame: the connection must not end as if it were complete.
   */
  async next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#stalled) throw new Error('the client stopped reading');
    if (this.#left || this.#over) return { done: true, value: undefined };
    this.#clock.turn(true);
    const advancing = this.#advancing ?? this.#ending ?? this.#advance();
    this.#advancing = advancing;
    const bytes = await new Promise<Uint8Array | undefined>((resolve) => {
      this.#interrupt = resolve;
      void advancing.then(resolve);
      void this.#ending?.then(resolve);
    });
    this.#clock.turn(false);
    if (this.#broken && bytes === this.#last) throw new Error('the answer broke off');
    if (bytes === undefined) return { done: true, value: undefined };
    if (bytes !== this.#keepAlive) this.#advancing = undefined;
    this.#over = bytes === this.#last;
    if (this.#over) this.#clock.stop();
    return { done: false, value: bytes };
  }

  /** The client has disconnected: the provider is canceled, or read to its end where the policy says so. */
  async return(): Promise<IteratorResult<Uint8Array, void>> {
    this.#clock.stop();
    if (!this.#ending && !this.#left) {
      this.#left = true;
      this.#interrupt?.(undefined);
      await this.#abandon();
    }
    return { done: true, value: undefined };
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
    this.#stalled = true;
    this.#run.cut();
  }

  /** The next bytes for the client, the last ones included; undefined when it has disconnected. Never rejects. */
  async #advance(): Promise<Uint8Array | undefined> {
    const run = this.#run;
    try {
      const source = this.#source ?? this.#begin(await this.#opening);
      while (!this.#left) {
        source.watch.touch();
        const { done, value } = await source.batches.next();
        const text = done ? '' : source.take(value);
        if (this.#left) return undefined;
        if (this.#ending) return this.#ending;
        if (done) return this.#complete(source);
        if (text.length === 0) continue;
        source.watch.rest();
        if (run.firstTokenAt === 0) run.firstTokenAt = performance.now();
        if (run.observation && typeof text === 'string') run.observation.answerBody(text);
        return typeof text === 'string' ? encoder.encode(text) : text;
      }
      return undefined;
    } catch (thrown) {
      if (!this.#left) return this.#fail(thrown);
      this.#source?.stop();
      return undefined;
    }
  }

  #begin(opened: StreamResult): StreamSource {
    this.#source ??= new StreamSource(this.#run, opened, () => {
      if (opened.watch.expired && !this.#left) void this.#fail(undefined).then((last) => this.#interrupt?.(last));
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
    if (this.#ending) return this.#ending;
    const source = this.#source;
    const { requestId, operation, runtime } = this.#run;
    const { outcome, clientError, report, targetFault, fault } = streamFailure(thrown, source?.watch.expired);
    if (source && targetFault) {
      runtime.targets.cooldown(source.target).failed(runtime.now(), suspectOf(fault, this.#run));
    }
    if (clientError.status >= 500) runtime.reportFault(requestId, report, logFacts(this.#run));
    const ending = source ? { outcome, usage: source.cut(fault), target: source.target } : endingOf(thrown);
    this.#broken = !operation.stream;
    const ended = this.#end(ending, operation.stream ? operation.fail(clientError, requestId) : '', clientError);
    source?.stop();
    return ended;
  }

  /** Settles; then its last bytes may go. */
  #end(ending: Ending, text: string | Uint8Array, error?: GatewayError): Promise<Uint8Array> {
    const last = typeof text === 'string' ? encoder.encode(text) : text;
    this.#last = last;
    this.#source?.close();
    this.#ending = this.#settled(ending, last, error);
    return this.#ending;
  }

  async #settled(ending: Ending, last: Uint8Array, error?: GatewayError): Promise<Uint8Array> {
    await this.#run.end(ending, error);
    return last;
  }

  async #abandon(): Promise<void> {
    const goesOn = this.#run.abandon();
    let usage: Usage | undefined;
    let failure: unknown;
    try {
      const source = this.#source ?? this.#begin(await this.#opening);
      if (goesOn) usage = await source.drain(this.#advancing);
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
