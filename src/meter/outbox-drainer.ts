import { within } from '../lib/time-limit.js';
import { unrefTimer } from '../lib/timers.js';
import type { Meter, Settlement } from './meter.js';
import type { Outbox } from './outbox.js';

/** What a drainer gets from outside; tests replace it. */
export interface OutboxDrainerOptions {
  readonly meter: Pick<Meter, 'settle'>;
  readonly outbox: Outbox;
  /** Called for each failed round: how many settlements still wait, and why. */
  readonly onFailure?: (waiting: number, cause: unknown) => void;
  /** @default Math.random */
  readonly random?: () => number;
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
  /** Calls back after a delay, keeping the process alive meanwhile or not, and returns how to cancel it. */
  readonly schedule?: (callback: () => void, delayMs: number, keepAlive: boolean) => () => void;
}

/** Brings what waits in an outbox into the meter, in the background. */
export interface OutboxDrainer {
  /** Looks into the outbox soon. Cheap, and safe to call at any time. */
  wake(): void;
  /**
   * Tries until the outbox is empty, at most for `timeoutMs`, and keeps the process alive meanwhile; returns how many
   * settlements still wait.
   */
  drain(timeoutMs?: number): Promise<number>;
  /** Ends the work in the background. */
  stop(): void;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
const DRAIN_DELAY_MS = 1_000;
/** What a round that began in time may take beyond it. */
const GRACE_MS = 250;
/** A round ends after this many faults: the store is failing, not a single settlement. */
const MAX_FAULTS = 3;
/** Settlements that are sent at once: they share statements and commits, and leave connections to requests. */
const AT_ONCE = 8;

/**
 * Creates a drainer. After a failed round it waits a random part of a delay that doubles from 250 ms to 30 s (full
 * jitter), so that the processes of an app don't all return to a store at the moment it recovers.
 */
export function outboxDrainer(options: OutboxDrainerOptions): OutboxDrainer {
  const { now = () => performance.now(), schedule = timer } = options;
  const { next, backOff } = roundsOf(options);
  let cancel: (() => void) | undefined;
  let stopped = false;

  const later = (): void => {
    if (stopped || cancel) return;
    const onDue = () => {
      cancel = undefined;
      void next().then((waiting) => {
        if (waiting > 0) later();
      });
    };
    cancel = schedule(onDue, backOff(LONGEST_DELAY_MS), false);
  };

  return {
    wake: later,
    async drain(timeoutMs = 10_000) {
      const giveUpAt = now() + timeoutMs;
      let waiting = 1;
      const giveUp = () => new Error(`the outbox was not emptied in ${timeoutMs} ms`);
      for (;;) {
        // A store that hangs must not hold up a shutdown: its round is not waited for.
        waiting = await within(next(), giveUpAt - now() + GRACE_MS, giveUp).catch(() => waiting);
        const delayMs = backOff(DRAIN_DELAY_MS);
        if (waiting === 0 || now() + delayMs > giveUpAt) return waiting;
        await new Promise<void>((resolve) => schedule(resolve, delayMs, true));
      }
    },
    stop() {
      stopped = true;
      cancel?.();
      cancel = undefined;
    },
  };
}

/** The rounds of a drainer, one at a time, and how long it waits after those that failed. */
function roundsOf({ meter, outbox, onFailure, random = Math.random }: OutboxDrainerOptions) {
  let running: Promise<number> | undefined;
  let failures = 0;
  const round = (): Promise<number> => {
    running ??= settleWaiting(meter, outbox, random)
      .then(({ waiting, fault }) => {
        failures = fault === undefined ? 0 : failures + 1;
        if (fault !== undefined) onFailure?.(waiting, fault.cause);
        return waiting;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return {
    /** A round that begins from now on: one that runs does not see what was appended since it began. */
    next: () => (running ? running.then(round) : round()),
    backOff: (longest: number) => random() * Math.min(longest, FIRST_DELAY_MS * 2 ** Math.min(failures, 20)),
  };
}

interface Round {
  readonly waiting: number;
  readonly fault?: { readonly cause: unknown };
}

/** One round over what waits. Never rejects. */
async function settleWaiting(meter: Pick<Meter, 'settle'>, outbox: Outbox, random: () => number): Promise<Round> {
  let [waiting, faults] = [1, 0];
  let fault: Round['fault'];
  try {
    const settlements = await outbox.pending();
    waiting = settlements.length;
    // Starts at a random place, so that one settlement that the store always refuses does not block the others.
    const start = Math.floor(random() * waiting);
    const ordered = [...settlements.slice(start), ...settlements.slice(0, start)];
    for (let i = 0; i < ordered.length && faults < MAX_FAULTS; i += AT_ONCE) {
      const recorded: string[] = [];
      const settle = async (settlement: Settlement) => {
        try {
          await meter.settle(settlement);
          recorded.push(settlement.id);
        } catch (cause) {
          fault = { cause };
          faults += 1;
        }
      };
      await Promise.all(ordered.slice(i, i + AT_ONCE).map(settle));
      if (recorded.length > 0) await outbox.remove(recorded);
      waiting -= recorded.length;
    }
  } catch (cause) {
    fault = { cause };
  }
  return fault === undefined ? { waiting } : { waiting: Math.max(1, waiting), fault };
}

function timer(callback: () => void, delayMs: number, keepAlive: boolean): () => void {
  const timeout = setTimeout(callback, delayMs);
  if (!keepAlive) unrefTimer(timeout);
  return () => clearTimeout(timeout);
}
