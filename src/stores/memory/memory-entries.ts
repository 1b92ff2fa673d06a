import { formatUsd } from '../../lib/money.js';
import type { LedgerEntry } from '../../meter/ledger.js';
import type { Charge, HistoryPage } from '../../meter/usage-log.js';
import type { AccountMoney, KeptEntry, WholeEntry } from './account-money.js';
import { type EventTable, fits } from './event-table.js';
import type { MemoryNotices } from './memory-notices.js';

/** The entries of all accounts: numbered in one row, those of plain charges kept in the table of events. */
export class MemoryEntries {
  readonly #table: EventTable;
  readonly #notices: MemoryNotices;
  #count = 0;

  constructor(table: EventTable, notices: MemoryNotices) {
    this.#table = table;
    this.#notices = notices;
  }

  /** How many entries there were so far. */
  get count(): number {
    return this.#count;
  }

  /** Adds an entry, and its amount to the balance where it is the balance's. */
  add(account: AccountMoney, movement: Omit<LedgerEntry, 'id' | 'balanceAfter'>, notify: boolean): LedgerEntry {
    const after = movement.source === 'balance' ? account.balance + movement.amount : account.balance;
    if (!fits(after)) throw new RangeError('a balance beyond 64 bits');
    account.balance = after;
    if (movement.amount > 0n) account.empty = false;
    const kept = { ...movement, number: ++this.#count, balanceAfter: after };
    account.entries.push(kept);
    const { accountId, kind, amount, at, reference } = movement;
    const data = { kind, amount: formatUsd(amount), balance: formatUsd(after), reference };
    if (notify) this.#notices.addAll(accountId, `credit_${kept.number}`, at, [{ type: 'credit.added', data }]);
    return this.#entryOf(kept);
  }

  /** Adds the entry of a charge that the balance paid whole. */
  noteCharge(account: AccountMoney, position: number): void {
    this.#table.setEntry(position, ++this.#count, account.balance);
    account.entries.push(position);
  }

  /** Adds the entry of a charge that was not the balance's alone. */
  noteUse(account: AccountMoney, position: number, { source, id, amount }: Charge): void {
    const entry = {
      number: ++this.#count,
      position,
      accountId: this.#table.kind(position).accountId,
      kind: 'usage',
      source,
      amount: -amount,
      balanceAfter: account.balance,
      at: this.#table.at(position),
      reference: this.#table.id(position),
    } as const;
    account.entries.push(id === undefined ? entry : { ...entry, sourceId: id });
  }

  /** A page of an account's entries, newest first. */
  page({ entries: all }: AccountMoney, page: HistoryPage): LedgerEntry[] {
    const entries = page.usage === false ? all.filter(isNoUsage) : all;
    const end = page.before === undefined ? entries.length : this.#placeOf(entries, entryNumber(page.before));
    return newestFirst(entries, end, page.limit).map((entry) => this.#entryOf(entry));
  }

  /** Makes one of neighboring charges of events before a position: they are about to be forgotten. */
  fold({ entries }: AccountMoney, before: number): void {
    const folded: WholeEntry[] = [];
    let read = 0;
    for (; read < entries.length; read++) {
      const entry = this.#wholeEntry(entries[read] ?? 0);
      if ((entry.position ?? 0) >= before) break;
      const last = folded.at(-1);
      if (entry.position !== undefined && last?.position !== undefined && isSameSource(entry, last))
        folded[folded.length - 1] = {
          ...entry,
          amount: last.amount + entry.amount,
          requests: (last.requests ?? 1) + (entry.requests ?? 1),
        };
      else folded.push(entry);
    }
    entries.splice(0, read, ...folded);
  }

  #entryOf(entry: KeptEntry): LedgerEntry {
    const { number, position: _position, requests, ...rest } = this.#wholeEntry(entry);
    return { id: `entry_${number}`, ...rest, ...(requests !== undefined && { note: `${requests} requests` }) };
  }

  #wholeEntry(entry: KeptEntry): WholeEntry {
    if (typeof entry !== 'number') return entry;
    const table = this.#table;
    return {
      number: table.entryNumber(entry),
      position: entry,
      accountId: table.kind(entry).accountId,
      kind: 'usage',
      source: 'balance',
      amount: -table.cost(entry),
      balanceAfter: table.balanceAfter(entry),
      at: table.at(entry),
      reference: table.id(entry),
    };
  }

  /** Index of the first entry whose number is not below `number`. */
  #placeOf(entries: readonly KeptEntry[], number: number): number {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = entries[middle] ?? 0;
      if ((typeof entry === 'number' ? this.#table.entryNumber(entry) : entry.number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isSameSource(one: WholeEntry, other: WholeEntry): boolean {
  return one.source === other.source && one.sourceId === other.sourceId;
}

function entryNumber(id: string): number {
  const number = /^entry_(\d{1,15})$/.exec(id)?.[1];
  return number === undefined ? 0 : Number(number);
}

function isNoUsage(entry: KeptEntry): boolean {
  return typeof entry !== 'number' && entry.kind !== 'usage';
}

/** The last `limit` items before an end, newest first. */
export function newestFirst<T>(items: readonly T[], end: number, limit: number): T[] {
  return items.slice(Math.max(0, end - limit), end).reverse();
}
