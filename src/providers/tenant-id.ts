import { createHmac } from 'node:crypto';
import type { Attempt } from './adapter.js';

/** 88 bits in hex. */
const HALF = 22;

/**
 * A client's own identifier (`user`, `safety_identifier`, `prompt_cache_key`) made the account's own.
 *
 * All accounts share the operator's provider account. Sent as they came, equal values of two accounts would share a
 * prompt cache and an abuse record, and end-user names would leave the app. The result is a keyed digest (HMAC-SHA-256),
 * so that no provider can confirm a guessed name; it is stable, at most 64 characters (OpenAI's limit), and the account's
 * half does not depend on the value, so no value reaches into another account.
 */
export function tenantId(
  { accountId, tenantSecret = '' }: Pick<Attempt, 'accountId' | 'tenantSecret'>,
  value: string,
): string {
  const keyed = (...texts: string[]) => createHmac('sha256', tenantSecret).update(JSON.stringify(texts)).digest('hex');
  return `${keyed(accountId).slice(0, HALF)}-${keyed(accountId, value).slice(0, HALF)}`;
}
