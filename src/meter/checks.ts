import type { HoldRequest, Settlement } from './holds.js';
import type { Credit, Grant, PromoCode } from './ledger.js';

/** @throws {RangeError} unless 0 ≤ minimum ≤ amount. */
export function checkHold(request: HoldRequest): void {
  if (request.minimum < 0n || request.minimum > request.amount)
    throw new RangeError(`not a hold of ${request.minimum} to ${request.amount} nano-USD`);
}

/** @throws {RangeError} when its cost is negative. */
export function checkSettlement(settlement: Settlement): void {
  if (settlement.cost < 0n) throw new RangeError(`a charge can't be negative: ${settlement.cost}`);
}

/** @throws {RangeError} when it moves nothing, or tops up by less than nothing. */
export function checkCredit(credit: Credit): void {
  if (credit.amount === 0n || (credit.kind === 'top_up' && credit.amount < 0n))
    throw new RangeError(`not a ${credit.kind} amount: ${credit.amount}`);
}

/** @throws {RangeError} when it gives nothing. */
export function checkGrant(grant: Grant): void {
  if (grant.amount <= 0n) throw new RangeError(`a grant must add money, not ${grant.amount}`);
}

/** @throws {RangeError} when it adds no money. */
export function checkPromoCode(code: PromoCode): void {
  if (code.amount <= 0n) throw new RangeError(`a promo code must add money, not ${code.amount}`);
}
