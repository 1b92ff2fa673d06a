/** A token bucket: how much it held at an instant. Missing buckets are full ones. */
export interface TokenBucket {
  level: number;
  /** Milliseconds of the limiter's clock. */
  at: number;
}

const REFILL_MS = 60_000;

/** Levels are sums of fractions; a shortfall below this is rounding. It stays in the level, so that it never adds up. */
const ROUNDING = 1e-6;

/** The level now: one capacity flows in per minute, up to the capacity. A clock that went back adds nothing. */
export function levelAt(bucket: TokenBucket | undefined, capacity: number, now: number): number {
  if (!bucket) return capacity;
  const elapsed = Math.max(0, now - bucket.at);
  return Math.min(capacity, bucket.level + (elapsed * capacity) / REFILL_MS);
}

/** Milliseconds until the level reaches `wanted`; 0 when it is there. */
export function waitFor(level: number, wanted: number, capacity: number): number {
  return covers(level, wanted) ? 0 : Math.max(1, Math.ceil(((wanted - ROUNDING / 2 - level) * REFILL_MS) / capacity));
}

/** True when the level pays for the cost. */
export function covers(level: number, cost: number): boolean {
  return level >= cost - ROUNDING;
}

/** Whole tokens left, never below 0. */
export function remainingOf(level: number): number {
  return Math.max(0, Math.floor(level + ROUNDING));
}
