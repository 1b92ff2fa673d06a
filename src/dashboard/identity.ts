import type { GatewayRequest } from '../http/exchange.js';
import { GatewayError } from '../lib/errors.js';
import type { DashboardSettings } from './options.js';

/** Who sent a request. */
export interface Caller {
  readonly accountId: string;
  readonly admin: boolean;
}

/** Asks the host who sent the request; undefined for nobody. @throws {TypeError} when the host's answer is neither. */
export async function identify(settings: DashboardSettings, request: GatewayRequest): Promise<Caller | undefined> {
  const identity = await settings.authenticate(request);
  if (identity === null || identity === undefined) return undefined;
  const { accountId, role } = typeof identity === 'string' ? { accountId: identity, role: undefined } : identity;
  if (typeof accountId !== 'string' || accountId === '')
    throw new TypeError('authenticate must return null, an account id, or { accountId, role }');
  return { accountId, admin: role === 'admin' };
}

/** The answer to an API call without a session. */
export function unauthenticated(): GatewayError {
  return new GatewayError('invalid_api_key', {
    message: 'Sign in to use the dashboard.',
    publicCode: 'unauthenticated',
  });
}
