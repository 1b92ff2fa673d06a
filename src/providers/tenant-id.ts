import { digest } from '../lib/digest.js';

/**
 * A client's own identifier (`user`, `safety_identifier`, `prompt_cache_key`) made the account's own.
 *
 * All accounts share the operator's provider account. Sent as they came, equal values of two accounts would share a
 * prompt cache and an abuse record, and end-user names would leave the app. The result is stable, at most 64 characters
 * (OpenAI's limit), and the account's half does not depend on the value, so no value reaches into another account.
 */
export function tenantId(accountId: string, value: string): string {
  return `${digest(accountId)}-${digest(value)}`;
}
