import { type Duration, parseDuration } from '../lib/duration.js';
import { describeFault, type Logger } from '../lib/logger.js';
import { parseUsd } from '../lib/money.js';
import { within } from '../lib/time-limit.js';
import { unrefTimer } from '../lib/timers.js';
import type { FullMeter, Meter } from './meter.js';
import type { Notice, NoticeType, TakenNotice, Thresholds } from './notices.js';

/** Something that happened, as the host receives it. */
export interface GatewayEvent {
  /** The same however often it is delivered. */
  readonly id: string;
  readonly type: NoticeType;
  readonly at: Date;
  /** Null for what concerns no account. */
  readonly accountId: string | null;
  /** Depends on the type; amounts are decimal strings in USD, times ISO 8601. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Handlers by event; one that throws or rejects is called again later. */
export type EventHandlers = { readonly [Type in NoticeType]?: (event: GatewayEvent) => unknown };

/** When something becomes an event. */
export interface ThresholdOptions {
  /** `balance.low`: amounts in USD. @default none */
  readonly balance?: readonly (string | number)[];
  /** `budget.reached`: shares of the limit. @default [0.8, 1] */
  readonly budget?: readonly number[];
  /** `allowance.reached`: shares of the limit. @default [0.8, 1] */
  readonly allowance?: readonly number[];
  /** `grant.expiring`: how long before. @default '3d' */
  readonly grantExpiring?: Duration;
}

export interface NotificationsOptions {
  readonly meter: Meter;
  readonly handlers: EventHandlers;
  readonly thresholds: ThresholdOptions;
  readonly now: () => number;
  readonly random: () => number;
  readonly logger: Logger;
  /** Calls back after a delay, without keeping the process alive, and returns how to cancel it. */
  readonly schedule?: (callback: () => void, delayMs: number) => () => void;
}

/** How long after a wake-up to look for notices, in ms. */
const SOON_MS = 100;
/** How often to look for notices that other processes left, in ms. */
const POLL_MS = 30_000;
/** How long a handler may take, in ms; then the event is due again. */
const HANDLER_MS = 30_000;
const LEASE_MS = 2 * HANDLER_MS;
const AT_ONCE = 50;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 6 * 3_600_000;
/** An event is dropped after this many attempts, which take about three days. */
const MAX_ATTEMPTS = 24;

const SHARES = [0.8, 1];

/**
 * Delivers what happened to the host's handlers: at least once, by any process, in the background. Steps of the meter
 * keep the events; here they are taken, handed over, and forgotten or tried again. Without handlers it does nothing.
 */
export class Notifications {
  readonly #options: NotificationsOptions;
  readonly #meter: FullMeter | undefined;
  /** Given to every settlement; undefined when no crossing matters. */
  readonly thresholds: Thresholds | undefined;
  /** How long before its end a grant becomes an event; undefined: never. */
  readonly grantsExpiringMs: number | undefined;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: NotificationsOptions) {
    this.#options = options;
    const { meter, handlers, thresholds } = options;
    const wanted = Object.values(handlers).some((handler) => handler !== undefined);
    this.#meter = wanted && meter.takeNotices ? (meter as FullMeter) : undefined;
    if (wanted && !this.#meter) options.logger.warn({}, 'the meter keeps no notices: no event will be delivered');
    this.thresholds = this.#thresholdsOf(thresholds);
    this.grantsExpiringMs = this.wants('grant.expiring') ? parseDuration(thresholds.grantExpiring ?? '3d') : undefined;
    if (this.#meter) this.#later(POLL_MS * options.random());
  }

  /** True if anyone listens for events of this type. */
  wants(type: NoticeType): boolean {
    return this.#meter !== undefined && this.#options.handlers[type] !== undefined;
  }

  /** Looks for notices soon. Cheap, and safe to call at any time. */
  wake(): void {
    if (!this.#meter) return;
    if (this.#running) this.#again = true;
    else this.#later(SOON_MS);
  }

  /** Keeps an event that no step of the meter makes. Never rejects. */
  async add(type: NoticeType, accountId: string | null, data: Notice['data']): Promise<void> {
    if (!this.#meter || !this.wants(type)) return;
    const id = `evt_${crypto.randomUUID().replaceAll('-', '')}`;
    try {
      await this.#meter.addNotice({ accountId: accountId ?? '', id, type, at: this.#options.now(), data });
      this.wake();
    } catch (thrown) {
      this.#options.logger.error({ type, accountId, fault: describeFault(thrown) }, 'could not store an event');
    }
  }

  /** Delivers what is due, once, and ends the work in the background. Never rejects. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
    await this.#round();
  }

  #later(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel?.();
    this.#cancel = (this.#options.schedule ?? timer)(() => {
      this.#cancel = undefined;
      this.#running = this.#round().finally(() => {
        this.#running = undefined;
        const again = this.#again;
        this.#again = false;
        this.#later(again ? SOON_MS : POLL_MS);
      });
    }, delayMs);
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    const { now, logger } = this.#options;
    try {
      for (;;) {
        const taken = (await this.#meter?.takeNotices(now(), now() + LEASE_MS, AT_ONCE)) ?? [];
        await Promise.all(taken.map((notice) => this.#deliver(notice)));
        if (taken.length < AT_ONCE) return;
      }
    } catch (thrown) {
      logger.warn({ fault: describeFault(thrown) }, 'could not read events');
    }
  }

  async #deliver({ attempts, ...notice }: TakenNotice): Promise<void> {
    const { handlers, logger } = this.#options;
    const { id, type, at, accountId, data } = notice;
    try {
      const event: GatewayEvent = { id, type, at: new Date(at), accountId: accountId === '' ? null : accountId, data };
      const handled = Promise.resolve().then(() => handlers[type]?.(event));
      await within(handled, HANDLER_MS, () => new Error(`the handler of ${type} took longer than ${HANDLER_MS} ms`));
      await this.#meter?.endNotice(notice);
    } catch (thrown) {
      const fault = describeFault(thrown);
      if (attempts >= MAX_ATTEMPTS)
        logger.error({ id, type, accountId, attempts, fault }, 'gave up on delivering an event');
      else logger.warn({ id, type, accountId, attempts, fault }, 'could not deliver an event; it will be retried');
      await this.#retry(notice, attempts);
    }
  }

  async #retry(notice: Notice, attempts: number): Promise<void> {
    if (attempts >= MAX_ATTEMPTS) await this.#meter?.endNotice(notice);
    else {
      const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
      const dueAt = this.#options.now() + longest * (0.5 + this.#options.random() / 2);
      await this.#meter?.retryNotice(notice, Math.round(dueAt));
    }
  }

  #thresholdsOf({ balance = [], budget = SHARES, allowance = SHARES }: ThresholdOptions): Thresholds | undefined {
    const millionths = (shares: readonly number[]) => shares.map((share) => Math.round(share * 1_000_000));
    const thresholds: Thresholds = {
      ...(this.wants('balance.low') && balance.length > 0 && { balance: balance.map(parseUsd) }),
      ...(this.wants('budget.reached') && { budget: millionths(budget) }),
      ...(this.wants('allowance.reached') && { allowance: millionths(allowance) }),
    };
    return Object.keys(thresholds).length > 0 ? thresholds : undefined;
  }
}

function timer(callback: () => void, delayMs: number): () => void {
  const timeout = unrefTimer(setTimeout(callback, delayMs));
  return () => clearTimeout(timeout);
}
