import { checkPromoCode } from '../../meter/checks.js';
import { refusedRedemption } from '../../meter/decisions.js';
import type { PromoCode, PromoCodeLedger, PromoCodeRecord, RedeemResult, Redemption } from '../../meter/ledger.js';
import type { Page } from '../../meter/usage-log.js';
import type { AccountMoney } from './account-money.js';
import { newestFirst } from './memory-entries.js';
import type { MemoryLedger } from './memory-ledger.js';

interface PromoState {
  readonly code: PromoCode;
  readonly number: number;
  redemptions: number;
  disabledAt: number | undefined;
}

/** The promo codes of a memory meter. */
export class MemoryPromoCodes implements PromoCodeLedger {
  readonly #codes = new Map<string, PromoState>();
  readonly #order: PromoState[] = [];
  readonly #ledger: MemoryLedger;
  readonly #hasUsed: (accountId: string) => boolean;

  /** @param hasUsed true of an account with a usage event. */
  constructor(ledger: MemoryLedger, hasUsed: (accountId: string) => boolean) {
    this.#ledger = ledger;
    this.#hasUsed = hasUsed;
  }

  createPromoCode(code: PromoCode): boolean {
    checkPromoCode(code);
    if (this.#codes.has(code.code)) return false;
    const state = { code: { ...code }, number: this.#order.length, redemptions: 0, disabledAt: undefined };
    this.#codes.set(code.code, state);
    this.#order.push(state);
    return true;
  }

  listPromoCodes(page: Page): PromoCodeRecord[] {
    const last = page.before === undefined ? undefined : (this.#codes.get(page.before)?.number ?? 0);
    return newestFirst(this.#order, last ?? this.#order.length, page.limit).map(recordOf);
  }

  disablePromoCode(code: string, now: number): boolean {
    const promo = this.#codes.get(code);
    if (promo) promo.disabledAt ??= now;
    return promo !== undefined;
  }

  redeem({ accountId, code, now, notify = false }: Redemption): RedeemResult {
    const promo = this.#codes.get(code);
    const account = this.#ledger.account(accountId);
    const refused = refusedRedemption(
      promo && recordOf(promo),
      {
        hasRedeemed: account.redeemed.has(code),
        isNew: () => isNew(account) && !this.#hasUsed(accountId),
        balance: account.balance,
      },
      now,
    );
    if (refused || !promo) return { ok: false, reason: refused ?? 'unknown' };
    const { amount, creditExpiresAfterMs, plan } = promo.code;
    promo.redemptions++;
    account.redeemed.add(code);
    const expiring = { accountId, amount, reason: code, idempotencyKey: `promo:${code}`, now, notify };
    const entry =
      creditExpiresAfterMs === undefined
        ? this.#ledger.add({ accountId, kind: 'promo', source: 'balance', amount, at: now, reference: code }, notify)
        : this.#ledger.give({ ...expiring, expiresAt: now + creditExpiresAfterMs }, 'promo', code);
    return { ok: true, entry, ...(plan !== undefined && { plan }) };
  }
}

/** True of an account that has neither paid nor redeemed anything, nor been charged. */
function isNew({ entries, redeemed }: AccountMoney): boolean {
  return (
    redeemed.size === 0 && !entries.some((entry) => typeof entry === 'number' || /^(top_up|usage)$/.test(entry.kind))
  );
}

function recordOf({ code, redemptions, disabledAt }: PromoState): PromoCodeRecord {
  return { ...code, redemptions, ...(disabledAt !== undefined && { disabledAt }) };
}
