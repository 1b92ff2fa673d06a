import { fitsInBalance, formatUsd } from '../../lib/money.js';
import { checkCredit, checkGrant } from '../../meter/checks.js';
import { decideCredit } from '../../meter/decisions.js';
import type { Draw } from '../../meter/holds.js';
import type {
  Balance,
  BudgetUse,
  Credit,
  CreditResult,
  Funds,
  Grant,
  GrantRecord,
  GrantResult,
  Grants,
  Ledger,
  LedgerEntry,
  Refund,
  RefundResult,
} from '../../meter/ledger.js';
import type { AllowanceRecord, BudgetRecord, GrantAudit } from '../../meter/meter.js';
import type { Charge, HistoryPage } from '../../meter/usage-log.js';
import { AccountMoney, type GrantState, type KeptEntry, type WholeEntry } from './account-money.js';
import { type EventTable, fits } from './event-table.js';
import type { MemoryNotices } from './memory-notices.js';

/** The ledger of a memory meter. Nothing awaits between a check and its write, which makes every method atomic. */
export class MemoryLedger implements Ledger, Grants {
  readonly #accounts = new Map<string, AccountMoney>();
  readonly #table: EventTable;
  readonly #positionOf: (requestId: string) => number | undefined;
  readonly #notices: MemoryNotices;
  /** The accounts whose grants may expire. */
  readonly #expiring = new Map<string, AccountMoney>();
  #entryCount = 0;

  /** @param positionOf finds the position of a request's event. */
  constructor(table: EventTable, positionOf: (requestId: string) => number | undefined, notices: MemoryNotices) {
    this.#table = table;
    this.#positionOf = positionOf;
    this.#notices = notices;
  }

  /** The money of an account, which begins with the first question for it. */
  account(accountId: string): AccountMoney {
    let account = this.#accounts.get(accountId);
    if (!account) {
      account = new AccountMoney();
      this.#accounts.set(accountId, account);
    }
    return account;
  }

  balance(accountId: string): Balance {
    const account = this.#accounts.get(accountId);
    return account ? { balance: account.balance, held: account.held } : { balance: 0n, held: 0n };
  }

  /** Notes what the request whose event is at a position took from each source, and takes the part of the balance. */
  charge(account: AccountMoney, { allowance, grants, balance }: Draw, position: number): void {
    if (allowance > 0n) this.#noteUse(account, position, { source: 'allowance', amount: allowance });
    for (const { id, amount } of grants) this.#noteUse(account, position, { source: 'grant', id, amount });
    if (balance === 0n) return;
    account.balance -= balance;
    if (balance !== this.#table.cost(position)) {
      this.#noteUse(account, position, { source: 'balance', amount: balance });
      return;
    }
    this.#table.setEntry(position, ++this.#entryCount, account.balance);
    account.entries.push(position);
  }

  credit(credit: Credit): CreditResult {
    checkCredit(credit);
    const { accountId, kind, amount, idempotencyKey, note, now, notify } = credit;
    const account = this.account(accountId);
    const granted = account.grantsByKey.get(idempotencyKey);
    const earlier = account.credits.get(idempotencyKey) ?? (granted?.kind === 'grant' ? granted : undefined);
    const decision = decideCredit(credit, earlier, account);
    if (decision !== 'added' && decision !== 'duplicate') return { ok: false, reason: decision };
    if (earlier) return { ok: true, duplicate: true, entry: earlier };
    const movement = { accountId, kind, source: 'balance', amount, at: now, reference: idempotencyKey } as const;
    const entry = this.add(note === undefined ? movement : { ...movement, note }, notify === true && amount > 0n);
    account.credits.set(idempotencyKey, entry);
    return { ok: true, duplicate: false, entry };
  }

  grant(grant: Grant): GrantResult {
    checkGrant(grant);
    const { accountId, amount, idempotencyKey } = grant;
    const account = this.account(accountId);
    const earlier = account.grantsByKey.get(idempotencyKey) ?? account.credits.get(idempotencyKey);
    if (earlier) {
      return earlier.amount === amount && earlier.kind === 'grant'
        ? { ok: true, duplicate: true, entry: earlier }
        : { ok: false, reason: 'conflict' };
    }
    return { ok: true, duplicate: false, entry: this.give(grant, 'grant', idempotencyKey) };
  }

  /** Adds a grant and its entry, whose reference may be another than its key. */
  give(grant: Grant, kind: 'grant' | 'promo', reference: string): LedgerEntry {
    const { accountId, amount, expiresAt, reason, idempotencyKey, now, notify } = grant;
    const account = this.account(accountId);
    const id = `grant_${this.#entryCount + 1}`;
    const movement = { accountId, kind, source: 'grant', sourceId: id, amount, at: now, reference } as const;
    const entry = this.add(reason === undefined ? movement : { ...movement, note: reason }, notify === true);
    const state = {
      id,
      number: this.#entryCount,
      amount,
      expiresAt,
      reason,
      used: 0n,
      held: 0n,
      open: true,
      announced: false,
    };
    account.addGrant(state);
    account.grantsByKey.set(idempotencyKey, entry);
    if (expiresAt !== undefined) this.#expiring.set(accountId, account);
    return entry;
  }

  refund({ accountId, requestId, reason, now }: Refund): RefundResult {
    const position = this.#positionOf(requestId);
    if (position === undefined) return { ok: false, reason: 'unknown' };
    const owner = this.#table.kind(position).accountId;
    if (accountId !== undefined && accountId !== owner) return { ok: false, reason: 'unknown' };
    const account = this.account(owner);
    if (!fitsInBalance(account.balance + this.#table.cost(position))) return { ok: false, reason: 'too_large' };
    if (!this.#table.refund(position)) return { ok: false, reason: 'already_refunded' };
    let back = 0n;
    const entries: LedgerEntry[] = [];
    const add = (source: LedgerEntry['source'], amount: bigint, sourceId?: string) =>
      entries.push(
        this.add({
          ...{ accountId: owner, kind: 'refund', source, amount, at: now, reference: requestId },
          ...(sourceId !== undefined && { sourceId }),
          ...(reason !== undefined && { note: reason }),
        }),
      );
    for (const charge of this.#table.charged(position) ?? []) {
      // A grant that was used up has something left again, which may lapse.
      if (charge.source === 'grant') this.#expiring.set(owner, account);
      if (takeBack(account, charge, now)) add(charge.source, charge.amount, charge.id);
      else back += charge.amount;
    }
    if (back > 0n) add('balance', back);
    return { ok: true, accountId: owner, entries };
  }

  funds(accountId: string, now: number): Funds {
    const account = this.#accounts.get(accountId);
    if (!account) return { balance: 0n, held: 0n, grants: [], allowances: [] };
    const running = [...(account.allowances?.values() ?? [])].flatMap((windows) => windows.at(-1) ?? []);
    return {
      ...this.balance(accountId),
      grants: account.openGrants(now).map(grantRecord),
      allowances: running.filter(({ endsAt }) => endsAt > now).map((window) => ({ ...window })),
    };
  }

  budget(accountId: string, subject: string, window: string): BudgetUse {
    const { spent, held } = this.account(accountId).budget({ subject, window });
    return { spent, held };
  }

  history(accountId: string, page: HistoryPage): LedgerEntry[] {
    const all = this.#accounts.get(accountId)?.entries ?? [];
    const entries = page.usage === false ? all.filter(isNoUsage) : all;
    const end = page.before === undefined ? entries.length : this.#placeOf(entries, entryNumber(page.before));
    return newestFirst(entries, end, page.limit).map((entry) => this.#entryOf(entry));
  }

  /** Ends the grants that have expired, and announces once those that will within `soonMs`. */
  expireGrants(now: number, soonMs: number | undefined): void {
    for (const [accountId, account] of this.#expiring) {
      for (const grant of account.grants ?? []) {
        const { id, amount, expiresAt, held } = grant;
        if (!grant.open || expiresAt === undefined) continue;
        if (expiresAt > now) this.#announceExpiring(accountId, grant, expiresAt, now, soonMs);
        else if (held === 0n) {
          const lost = amount - grant.used;
          grant.used = amount;
          grant.open = false;
          this.add({ accountId, kind: 'expiry', source: 'grant', sourceId: id, amount: -lost, at: now, reference: id });
        }
      }
      if (!account.grants?.some(({ open, expiresAt }) => open && expiresAt !== undefined))
        this.#expiring.delete(accountId);
    }
  }

  audit(accountId: string): {
    readonly budgets: BudgetRecord[];
    readonly allowances: AllowanceRecord[];
    readonly grants: GrantAudit[];
  } {
    const account = this.account(accountId);
    return {
      budgets: [...(account.budgets ?? [])].map(([key, use]) => {
        const [window = '', ...subject] = key.split('\n');
        return { subject: subject.join('\n'), window, ...use };
      }),
      allowances: [...(account.allowances?.values() ?? [])].flatMap((windows) =>
        windows.map((window) => ({ ...window })),
      ),
      grants: (account.grants ?? []).map(({ id, amount, used, held }) => ({ id, left: amount - used, held })),
    };
  }

  /** Makes one of neighboring charges of events before a position: they are about to be forgotten. */
  fold(accountId: string, before: number): void {
    const { entries } = this.account(accountId);
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

  /** Adds an entry, and its amount to the balance where it is the balance's. */
  add(movement: Omit<LedgerEntry, 'id' | 'balanceAfter'>, notify = false): LedgerEntry {
    const account = this.account(movement.accountId);
    const after = movement.source === 'balance' ? account.balance + movement.amount : account.balance;
    if (!fits(after)) throw new RangeError('a balance beyond 64 bits');
    account.balance = after;
    if (movement.amount > 0n) account.empty = false;
    const kept = { ...movement, number: ++this.#entryCount, balanceAfter: after };
    account.entries.push(kept);
    const { accountId, kind, amount, at, reference } = movement;
    const data = { kind, amount: formatUsd(amount), balance: formatUsd(after), reference };
    if (notify) this.#notices.addAll(accountId, `credit_${kept.number}`, at, [{ type: 'credit.added', data }]);
    return this.#entryOf(kept);
  }

  #noteUse(account: AccountMoney, position: number, { source, id, amount }: Charge): void {
    const [accountId, at, reference] = [
      this.#table.kind(position).accountId,
      this.#table.at(position),
      this.#table.id(position),
    ];
    account.entries.push({
      ...{ number: ++this.#entryCount, position, accountId, kind: 'usage', source, amount: -amount },
      ...{ balanceAfter: account.balance, at, reference },
      ...(id !== undefined && { sourceId: id }),
    });
  }

  #announceExpiring(accountId: string, grant: GrantState, expiresAt: number, now: number, soonMs = -1): void {
    if (grant.announced || expiresAt > now + soonMs) return;
    grant.announced = true;
    const data = {
      grant: grant.id,
      left: formatUsd(grant.amount - grant.used),
      reason: grant.reason ?? null,
      expiresAt: new Date(expiresAt).toISOString(),
    };
    this.#notices.addAll(accountId, grant.id, now, [{ type: 'grant.expiring', data }]);
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

/** Puts a charge back into its source; false when that has ended, or when it is the balance. */
function takeBack(account: AccountMoney, charge: Charge, now: number): boolean {
  if (charge.source === 'allowance') {
    const running = (charge.windows ?? []).flatMap((window) => account.window(window) ?? []);
    const open = running.filter(({ endsAt }) => endsAt > now);
    for (const window of open) window.used -= charge.amount;
    return open.length > 0;
  }
  if (charge.source === 'balance') return false;
  const grant = account.grant(charge.id ?? '');
  if (grant.expiresAt !== undefined && grant.expiresAt <= now) return false;
  grant.used -= charge.amount;
  grant.open = true;
  return true;
}

function grantRecord({ id, amount, used, held, expiresAt, reason }: GrantState): GrantRecord {
  return {
    ...{ id, amount, left: amount - used - held },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(reason !== undefined && { reason }),
  };
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
