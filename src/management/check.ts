import type { KeyStore } from '../keys/key-store.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { NoAnswer, within } from '../lib/time-limit.js';
import type { LimiterState, RateLimiter } from '../limits/rate-limiter.js';
import type { Meter } from '../meter/meter.js';
import type { Outbox } from '../meter/outbox.js';
import type { RequestLog } from '../requests/request-log.js';

/** Whether a part of the gateway answers. */
export interface PartCheck {
  /** `keys`, `meter`, `rateLimiter`, `outbox` or `requestLog`. */
  readonly name: string;
  readonly ok: boolean;
  /** How long its answer took. */
  readonly latencyMs: number;
  /** Why it is not ok; for logs and operators. */
  readonly error?: string;
}

/** Whether the gateway can work: every part of it answers. */
export interface GatewayCheck {
  readonly ok: boolean;
  readonly parts: readonly PartCheck[];
}

/** What is asked. */
export interface CheckedParts {
  readonly keyStore: KeyStore;
  readonly meter: Meter;
  readonly limiter: RateLimiter;
  /** The last state that the limiter reported: one that runs on its fallback answers as usual. */
  readonly limiterState: () => LimiterState | undefined;
  readonly outbox: Outbox;
  readonly requestLog: RequestLog | undefined;
}

const LIMIT_MS = 2_000;
/** An account id and key id that do not exist. */
const NOBODY = 'gateway-check';

/** Asks every part at once; answers after two seconds at the latest, and never rejects. */
export async function checkParts(asked: CheckedParts): Promise<GatewayCheck> {
  const { keyStore, meter, limiter, limiterState, outbox, requestLog } = asked;
  const subjects = [{ subject: `account:${NOBODY}`, limits: { requestsPerMinute: 1 } }];
  const parts = await Promise.all([
    checkPart('keys', () => keyStore.getAccount(NOBODY)),
    checkPart('meter', () => meter.balance(NOBODY)),
    checkPart('rateLimiter', async () => {
      await limiter.peek({ group: NOBODY, subjects });
      const state = limiterState();
      if (state && !state.available) throw new Error('its store is unavailable');
    }),
    checkPart('outbox', () => outbox.pending()),
    ...(requestLog ? [checkPart('requestLog', () => requestLog.find(NOBODY))] : []),
  ]);
  return { ok: parts.every(({ ok }) => ok), parts };
}

async function checkPart(name: string, ask: () => MaybePromise<unknown>): Promise<PartCheck> {
  const started = performance.now();
  const latency = () => Math.round((performance.now() - started) * 100) / 100;
  try {
    await within((async () => ask())(), LIMIT_MS, () => new NoAnswer(name, LIMIT_MS));
    return { name, ok: true, latencyMs: latency() };
  } catch (thrown) {
    return { name, ok: false, latencyMs: latency(), error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
