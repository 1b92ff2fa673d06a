import { toGatewayError } from '../errors.js';
import { describeFault } from '../logger.js';
import type { Outcome } from '../meter/meter.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { type Call, type Called, timeoutError } from './call.js';
import type { Frames } from './operation.js';
import type { Runtime } from './runtime.js';
import { type Job, settle, UNUSED } from './settle.js';
import { Tally } from './tally.js';

/** A call that opened a stream. */
export type Opened = Extract<Called, { stream: unknown }>;

/** A client that has heard nothing for this long, at most twice as long, gets a comment. */
const KEEP_ALIVE_MS = 10_000;
const KEEP_ALIVE = new TextEncoder().encode(': keep-alive\n\n');
const encoder = new TextEncoder();

/**
 * Stage 7 of 9 · stream -> the same stream: passes frames on, reads the usage, knows how it ended.
 *
 * The last bytes (`[DONE]`, or the error frame) leave only after the settlement is recorded. Comments keep the
 * connection alive while the provider is silent, also before it began to answer. An object instead of a generator,
 * because `return()` must work while `next()` is waiting, and before the first `next()`.
 */
export class ObservedStream implements AsyncIterableIterator<Uint8Array, void> {
  readonly #job: Job;
  readonly #call: Call;
  readonly #gateway: Runtime;
  readonly #tally: Tally;
  readonly #opening: Opened | Promise<Opened>;
  readonly #onDone: () => void;
  readonly #keepAlive: ReturnType<typeof setInterval>;
  #opened: Opened | undefined;
  #frames: AsyncIterator<Frames> | undefined;
  #advancing: Promise<Uint8Array | undefined> | undefined;
  #interrupt: ((comment: Uint8Array) => void) | undefined;
  #ended = false;
  #left = false;
  #spoke = true;

  constructor(job: Job, call: Call, opening: Opened | Promise<Opened>, onDone: () => void, gateway: Runtime) {
    this.#job = job;
    this.#call = call;
    this.#gateway = gateway;
    this.#tally = new Tally(call);
    this.#opening = opening;
    this.#onDone = onDone;
    this.#keepAlive = setInterval(this.#comment, KEEP_ALIVE_MS);
    (this.#keepAlive as { unref?: () => void }).unref?.();
    if (call.client.aborted) void this.return();
    else call.client.addEventListener('abort', this.#leave, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#left) return { done: true, value: undefined };
    this.#advancing ??= this.#ended ? Promise.resolve(undefined) : this.#advance();
    const bytes = await this.#interrupted(this.#advancing);
    if (bytes !== KEEP_ALIVE) this.#advancing = undefined;
    this.#spoke = true;
    return bytes === undefined ? { done: true, value: undefined } : { done: false, value: bytes };
  }

  /** The client is gone: the provider is cancelled, or read to its end where the policy says so. */
  async return(): Promise<IteratorResult<Uint8Array, void>> {
    if (!this.#ended && !this.#left) {
      this.#left = true;
      this.#interrupt?.(KEEP_ALIVE);
      await this.#abandon();
    }
    return { done: true, value: undefined };
  }

  readonly #leave = (): void => {
    void this.return();
  };

  readonly #comment = (): void => {
    if (!this.#spoke) this.#interrupt?.(KEEP_ALIVE);
    this.#spoke = false;
  };

  #interrupted(advancing: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#interrupt = resolve;
      void advancing.then(resolve);
    });
  }

  /** The next bytes for the client, the last ones included; never rejects. */
  async #advance(): Promise<Uint8Array | undefined> {
    try {
      const frames = (this.#frames ??= await this.#open());
      for (;;) {
        const { done, value } = await frames.next();
        if (!done) this.#tally.add(value);
        if (this.#left) return undefined;
        if (done) return await this.#complete();
        if (value.text !== '') return encoder.encode(value.text);
      }
    } catch (thrown) {
      return this.#left ? undefined : await this.#fail(thrown);
    }
  }

  async #open(): Promise<AsyncIterator<Frames>> {
    this.#opened = await this.#opening;
    return this.#opened.stream.frames[Symbol.asyncIterator]();
  }

  async #complete(): Promise<Uint8Array> {
    const { stream, target } = this.#opened as Opened;
    const usage = this.#tally.total();
    this.#ended = true;
    await settle(this.#job, { outcome: 'completed', usage, target }, this.#gateway);
    this.#done();
    return encoder.encode(stream.end(usage));
  }

  async #fail(thrown: unknown): Promise<Uint8Array | undefined> {
    const opened = this.#opened;
    const error = opened?.watch.expired ? timeoutError(opened.watch.expired, thrown) : thrown;
    this.#ended = true;
    if (opened) {
      const ending = { outcome: outcomeOf(error), usage: this.#tally.soFar(), target: opened.target };
      await settle(this.#job, ending, this.#gateway);
      this.#gateway.targets.cooldown(opened.target).failed(this.#gateway.now());
    } else await settle(this.#job, UNUSED, this.#gateway);
    this.#report(error);
    this.#done();
    const clientError = toGatewayError(UpstreamError.isInstance(error) ? error.clientError : error);
    return encoder.encode(this.#call.operation.fail(clientError));
  }

  #report(error: unknown): void {
    const fields = { requestId: this.#job.requestId, fault: describeFault(error) };
    if (UpstreamError.isInstance(error))
      this.#gateway.logger.warn(fields, 'a provider failed in the middle of a stream');
    else this.#gateway.logger.error(fields, 'a stream failed');
  }

  async #abandon(): Promise<void> {
    const drained = this.#call.presence.leave() && (await this.#drain());
    const opened = drained ? this.#opened : await this.#lastOpened();
    opened?.watch.abort();
    void this.#frames?.return?.().catch(() => {});
    if (!drained) {
      const usage = this.#tally.soFar();
      await settle(this.#job, opened ? { outcome: 'aborted', usage, target: opened.target } : UNUSED, this.#gateway);
    }
    this.#ended = true;
    this.#done();
  }

  /** A call that the client left settles itself before it fails, by what its provider had begun to do. */
  async #lastOpened(): Promise<Opened | undefined> {
    if (this.#opened || !this.#call.presence.signal.aborted) return this.#opened;
    try {
      return await this.#opening;
    } catch {
      return undefined;
    }
  }

  /** Reads on without the client; true when the answer was complete and is settled. */
  async #drain(): Promise<boolean> {
    try {
      await this.#advancing;
      const frames = (this.#frames ??= await this.#open());
      for (;;) {
        const { done, value } = await frames.next();
        if (done) break;
        this.#tally.add(value);
      }
      const { target } = this.#opened as Opened;
      await settle(this.#job, { outcome: 'aborted', usage: this.#tally.total(), target }, this.#gateway);
      return true;
    } catch {
      return false;
    }
  }

  #done(): void {
    clearInterval(this.#keepAlive);
    this.#call.client.removeEventListener('abort', this.#leave);
    this.#call.presence.done();
    this.#opened?.watch.close();
    this.#onDone();
  }
}

function outcomeOf(thrown: unknown): Outcome {
  if (!UpstreamError.isInstance(thrown)) return 'error';
  if (thrown.fault === 'timeout') return 'timeout';
  return thrown.fault === 'truncated' || thrown.fault === 'lost' ? 'truncated' : 'error';
}
