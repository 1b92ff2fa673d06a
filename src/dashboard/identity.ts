import { LRUCache } from 'lru-cache';
import type { GatewayRequest } from '../http/exchange.js';
import { GatewayError } from '../lib/errors.js';
import { describeFault } from '../lib/logger.js';
import type { DashboardSettings, Identity } from './options.js';

/** Who sent a request. */
export interface Caller {
  readonly accountId: string;
  readonly admin: boolean;
  readonly displayName: string | undefined;
  readonly email: string | undefined;
}

/** Asks the host who sends a request, and stores the names of accounts. */
export class Callers {
  readonly #settings: DashboardSettings;
  /** The profile that was saved last, so that it is not written with every request. */
  readonly #saved = new LRUCache<string, string>({ max: 10_000 });

  constructor(settings: DashboardSettings) {
    this.#settings = settings;
  }

  /** Undefined for nobody. @throws {TypeError} when the host's answer is neither. */
  async identify(request: GatewayRequest): Promise<Caller | undefined> {
    const identity = await this.#settings.authenticate(request);
    if (identity === null || identity === undefined) return undefined;
    const caller = readCaller(identity);
    await this.#remember(caller);
    return caller;
  }

  async #remember({ accountId, displayName, email }: Caller): Promise<void> {
    if (displayName === undefined && email === undefined) return;
    const known = JSON.stringify([displayName, email]);
    if (this.#saved.get(accountId) === known) return;
    this.#saved.set(accountId, known);
    const profile = { ...(displayName !== undefined && { displayName }), ...(email !== undefined && { email }) };
    try {
      await this.#settings.gateway.accounts.setProfile(accountId, profile);
    } catch (thrown) {
      this.#saved.delete(accountId);
      this.#settings.logger.error(
        { accountId, fault: describeFault(thrown) },
        'could not store the name of an account',
      );
    }
  }
}

function readCaller(identity: Identity): Caller {
  const whole = typeof identity === 'string' ? { accountId: identity } : identity;
  const { accountId, role, displayName, email } = {
    role: undefined,
    displayName: undefined,
    email: undefined,
    ...whole,
  };
  const isText = (value: unknown) => value === undefined || typeof value === 'string';
  if (typeof accountId !== 'string' || accountId === '' || !isText(displayName) || !isText(email))
    throw new TypeError('authenticate must return null, an account id, or { accountId, role?, displayName?, email? }');
  return {
    accountId,
    admin: role === 'admin',
    displayName: displayName?.trim().slice(0, 256) || undefined,
    email: email?.trim().slice(0, 320) || undefined,
  };
}

/** The answer to an API call without a session. */
export function unauthenticated(): GatewayError {
  return new GatewayError('invalid_api_key', {
    message: 'Sign in to use the dashboard.',
    publicCode: 'unauthenticated',
  });
}
