import type { LimitState } from '../limits/rate-limiter.js';
import type { Principal } from './principal.js';
import type { Runtime } from './runtime.js';

/** The current limits of a principal, without taking anything; empty when the limiter can't be reached. */
export async function limitStates(
  { account, subjects }: Principal,
  { limiter }: Runtime,
): Promise<readonly LimitState[]> {
  if (subjects.length === 0) return [];
  try {
    return await limiter.peek({ group: account.id, subjects });
  } catch {
    return [];
  }
}
