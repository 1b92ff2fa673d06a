import { IntrusiveList, ListNode } from '../../lib/intrusive-list.js';
import { Ticker } from '../../lib/ticker.js';

/** A client that has heard nothing for this long, at most twice as long, is sent a keep-alive. */
const KEEP_ALIVE_MS = 10_000;

/** What happens between an answer and its client. */
export interface ClientEvents {
  /** The client waits; called again and again. */
  onSilence(): void;
  /** Bytes have waited too long for the client; called once at least. */
  onStall(): void;
}

/** Notices when clients have waited long for bytes, and bytes long for clients: one timer for all streams. */
export class ClientClocks {
  readonly #stallMs: number;
  readonly #tickMs: number;
  readonly #running = new IntrusiveList<ClientClock>();
  readonly #ticker: Ticker;

  /** @param stallMs how long bytes may wait. */
  constructor(stallMs: number) {
    this.#stallMs = stallMs;
    this.#tickMs = Math.min(KEEP_ALIVE_MS, stallMs);
    this.#ticker = new Ticker(this.#tickMs, () => this.#tick());
  }

  /** Follows one stream until its clock is stopped. */
  start(events: ClientEvents): ClientClock {
    const clock = new ClientClock(events, this.#running);
    this.#ticker.start();
    return clock;
  }

  #tick(): boolean {
    for (const clock of this.#running.items()) clock.tick(this.#tickMs, this.#stallMs);
    return this.#running.size > 0;
  }

  /** Stops the timer, which otherwise ends with the first tick that has no stream to follow. */
  close(): void {
    this.#ticker.stop();
  }
}

/** The clock of one stream. */
export class ClientClock extends ListNode {
  readonly #events: ClientEvents;
  readonly #running: IntrusiveList<ClientClock>;
  #waits = false;
  #ticks = 0;

  constructor(events: ClientEvents, running: IntrusiveList<ClientClock>) {
    super();
    this.#events = events;
    this.#running = running;
    running.add(this);
  }

  /** Records who waits: the client for bytes (`true`), or bytes for the client. */
  turn(waits: boolean): void {
    this.#waits = waits;
    this.#ticks = 0;
  }

  stop(): void {
    this.#running.delete(this);
  }

  /** The first tick does not count, because it may come at once. */
  tick(tickMs: number, stallMs: number): void {
    this.#ticks += 1;
    const elapsed = this.#ticks * tickMs;
    if (this.#waits && elapsed > KEEP_ALIVE_MS) this.#events.onSilence();
    if (!this.#waits && elapsed > stallMs) this.#events.onStall();
  }
}
