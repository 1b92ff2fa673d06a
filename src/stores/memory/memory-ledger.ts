import type { NanoUsd } from '../../lib/money.js';
import type {
  Balance,
  Credit,
  CreditResult,
  Ledger,
  LedgerEntry,
  Page,
  PromoCode,
  PromoCodeRecord,
  RedeemResult,
  Redemption,
} from '../../meter/meter.js';
import { type EventTable, fits } from './event-table.js';

/** One account's money. */
interface AccountMoney {
  balance: NanoUsd;
  held: NanoUsd;
  /** A charge is the position of its event. */
  readonly entries: (KeptEntry | number)[];
  readonly credits: Map<string, LedgerEntry>;
  readonly redeemed: Set<string>;
}

/** An entry as it is kept: its id is its number. */
interface KeptEntry extends Omit<LedgerEntry, 'id'> {
  readonly number: number;
}

interface PromoState {
  readonly code: PromoCode;
  readonly number: number;
  redemptions: number;
}

/** The ledger of a memory meter. Nothing awaits between a check and its write, which makes every method atomic. */
export class MemoryLedger implements Ledger {
  readonly #accounts = new Map<string, AccountMoney>();
  readonly #promoCodes = new Map<string, PromoState>();
  readonly #promoOrder: PromoState[] = [];
  readonly #table: EventTable;
  #entryCount = 0;

  constructor(table: EventTable) {
    this.#table = table;
  }

  balance(accountId: string): Balance {
    const account = this.#accounts.get(accountId);
    return account ? { balance: account.balance, held: account.held } : { balance: 0n, held: 0n };
  }

  /** What a new hold may take: balance − held. */
  available(accountId: string): NanoUsd {
    const account = this.#accounts.get(accountId);
    return account ? account.balance - account.held : 0n;
  }

  /** Adds `amount` to the open holds; negative to give one back. */
  hold(accountId: string, amount: NanoUsd): void {
    this.#account(accountId).held += amount;
  }

  /** Takes the cost of the request whose event is at a position. */
  charge(accountId: string, cost: NanoUsd, position: number): void {
    if (cost === 0n) return;
    const account = this.#account(accountId);
    account.balance -= cost;
    this.#table.setEntry(position, ++this.#entryCount, account.balance);
    account.entries.push(position);
  }

  credit(credit: Credit): CreditResult {
    const { accountId, kind, amount, idempotencyKey, note, now } = credit;
    if (amount === 0n || (kind === 'top_up' && amount < 0n)) throw new RangeError(`not a ${kind} amount: ${amount}`);
    const earlier = this.#accounts.get(accountId)?.credits.get(idempotencyKey);
    if (earlier) {
      return earlier.amount === amount
        ? { ok: true, duplicate: true, entry: earlier }
        : { ok: false, reason: 'conflict' };
    }
    if (amount < 0n && !credit.allowNegative && this.available(accountId) + amount < 0n)
      return { ok: false, reason: 'insufficient' };
    const entry = this.#entryOf(this.#add(accountId, kind, amount, idempotencyKey, now, note));
    this.#account(accountId).credits.set(idempotencyKey, entry);
    return { ok: true, duplicate: false, entry };
  }

  redeem({ accountId, code, now }: Redemption): RedeemResult {
    const promo = this.#promoCodes.get(code);
    if (!promo) return { ok: false, reason: 'unknown' };
    if (this.#accounts.get(accountId)?.redeemed.has(code)) return { ok: false, reason: 'already_used' };
    const { amount, maxRedemptions, expiresAt } = promo.code;
    if (expiresAt !== undefined && now >= expiresAt) return { ok: false, reason: 'expired' };
    if (maxRedemptions !== undefined && promo.redemptions >= maxRedemptions) return { ok: false, reason: 'exhausted' };
    promo.redemptions++;
    this.#account(accountId).redeemed.add(code);
    return { ok: true, entry: this.#entryOf(this.#add(accountId, 'promo', amount, code, now)) };
  }

  history(accountId: string, page: Page): LedgerEntry[] {
    const entries = this.#accounts.get(accountId)?.entries ?? [];
    const end = page.before === undefined ? entries.length : this.#placeOf(entries, entryNumber(page.before));
    return newestFirst(entries, end, page.limit).map((entry) => this.#entryOf(entry));
  }

  createPromoCode(code: PromoCode): boolean {
    if (code.amount <= 0n) throw new RangeError(`a promo code must add money, not ${code.amount}`);
    if (this.#promoCodes.has(code.code)) return false;
    const state = { code: { ...code }, number: this.#promoOrder.length, redemptions: 0 };
    this.#promoCodes.set(code.code, state);
    this.#promoOrder.push(state);
    return true;
  }

  listPromoCodes(page: Page): PromoCodeRecord[] {
    const last = page.before === undefined ? undefined : (this.#promoCodes.get(page.before)?.number ?? 0);
    const end = last ?? this.#promoOrder.length;
    return newestFirst(this.#promoOrder, end, page.limit).map(({ code, redemptions }) => ({ ...code, redemptions }));
  }

  #account(accountId: string): AccountMoney {
    let account = this.#accounts.get(accountId);
    if (!account) {
      account = { balance: 0n, held: 0n, entries: [], credits: new Map(), redeemed: new Set() };
      this.#accounts.set(accountId, account);
    }
    return account;
  }

  #add(
    accountId: string,
    kind: LedgerEntry['kind'],
    amount: NanoUsd,
    reference: string,
    at: number,
    note?: string,
  ): KeptEntry {
    const account = this.#account(accountId);
    if (!fits(account.balance + amount)) throw new RangeError('a balance beyond 64 bits');
    account.balance += amount;
    const number = ++this.#entryCount;
    const entry = { number, accountId, kind, amount, balanceAfter: account.balance, at, reference };
    const kept: KeptEntry = note === undefined ? entry : { ...entry, note };
    account.entries.push(kept);
    return kept;
  }

  #entryOf(entry: KeptEntry | number): LedgerEntry {
    if (typeof entry !== 'number') {
      const { number, ...rest } = entry;
      return { id: `entry_${number}`, ...rest };
    }
    const table = this.#table;
    return {
      id: `entry_${table.entryNumber(entry)}`,
      accountId: table.kind(entry).accountId,
      kind: 'usage',
      amount: -table.cost(entry),
      balanceAfter: table.balanceAfter(entry),
      at: table.at(entry),
      reference: table.id(entry),
    };
  }

  /** Index of the first entry whose number is not below `number`. */
  #placeOf(entries: readonly (KeptEntry | number)[], number: number): number {
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

function entryNumber(id: string): number {
  const number = /^entry_(\d{1,15})$/.exec(id)?.[1];
  return number === undefined ? 0 : Number(number);
}

function newestFirst<T>(items: readonly T[], end: number, limit: number): T[] {
  return items.slice(Math.max(0, end - limit), end).reverse();
}
