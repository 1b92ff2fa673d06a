import type { Target } from '../../catalog/catalog.js';
import { parseUsd } from '../../lib/money.js';
import { promptTokens, type Usage } from '../../lib/usage.js';
import { costOf, priceFor } from '../../meter/price.js';
import { type Chargeable, estimatedUsage, unansweredUsage } from './charged-usage.js';

/**
 * True where an answer whose client has disconnected is read to its end for its report: where the hold is large, where only the provider can
 * size the request, and where what would be charged without a report is far above what the gateway estimates.
 *
 * @param unread what would be charged.
 * @param estimated what has arrived, by reports and estimates.
 */
export function isWorthReading(run: Chargeable, target: Target, unread: Usage, estimated: Usage): boolean {
  const { hold, operation, principal } = run;
  const { aboveHold, aboveDoubt } = run.runtime.settings.lateReports;
  if (operation.free || unread.source !== 'estimated') return false;
  if (hold.open && (operation.sentSize !== undefined || hold.held >= parseUsd(aboveHold))) return true;
  if (operation.pricedUse) return false;
  const price = priceFor(target.price, promptTokens(unread), principal.plan.multiplier);
  return costOf(unread, price) - costOf(estimated, price) >= parseUsd(aboveDoubt);
}

/** The same for an answer of which nothing has come. */
export function isWorthAwaiting(run: Chargeable, target: Target): boolean {
  const estimated = estimatedUsage(run.operation.input.estimatedTokens, 0);
  return isWorthReading(run, target, unansweredUsage(run, target), estimated);
}
