import type { KeptItems } from '../items/kept-items.js';
import { GatewayError } from '../lib/errors.js';
import type { RequestLog } from '../requests/request-log.js';
import type { ChangeLog } from '../stores/change-log.js';
import type { StoreUpkeep } from '../stores/upkeep.js';
import { type ManagementDeps, readAccountId } from './management.js';

/** The result of erasing an account. */
export interface ErasedAccount {
  readonly pseudonym: string;
}

/** Export and erasure of everything that is kept about an account. */
export interface AccountData {
  /**
   * Everything stored about an account, as lines of JSON (`{"type":"key",…}`), read on demand: the account, its
   * keys, movements, usage events, logged requests and changes by operators, newest first. Amounts are integer nano-USD as text.
   *
   * @throws {GatewayError} `invalid_value` at once, unless it can be an account's id.
   */
  export(id: string): AsyncIterable<string>;
  /**
   * Erases an account: deletes its keys, logged requests, kept items, notes and the names of its end users. Its ledger,
   * its usage and the changes by operators stay under a pseudonym, so that sums stay exact.
   *
   * @throws {GatewayError} `conflict` while requests of it are running, or with a store that can't erase (memory).
   */
  erase(id: string): Promise<ErasedAccount>;
}

const PAGE = 500;

/** Where an account is kept besides keys and money. */
interface KeptOfAccounts {
  readonly requests: RequestLog | undefined;
  readonly upkeep: StoreUpkeep | undefined;
  readonly changes: ChangeLog | undefined;
  readonly items: KeptItems;
}

export function accountDataOf(
  { keys, meter }: ManagementDeps,
  { requests, upkeep, items, changes }: KeptOfAccounts,
): AccountData {
  async function* linesOf(accountId: string): AsyncGenerator<string> {
    yield line('account', { ...(await keys.getAccount(accountId)), id: accountId });
    for (const key of await keys.listKeys(accountId)) yield line('key', key);
    yield* pages('movement', (before) => meter.history(accountId, pageFrom(before)));
    yield* pages('event', (before) => meter.events({ accountId }, pageFrom(before)));
    if (requests) yield* pages('request', (before) => requests.list({ accountId }, pageFrom(before)));
    if (changes) yield* pages('change', (before) => changes.list({ accountId }, pageFrom(before)));
  }

  return {
    export(id) {
      // Checked before the first line is read: an answer that has begun can't be refused any more.
      const accountId = readAccountId(id, 'id');
      return linesOf(accountId);
    },
    async erase(id) {
      const accountId = readAccountId(id, 'id');
      if (!upkeep) throw new GatewayError('conflict', { message: 'This store cannot erase accounts.' });
      const pseudonym = `erased_${crypto.randomUUID().replaceAll('-', '')}`;
      if (!(await upkeep.eraseAccount(accountId, pseudonym))) {
        throw new GatewayError('conflict', { message: 'Requests of this account are running. Revoke its keys first.' });
      }
      await items.erase(accountId);
      // What is cached of its keys is dropped here and, by key events, in other processes.
      keys.announce(accountId);
      return { pseudonym };
    },
  };
}

function pageFrom(before: string | undefined) {
  return before === undefined ? { limit: PAGE } : { limit: PAGE, before };
}

async function* pages<Row extends { readonly id: string }>(
  type: string,
  read: (before: string | undefined) => readonly Row[] | Promise<readonly Row[]>,
): AsyncGenerator<string> {
  for (let before: string | undefined; ; ) {
    const rows = await read(before);
    for (const row of rows) yield line(type, row);
    before = rows.at(-1)?.id;
    if (rows.length < PAGE || before === undefined) return;
  }
}

function line(type: string, value: object): string {
  return JSON.stringify({ type, ...value }, (_, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  );
}
