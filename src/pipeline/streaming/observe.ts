import type { Usage } from '../../lib/usage.js';
import type { Call } from '../calling/call.js';
import { endingOf } from '../calling/call-failures.js';
import type { Runtime } from '../runtime.js';
import { type Ending, type Job, settle } from '../settle.js';
import type { ClientClock, ClientEvents } from './client-clock.js';
import { streamFailure } from './stream-failure.js';
import { type StreamResult, StreamSource } from './stream-source.js';

const KEEP_ALIVE = new TextEncoder().encode(': keep-alive\n\n');
const encoder = new TextEncoder();

/**
 * Stage 7 of 9 · stream -> the same stream: passes frames on, reads the usage, knows how it ended.
 *
 * It ends exactly once: complete, failed (also while nobody reads), or abandoned by its client. The last bytes (`[DONE]`,
 * or the error frame) leave only after the settlement is recorded. Comments keep the connection alive while the
 * provider is silent, also before it began to answer. An object instead of a generator, because `return()` must work
 * while `next()` is waiting, and before the first `next()`.
 */
export class ObservedStream implements AsyncIterableIterator<Uint8Array, void>, ClientEvents {
  readonly #job: Job;
  readonly #call: Call;
  readonly #gateway: Runtime;
  readonly #opening: StreamResult | Promise<StreamResult>;
  readonly #clock: ClientClock;
  #source: StreamSource | undefined;
  #advancing: Promise<Uint8Array | undefined> | undefined;
  #interrupt: ((bytes: Uint8Array | undefined) => void) | undefined;
  /** Set when the answer is complete or has failed: its last bytes, once it is settled. */
  #ending: Promise<Uint8Array> | undefined;
  #last: Uint8Array | undefined;
  #left = false;
  #stalled = false;
  #over = false;

  constructor(job: Job, call: Call, opening: StreamResult | Promise<StreamResult>, gateway: Runtime) {
    this.#job = job;
    this.#call = call;
    this.#gateway = gateway;
    this.#opening = opening;
    this.#clock = gateway.clientClocks.start(this);
    if (!(opening instanceof Promise)) this.#begin(opening);
    call.client.onCancel(this.#leave);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws {Error} when the client has taken nothing for so long that it was given up. */
  async next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#stalled) throw new Error('the client stopped reading');
    if (this.#left || this.#over) return { done: true, value: undefined };
    this.#clock.turn(true);
    this.#advancing ??= this.#ending ?? this.#advance();
    const bytes = await this.#interrupted(this.#advancing);
    this.#clock.turn(false);
    if (bytes === undefined) return { done: true, value: undefined };
    if (bytes !== KEEP_ALIVE) this.#advancing = undefined;
    this.#over = bytes === this.#last;
    if (this.#over) this.#clock.stop();
    return { done: false, value: bytes };
  }

  /** The client is gone: the provider is cancelled, or read to its end where the policy says so. */
  async return(): Promise<IteratorResult<Uint8Array, void>> {
    this.#clock.stop();
    if (!this.#ending && !this.#left) {
      this.#left = true;
      this.#interrupt?.(undefined);
      await this.#abandon();
    }
    return { done: true, value: undefined };
  }

  /** Ends it at once, whatever the client does. */
  readonly cut = (): void => {
    void this.return();
    this.#call.hangUp?.();
  };

  readonly #leave = (): void => {
    void this.return();
  };

  onSilence(): void {
    this.#interrupt?.(KEEP_ALIVE);
  }

  /** Also when the answer is over and only its last bytes wait. */
  onStall(): void {
    this.#stalled = true;
    this.cut();
  }

  #interrupted(advancing: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#interrupt = resolve;
      void advancing.then(resolve);
      void this.#ending?.then(resolve);
    });
  }

  /** The next bytes for the client, the last ones included; undefined when it has left. Never rejects. */
  async #advance(): Promise<Uint8Array | undefined> {
    try {
      const source = this.#source ?? this.#begin(await this.#opening);
      while (!this.#left) {
        source.watch.touch();
        const { done, value } = await source.next();
        const text = done ? '' : source.take(value);
        if (this.#left) return undefined;
        if (this.#ending) return this.#ending;
        if (done) return this.#complete(source);
        if (text === '') continue;
        source.watch.rest();
        return encoder.encode(text);
      }
      return undefined;
    } catch (thrown) {
      if (!this.#left) return this.#fail(thrown);
      this.#source?.stop();
      return undefined;
    }
  }

  #begin(opened: StreamResult): StreamSource {
    this.#source ??= new StreamSource(opened, this.#call, () => {
      if (opened.watch.expired && !this.#left) void this.#fail(undefined).then((last) => this.#interrupt?.(last));
    });
    return this.#source;
  }

  #complete({ stream, target, tally }: StreamSource): Promise<Uint8Array> {
    const usage = tally.total();
    return this.#end({ outcome: 'completed', usage, target }, stream.end(usage));
  }

  #fail(thrown: unknown): Promise<Uint8Array> {
    if (this.#ending) return this.#ending;
    const source = this.#source;
    const { targets, now } = this.#gateway;
    const { outcome, clientError, report, targetFault } = streamFailure(thrown, source?.watch.expired);
    if (source && targetFault) targets.cooldown(source.target).failed(now());
    if (clientError.status >= 500) this.#gateway.reportFault(this.#job.requestId, report);
    const ending = source ? { outcome, usage: source.tally.soFar(), target: source.target } : endingOf(thrown);
    const ended = this.#end(ending, this.#call.operation.fail(clientError, this.#job.requestId));
    source?.stop();
    return ended;
  }

  /** Settles; then its last bytes may go. */
  #end(ending: Ending, text: string): Promise<Uint8Array> {
    const last = encoder.encode(text);
    this.#last = last;
    this.#ending = this.#settled(ending, last);
    return this.#ending;
  }

  async #settled(ending: Ending, last: Uint8Array): Promise<Uint8Array> {
    await settle(this.#job, ending, this.#gateway);
    this.#done();
    return last;
  }

  async #abandon(): Promise<void> {
    const goesOn = this.#call.presence.leave();
    let usage: Usage | undefined;
    let failure: unknown;
    try {
      const source = this.#source ?? this.#begin(await this.#opening);
      if (goesOn) usage = await source.drain(this.#advancing);
      source.stop();
    } catch (thrown) {
      failure = thrown;
    }
    const source = this.#source;
    const ending: Ending = source
      ? { outcome: 'aborted', usage: usage ?? source.tally.soFar(), target: source.target }
      : endingOf(failure);
    await settle(this.#job, ending, this.#gateway);
    this.#done();
  }

  #done(): void {
    this.#call.client.off(this.#leave);
    this.#call.presence.done();
    this.#source?.close();
    this.#gateway.inFlight.leave(this.#job);
  }
}
