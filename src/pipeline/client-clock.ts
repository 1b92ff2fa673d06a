import { inBackground } from '../upstream/background.js';

/** A client that has heard nothing for this long, at most twice as long, is told that the answer goes on. */
const KEEP_ALIVE_MS = 10_000;

/** Notices when a client has waited long for bytes, and when bytes have waited long for a client. */
export class ClientClock {
  readonly #stallMs: number;
  readonly #tickMs: number;
  readonly #onSilence: () => void;
  readonly #onStall: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #waits = false;
  #ticks = 0;

  /**
   * @param stallMs how long bytes may wait.
   * @param onSilence called again and again while the client waits.
   * @param onStall called once at least, when bytes have waited for so long.
   */
  constructor(stallMs: number, onSilence: () => void, onStall: () => void) {
    this.#stallMs = stallMs;
    this.#tickMs = Math.min(KEEP_ALIVE_MS, stallMs);
    this.#onSilence = onSilence;
    this.#onStall = onStall;
    this.#timer = inBackground(setInterval(this.#tick, this.#tickMs));
  }

  /** It is somebody's turn: the client `waits` for bytes, or else they wait for it. */
  turn(waits: boolean): void {
    this.#waits = waits;
    this.#ticks = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The first tick says nothing, because it may come at once. */
  readonly #tick = (): void => {
    this.#ticks += 1;
    const elapsed = this.#ticks * this.#tickMs;
    if (this.#waits && elapsed > KEEP_ALIVE_MS) this.#onSilence();
    if (!this.#waits && elapsed > this.#stallMs) this.#onStall();
  };
}
