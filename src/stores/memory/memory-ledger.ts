import { fitsInBalance, formatUsd } from '../../lib/money.js';
import { checkCredit, checkGrant } from '../../meter/checks.js';
import { decideCredit, hasExpired, sumOf } from '../../meter/decisions.js';
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
import { AccountMoney, type AllowanceState, type GrantState } from './account-money.js';
import type { EventTable } from './event-table.js';
import { MemoryEntries } from './memory-entries.js';
import type { MemoryNotices } from './memory-notices.js';

/** The ledger of a memory meter. Nothing awaits between a check and its write, which makes every method atomic. */
export class MemoryLedger implements Ledger, Grants {
  readonly #accounts = new Map<string, AccountMoney>();
  readonly #table: EventTable;
  readonly #positionOf: (requestId: string) => number | undefined;
  readonly #notices: MemoryNotices;
  /** The accounts whose grants may expire. */
  readonly #expiring = new Map<string, AccountMoney>();
  readonly #entries: MemoryEntries;

  /** @param positionOf finds the position of a request's event. */
  constructor(table: EventTable, positionOf: (requestId: string) => number | undefined, notices: MemoryNotices) {
    this.#table = table;
    this.#entries = new MemoryEntries(table, notices);
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
    if (allowance > 0n) this.#entries.noteUse(account, position, { source: 'allowance', amount: allowance });
    for (const { id, amount } of grants) this.#entries.noteUse(account, position, { source: 'grant', id, amount });
    if (balance === 0n) return;
    account.balance -= balance;
    if (balance !== this.#table.cost(position)) {
      this.#entries.noteUse(account, position, { source: 'balance', amount: balance });
      return;
    }
    this.#entries.noteCharge(account, position);
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
    if (hasExpired(grant.expiresAt, grant.now)) return { ok: false, reason: 'expired' };
    return { ok: true, duplicate: false, entry: this.give(grant, 'grant', idempotencyKey) };
  }

  /** Adds a grant and its entry, whose reference may be another than its key. */
  give(grant: Grant, kind: 'grant' | 'promo', reference: string): LedgerEntry {
    const { accountId, amount, expiresAt, reason, idempotencyKey, now, notify } = grant;
    const account = this.account(accountId);
    const id = `grant_${this.#entries.count + 1}`;
    const movement = { accountId, kind, source: 'grant', sourceId: id, amount, at: now, reference } as const;
    const entry = this.add(reason === undefined ? movement : { ...movement, note: reason }, notify === true);
    const state = {
      id,
      number: this.#entries.count,
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
    if (this.#table.isRefunded(position)) return { ok: false, reason: 'already_refunded' };
    const account = this.account(owner);
    const charges = this.#table.charged(position) ?? [];
    const toBalance = charges.filter((charge) => !takesBack(account, charge, now));
    const back = sumOf(toBalance);
    if (!fitsInBalance(account.balance + back)) return { ok: false, reason: 'too_large' };
    this.#table.refund(position);
    const entries: LedgerEntry[] = [];
    const add = (source: LedgerEntry['source'], amount: bigint, sourceId?: string) =>
      entries.push(
        this.add({
          ...{ accountId: owner, kind: 'refund', source, amount, at: now, reference: requestId },
          ...(sourceId !== undefined && { sourceId }),
          ...(reason !== undefined && { note: reason }),
        }),
      );
    for (const charge of charges) {
      // A grant that was used up has something left again, which may lapse.
      if (charge.source === 'grant') this.#expiring.set(owner, account);
      if (toBalance.includes(charge)) continue;
      takeBack(account, charge, now);
      add(charge.source, charge.amount, charge.id);
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
    const account = this.#accounts.get(accountId);
    return account ? this.#entries.page(account, page) : [];
  }

  /** Makes one of neighboring charges of events before a position: they are about to be forgotten. */
  fold(accountId: string, before: number): void {
    this.#entries.fold(this.account(accountId), before);
  }

  /** Adds an entry, and its amount to the balance where it is the balance's. */
  add(movement: Omit<LedgerEntry, 'id' | 'balanceAfter'>, notify = false): LedgerEntry {
    return this.#entries.add(this.account(movement.accountId), movement, notify);
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
}

/** True when a charge can go back to its source: an allowance that runs still, a grant that has not expired. */
function takesBack(account: AccountMoney, { source, id = '', windows = [] }: Charge, now: number): boolean {
  if (source === 'balance') return false;
  if (source === 'allowance') return runningOf(account, windows, now).length > 0;
  return !hasExpired(account.grant(id).expiresAt, now);
}

/** Puts a charge back into a source that takes it. */
function takeBack(account: AccountMoney, { source, id = '', amount, windows = [] }: Charge, now: number): void {
  if (source === 'allowance') {
    for (const window of runningOf(account, windows, now)) window.used -= amount;
    return;
  }
  const grant = account.grant(id);
  grant.used -= amount;
  grant.open = true;
}

function runningOf(account: AccountMoney, windows: NonNullable<Charge['windows']>, now: number): AllowanceState[] {
  return windows.filter(({ endsAt }) => endsAt > now).flatMap((window) => account.window(window) ?? []);
}

function grantRecord({ id, amount, used, held, expiresAt, reason }: GrantState): GrantRecord {
  return {
    ...{ id, amount, left: amount - used - held },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(reason !== undefined && { reason }),
  };
}
