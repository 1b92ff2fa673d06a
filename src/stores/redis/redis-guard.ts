import { within } from '../../lib/time-limit.js';
import { unrefTimer } from '../../lib/timers.js';
import { type RedisClient, RedisScript, reconnect } from './redis-client.js';
import { PROBE } from './scripts.js';

export interface RedisGuardOptions {
  /** How long one command may take before Redis counts as unavailable. */
  readonly timeoutMs: number;
  /** How often an unavailable Redis is checked. */
  readonly retryMs: number;
  /** A key that the guard may write. */
  readonly probeKey: string;
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
 * sent until a script in the background is answered. So a hanging Redis delays only the requests of one moment by the
 * time limit, and none after them.
 */
export class RedisGuard {
  readonly #client: RedisClient;
  readonly #options: RedisGuardOptions;
  readonly #probe = new RedisScript(PROBE);
  #away = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: RedisClient, options: RedisGuardOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** True from the first command that failed until Redis is back. */
  get away(): boolean {
    return this.#away;
  }

  /**
   * Runs a command. `onLate` gets the answer when it comes after the time limit.
   *
   * @throws {RedisAway} when there is no answer in time; errors of the server itself are passed through.
   */
  async run<T>(command: () => Promise<T>, onLate: (value: T) => void = () => {}): Promise<T> {
    const { status } = this.#client;
    // A client that is not connected would keep the command and send it later, when nobody waits for it.
    if (this.#away || (status !== undefined && status !== 'ready' && !(await this.#connecting()))) {
      throw new RedisAway('Redis is away');
    }
    try {
      return await this.#inTime(command(), this.#options.timeoutMs, onLate);
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
      await this.#inTime(this.#client.ping(), this.#options.timeoutMs);
      return true;
    } catch (cause) {
      this.#leave(cause);
      return false;
    }
  }

  /** Stops asking whether Redis is back. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #leave(cause: unknown): void {
    if (this.#away) return;
    this.#away = true;
    this.#options.onAway(cause);
    void this.#ask();
  }

  #askLater(): void {
    if (this.#closed) return;
    this.#timer = unrefTimer(setTimeout(() => void this.#ask(), this.#options.retryMs));
  }

  /**
   * Asks with a script that writes, since PING also passes where a script is refused or takes too long. To be back,
   * Redis must be well within the limit: at its edge it would come and go all the time.
   */
  async #ask(): Promise<void> {
    const { timeoutMs, probeKey, onBack } = this.#options;
    const asked = performance.now();
    try {
      await this.#inTime(this.#probe.run(this.#client, [probeKey], []), Math.max(timeoutMs, SILENCE_MS));
    } catch (error) {
      // The other end may have vanished silently: such a connection stays open for many minutes. So does one to a server
      // that a failover has made a replica, while its name already leads to another one.
      if (error instanceof RedisAway || isDemoted(error)) reconnect(this.#client);
      this.#askLater();
      return;
    }
    if (performance.now() - asked > timeoutMs * WELL_WITHIN) this.#askLater();
    else {
      this.#away = false;
      onBack();
    }
  }

  #inTime<T>(answer: Promise<T>, limitMs: number, onLate?: (value: T) => void): Promise<T> {
    return within(answer, limitMs, () => new RedisAway(`Redis did not answer within ${limitMs} ms`), onLate);
  }
}

/** A connection that is silent for this long is replaced. */
const SILENCE_MS = 1_000;
/** The part of the time limit within which Redis counts as back. */
const WELL_WITHIN = 0.75;

/** What a server says that can't serve now, or not this key. Source: Redis' `createSharedObjects` and `clusterRedirectClient`. */
const NOT_SERVING = /^(LOADING|BUSY|MASTERDOWN|READONLY|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|OOM|MISCONF|NOREPLICAS)/;

/** True for an error that the server sent: it is there, and refused the command for a reason that a retry keeps. */
function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && !NOT_SERVING.test(error.message);
}

/** True where the server has become a replica. */
function isDemoted(error: unknown): boolean {
  return error instanceof Error && /^(READONLY|MASTERDOWN)/.test(error.message);
}
