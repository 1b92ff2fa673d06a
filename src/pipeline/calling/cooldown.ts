/** Consecutive failures that open the circuit. */
const CONSECUTIVE_FAILURES = 5;
/** Or this share of the calls within the window, once there are this many. */
const FAILURE_SHARE = 0.5;
const FAILURE_SHARE_CALLS = 20;
const WINDOW_MS = 30_000;
/** How long an open circuit stays open, times the number of times in a row it opened. */
const OPEN_MS = 30_000;
const MAX_OPEN_MS = 300_000;
/** The longest pause: a provider that asks for a longer one is tried again after this. */
const MAX_PAUSE_MS = 300_000;
/** A probe that never reports back frees its place after this long. */
const PROBE_MS = 60_000;

const SEVERAL = Symbol('several accounts');

/** What the cool-down of a target knows. */
export interface CooldownState {
  readonly state: 'closed' | 'open' | 'half_open' | 'paused';
  /** Milliseconds until a request may try it again; 0 when one may now. */
  readonly retryInMs: number;
  readonly consecutiveFailures: number;
}

/** Permission to try a target: as one of many, or as the one probe of a half-open circuit. */
export type Permit = 'free' | 'probe';

/**
 * The health of one target: opens on consecutive or majority failure, lets one probe through when half open, and closes
 * on its success. A provider's 429 only pauses it for the time it asked for. Times are milliseconds of any one clock.
 */
export class Cooldown {
  #consecutive = 0;
  #windowStart = 0;
  #calls = 0;
  #failures = 0;
  #openings = 0;
  #openUntil = 0;
  #pausedUntil = 0;
  /** The account that a pause is for; undefined: for all. */
  #pausedFor: string | undefined;
  #probeSince: number | undefined;
  /** Whose requests have failed since the last success; `several` also where no request can be at fault. */
  #suspects: string | typeof SEVERAL | undefined;
  /** The account that an open circuit is open for; undefined: for all. */
  #openFor: string | undefined;
  readonly #onChange: (up: boolean) => void;

  /** @param onChange called when the circuit opens (false) and when it closes again (true). */
  constructor(onChange: (up: boolean) => void = () => {}) {
    this.#onChange = onChange;
  }

  /** @param accountId does not see a circuit that is open for another account alone; undefined: sees every circuit. */
  state(now: number, accountId?: string): CooldownState {
    const consecutiveFailures = this.#consecutive;
    const isPaused = now < this.#pausedUntil && isFor(this.#pausedFor, accountId);
    if (isPaused) return { state: 'paused', retryInMs: this.#pausedUntil - now, consecutiveFailures };
    if (this.#openUntil === 0 || !isFor(this.#openFor, accountId))
      return { state: 'closed', retryInMs: 0, consecutiveFailures };
    if (now < this.#openUntil) return { state: 'open', retryInMs: this.#openUntil - now, consecutiveFailures };
    const probing = this.#probeSince === undefined ? 0 : this.#probeSince + PROBE_MS - now;
    return { state: 'half_open', retryInMs: Math.max(0, probing), consecutiveFailures };
  }

  /** Permission to try the target now, if it has recovered or is due for a probe. */
  acquire(now: number, accountId?: string): Permit | undefined {
    if (this.#openUntil === 0 && now >= this.#pausedUntil) return 'free';
    const { state, retryInMs } = this.state(now, accountId);
    if (retryInMs > 0) return undefined;
    if (state !== 'half_open') return 'free';
    this.#probeSince = now;
    return 'probe';
  }

  succeeded(now: number): void {
    this.#count(now, 0);
    this.#consecutive = 0;
    this.#openings = 0;
    const wasOpen = this.#openUntil !== 0;
    this.#openUntil = 0;
    this.#probeSince = undefined;
    this.#suspects = undefined;
    this.#openFor = undefined;
    if (wasOpen) this.#onChange(true);
  }

  /**
   * A call failed by the target's fault, as far as can be seen.
   *
   * @param accountId whose request it was: an account whose requests alone fail opens the circuit for itself alone. Undefined:
   * no request can be at fault.
   */
  failed(now: number, accountId?: string): void {
    this.#count(now, 1);
    this.#consecutive += 1;
    this.#suspects = accountId === undefined || (this.#suspects ?? accountId) !== accountId ? SEVERAL : accountId;
    if (this.#suspects === SEVERAL) this.#openFor = undefined;
    const probeFailed = this.#openUntil !== 0 && now >= this.#openUntil;
    const majority = this.#calls >= FAILURE_SHARE_CALLS && this.#failures >= this.#calls * FAILURE_SHARE;
    if (!probeFailed && this.#consecutive < CONSECUTIVE_FAILURES && !majority) return;
    if (this.#openUntil !== 0 && !probeFailed) return;
    this.#openings += 1;
    this.#openFor = this.#suspects === SEVERAL ? undefined : this.#suspects;
    this.#openUntil = now + Math.min(OPEN_MS * this.#openings, MAX_OPEN_MS);
    this.#probeSince = undefined;
    this.#calls = 0;
    this.#failures = 0;
    if (this.#openings === 1) this.#onChange(false);
  }

  /**
   * The provider asked for a pause.
   *
   * @param accountId whose request it was: one account alone pauses the target for itself alone. Undefined: for all.
   */
  paused(now: number, forMs: number, permit: Permit | undefined, accountId?: string): void {
    const isAnother = now < this.#pausedUntil && this.#pausedFor !== accountId;
    this.#pausedFor = isAnother ? undefined : accountId;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(forMs, MAX_PAUSE_MS));
    this.abandoned(permit);
  }

  /** The attempt said nothing about the target: the client left, or the request was at fault. */
  abandoned(permit: Permit | undefined): void {
    if (permit === 'probe') this.#probeSince = undefined;
  }

  #count(now: number, failures: number): void {
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now;
      this.#calls = 0;
      this.#failures = 0;
    }
    this.#calls += 1;
    this.#failures += failures;
  }
}

/** True if something that is meant for one account, or for all (undefined), applies to this one. */
function isFor(meant: string | undefined, accountId: string | undefined): boolean {
  return accountId === undefined || meant === undefined || meant === accountId;
}
