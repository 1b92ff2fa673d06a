import type { Logger } from '../lib/logger.js';
import { describeFault } from '../lib/logger.js';
import { inTime } from '../lib/time-limit.js';
import { unrefTimer } from '../lib/timers.js';
import type { ConfigureOptions } from './options.js';

/** What a source is followed with. */
export interface ConfigSourceOptions {
  readonly source: () => Promise<ConfigureOptions>;
  /** Milliseconds between the end of one look and the next. */
  readonly refreshMs: number;
  /** How long one look may take. */
  readonly limitMs: number;
  readonly configure: (change: ConfigureOptions) => void;
  readonly logger: Logger;
}

/** Polls the place where the configuration is kept, and applies what has changed. */
export class ConfigSource {
  readonly #options: ConfigSourceOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #last: string | undefined;
  #first: Promise<void> | undefined;

  constructor(options: ConfigSourceOptions) {
    this.#options = options;
    this.#first = this.#look().then(() => {
      this.#first = undefined;
    });
  }

  /** The end of the first look, which requests wait for; undefined when it is over. Never rejects. */
  get first(): Promise<void> | undefined {
    return this.#first;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** A failed look changes nothing: the configuration in force stays, and the next look may succeed. */
  async #look(): Promise<void> {
    const { source, refreshMs, limitMs, configure, logger } = this.#options;
    try {
      const change = await inTime(Promise.resolve().then(source), limitMs, 'the source of the configuration');
      const text = JSON.stringify(change);
      if (!this.#closed && text !== this.#last) {
        configure(change);
        this.#last = text;
      }
    } catch (thrown) {
      logger.error({ fault: describeFault(thrown) }, 'could not apply the configuration');
    }
    if (!this.#closed) this.#timer = unrefTimer(setTimeout(() => void this.#look(), refreshMs));
  }
}
