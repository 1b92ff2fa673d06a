import { describeFault, type Logger } from '../lib/logger.js';
import { inTime } from '../lib/time-limit.js';
import { unrefTimer } from '../lib/timers.js';
import type { RequestLog } from './request-log.js';
import type { RequestRecord } from './request-record.js';

/** Records are written together, this long after the first of them. */
const DELAY_MS = 250;
const RETRY_MS = 5_000;
const BATCH = 100;
/** What waits for a store that is away; beyond it the oldest records are lost. */
const MAX_WAITING = 10_000;
const LIMIT_MS = 5_000;

/** Writes records in the background, many at once. Records are lost only while the store is away, and the log says so. */
export class RequestWriter {
  readonly #log: RequestLog;
  readonly #logger: Logger;
  readonly #waiting = new Map<string, RequestRecord>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  #lost = 0;

  constructor(log: RequestLog, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
  }

  /** Costs a request no time: it is only put aside here. */
  write(record: RequestRecord): void {
    this.#waiting.set(record.id, record);
    if (this.#waiting.size > MAX_WAITING) this.#dropOldest();
    this.#later(DELAY_MS);
  }

  /** Writes what waits. Never rejects: what the store did not take is tried again later. */
  flush(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Ends the work in the background, with a last try. Never rejects. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    this.#lost += this.#waiting.size;
    this.#sayLost();
  }

  #later(delayMs: number): void {
    this.#timer ??= unrefTimer(
      setTimeout(() => {
        this.#timer = undefined;
        void this.flush();
      }, delayMs),
    );
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting.values()].slice(0, BATCH);
      try {
        await inTime(this.#log.append(batch), LIMIT_MS, 'the request log');
      } catch (thrown) {
        this.#logger.warn(
          { waiting: this.#waiting.size, fault: describeFault(thrown) },
          'requests were not logged yet',
        );
        this.#later(RETRY_MS);
        return;
      }
      for (const { id } of batch) this.#waiting.delete(id);
    }
    this.#sayLost();
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#waiting.delete(oldest);
    this.#lost += 1;
  }

  #sayLost(): void {
    if (this.#lost > 0) this.#logger.error({ lost: this.#lost }, 'requests are missing from the request log');
    this.#lost = 0;
  }
}
