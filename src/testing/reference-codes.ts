import { fitsInBalance } from '../lib/money.js';
import type { PromoCode, RedeemRefusal } from '../meter/ledger.js';
import type { ReferenceAccount } from './reference-account.js';

/** The contract of promo codes in its plainest form. */
export class ReferenceCodes {
  readonly #codes = new Map<string, { readonly promo: PromoCode; readonly redeemedBy: Set<string> }>();

  create(promo: PromoCode): void {
    this.#codes.set(promo.code, { promo, redeemedBy: new Set() });
  }

  /** Notes that the account has redeemed the code. @returns the code, or why it can't. */
  redeem(code: string, accountId: string, account: ReferenceAccount, now: number): PromoCode | RedeemRefusal {
    const known = this.#codes.get(code);
    if (!known) return 'unknown';
    const { promo, redeemedBy } = known;
    if (redeemedBy.has(accountId)) return 'already_used';
    if (promo.expiresAt !== undefined && now >= promo.expiresAt) return 'expired';
    if (redeemedBy.size >= (promo.maxRedemptions ?? Number.POSITIVE_INFINITY)) return 'exhausted';
    if (promo.newAccountsOnly && (account.hasPaid || account.events > 0)) return 'not_new';
    if (promo.creditExpiresAfterMs === undefined && !fitsInBalance(account.balance + promo.amount)) return 'too_large';
    redeemedBy.add(accountId);
    return promo;
  }
}
