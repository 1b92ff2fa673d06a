import { LRUCache } from 'lru-cache';
import type { DashboardGateway } from './dashboard-gateway.js';

const MOST_NAMES = 10_000;
/** The most accounts that are read at once. */
const AT_ONCE = 1_000;
/** How long a name is cached; pages that refresh themselves ask every few seconds. */
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
    const names = new Map(wanted.map((id) => [id, this.#names.get(id)?.name]));
    const unknown = wanted.filter((id) => names.get(id) === undefined);
    for (let start = 0; start < unknown.length; start += AT_ONCE)
      for (const [id, name] of await this.#read(unknown.slice(start, start + AT_ONCE))) names.set(id, name);
    return Object.fromEntries([...names].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  }

  /** An erased account has usage under its pseudonym, but is not an account: it has no name either. */
  async #read(ids: readonly string[]): Promise<Map<string, string | null>> {
    const accounts = await this.#gateway.accounts.list({ ids }).catch(() => []);
    const found = new Map(accounts.map(({ id, displayName, email }) => [id, displayName ?? email]));
    const names = new Map(ids.map((id) => [id, found.get(id) ?? null]));
    for (const [id, name] of names) this.#names.set(id, { name });
    return names;
  }
}
