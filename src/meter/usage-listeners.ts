import { describeFault, type Logger } from '../lib/logger.js';
import { guarded } from '../lib/maybe-promise.js';
import type { UsageEvent } from './meter.js';

/** What logs, `onUsage` and `onError` report of a request besides its usage. */
export interface RequestFacts {
  /** `chat/completions`, `responses`, … */
  readonly route: string;
  /** False: a whole answer. */
  readonly stream: boolean;
  /** From arrival until now, in milliseconds. */
  readonly durationMs: number;
  /** From arrival to the first text of a stream, in milliseconds; null for whole answers, and for streams without any. */
  readonly firstTokenMs: number | null;
  /** Attempts at providers so far. */
  readonly attempts: number;
}

/** Hears of each recorded request. */
export type UsageListener = (event: RecordedRequest) => void;

/** A recorded request, with how it went. */
export interface RecordedRequest extends UsageEvent, RequestFacts {}

/** All listeners for recorded requests: the `onUsage` option, and later subscribers. */
export class UsageListeners {
  readonly #listeners = new Set<UsageListener>();
  readonly #logger: Logger;

  constructor(onUsage: UsageListener | undefined, logger: Logger) {
    this.#logger = logger;
    if (onUsage) this.#listeners.add(onUsage);
  }

  /** @returns what ends the subscription. */
  add(listener: UsageListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A listener that throws or rejects is logged and changes nothing. @param toEvent called only when somebody listens. */
  notify(toEvent: () => RecordedRequest): void {
    if (this.#listeners.size === 0) return;
    const event = toEvent();
    const note = (thrown: unknown) =>
      this.#logger.error({ requestId: event.id, fault: describeFault(thrown) }, 'onUsage threw');
    for (const listener of this.#listeners) void guarded<void>(() => listener(event), note);
  }
}
