import type { RedisClient } from './redis-client.js';

export interface RedisGuardOptions {
  /** How long one command may take before Redis counts as away. */
  readonly timeoutMs: number;
  /** How often a Redis that is away is asked whether it is back. */
  readonly retryMs: number;
  /** Called once each time that Redis goes away. */
  readonly onAway: (cause: unknown) => void;
  /** Called once each time that Redis is back. */
  readonly onBack: () => void;
}

/** Says that Redis did not do a command, or not in time. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway';
}

/**
 * Keeps a slow or dead Redis from slowing every request: after one command that fails or takes too long, no other is
 * sent until a PING in the background is answered. So a hanging Redis costs the requests of one moment the time limit,
 * and those after them nothing.
 */
export class RedisGuard {
  readonly #client: RedisClient;
  readonly #options: RedisGuardOptions;
  #away = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: RedisClient, options: RedisGuardOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Runs a command. `onLate` gets the answer when it comes after the time limit.
   *
   * @throws {RedisAway} when there is no answer in time; errors of the server's own are passed through.
   */
  async run<T>(command: () => Promise<T>, onLate: (value: T) => void = () => {}): Promise<T> {
    const { status } = this.#client;
    // A client that is not connected would keep the command and send it later, when nobody waits for it.
    if (this.#away || (status !== undefined && status !== 'ready' && !(await this.#connecting()))) {
      throw new RedisAway('Redis is away');
    }
    try {
      return await this.#inTime(command(), onLate);
    } catch (cause) {
      if (isReply(cause)) throw cause;
      this.#leave(cause);
      throw cause instanceof RedisAway ? cause : new RedisAway('Redis did not answer', { cause });
    }
  }

  /** Waits for the first connection of a client that has just been made; true when it is there in time. */
  async #connecting(): Promise<boolean> {
    try {
      // PING waits in the client until it is connected, and harms nobody when it is sent late.
      await this.#inTime(this.#client.ping(), () => {});
      return true;
    } catch (cause) {
      this.#leave(cause);
      return false;
    }
  }

  /** Stops asking whether Redis is back. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #leave(cause: unknown): void {
    if (this.#away) return;
    this.#away = true;
    this.#options.onAway(cause);
    this.#askLater();
  }

  #askLater(): void {
    this.#timer = setTimeout(() => {
      this.#inTime(this.#client.ping(), () => {}).then(
        () => {
          this.#away = false;
          this.#options.onBack();
        },
        () => this.#askLater(),
      );
    }, this.#options.retryMs);
    this.#timer.unref?.();
  }

  #inTime<T>(answer: Promise<T>, onLate: (value: T) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let [done, late] = [false, false];
      const giveUp = () => {
        if (done) return;
        late = true;
        reject(new RedisAway(`Redis did not answer within ${this.#options.timeoutMs} ms`));
      };
      // After a pause of the event loop the timer is due before an answer that has long arrived is read.
      const timer = setTimeout(() => setImmediate(giveUp), this.#options.timeoutMs);
      answer.then(
        (value) => {
          clearTimeout(timer);
          done = true;
          if (late) onLate(value);
          else resolve(value);
        },
        (error: unknown) => {
          clearTimeout(timer);
          done = true;
          reject(error);
        },
      );
    });
  }
}

/** True for an error that the server sent: it is there, and refused the command for a reason that a retry keeps. */
function isReply(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return false;
  return !/^(LOADING|BUSY|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS)/.test(error.message);
}
