import { LRUCache } from 'lru-cache';
import type { DashboardGateway } from './dashboard-gateway.js';

const MOST_NAMES = 10_000;
/** How long a name is believed; pages that follow along ask every few seconds. */
const TTL_MS = 60_000;

/** What the operator's pages call accounts: by their display name or e-mail address where one is known. */
export class AccountNames {
  readonly #gateway: DashboardGateway;
  /** Null for an account without a name. */
  readonly #names = new LRUCache<string, { readonly name: string | null }>({ max: MOST_NAMES, ttl: TTL_MS });

  constructor(gateway: DashboardGateway) {
    this.#gateway = gateway;
  }

  /** Ids to names; ids without a name are left out. */
  async of(ids: readonly string[]): Promise<Record<string, string>> {
    const wanted = [...new Set(ids)].filter((id) => id !== '');
    const names = await Promise.all(wanted.map(async (id) => [id, await this.#nameOf(id)] as const));
    return Object.fromEntries(names.filter((entry): entry is [string, string] => entry[1] !== null));
  }

  async #nameOf(id: string): Promise<string | null> {
    const known = this.#names.get(id);
    if (known) return known.name;
    // An erased account has usage under its pseudonym, but is not an account.
    const account = await this.#gateway.accounts.get(id).catch(() => undefined);
    const name = account?.displayName ?? account?.email ?? null;
    this.#names.set(id, { name });
    return name;
  }
}
