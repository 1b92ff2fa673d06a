import { GatewayError, type GatewayErrorCode } from '../lib/errors.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Grant, RedeemRefusal } from '../meter/meter.js';
import {
  type AdjustOptions,
  CREDIT,
  credit,
  type GrantOptions,
  type HistoryOptions,
  type Movement,
  movement,
  type OtherCredits,
  type RedeemOptions,
  type RefundOptions,
  TOO_LARGE,
} from './credits.js';
import {
  invalid,
  isGiven,
  type ManagementDeps,
  readAccountId,
  readAmount,
  readFlag,
  readName,
  readOptions,
} from './management.js';
import { IS_PAST, partOf, readPage, readPromoCode, readTime } from './queries.js';

const ADJUST: OptionNames<AdjustOptions> = { ...CREDIT, allowNegative: true };
const HISTORY: OptionNames<HistoryOptions> = { limit: true, before: true, usage: true };
const GRANT: OptionNames<GrantOptions> = {
  accountId: true,
  amount: true,
  expiresAt: true,
  reason: true,
  idempotencyKey: true,
};
const REFUND: OptionNames<RefundOptions> = { requestId: true, accountId: true, reason: true };
const REDEEM: OptionNames<RedeemOptions> = { accountId: true, code: true };

/** All methods of `Credits` except `topUp`. */
export function otherCreditsOf(deps: ManagementDeps): OtherCredits {
  return {
    async adjust(options) {
      return credit(deps, 'adjustment', readOptions('credits.adjust', options, ADJUST));
    },
    grant: (options) => grant(deps, options),
    refund: (options) => refund(deps, options),
    redeem: (options) => redeem(deps, options),
    async history(accountId, page) {
      const { usage, ...rest } = readOptions('credits.history', page ?? {}, HISTORY);
      const rows = {
        ...readPage('credits.history', rest),
        ...(isGiven(usage) && !readFlag(usage, 'usage') && { usage: false }),
      };
      return (await deps.meter.history(readAccountId(accountId), rows)).map(movement);
    },
  };
}

async function grant({ keys, meter, now, notifications }: ManagementDeps, options: GrantOptions): Promise<Movement> {
  const { reason, expiresAt } = readOptions('credits.grant', options, GRANT);
  const amount = readAmount(options.amount, 'amount');
  if (amount <= 0n) throw invalid('amount', 'it must be more than zero');
  const wanted: Grant = {
    accountId: readAccountId(options.accountId),
    amount,
    idempotencyKey: readName(options.idempotencyKey, 'idempotencyKey', 512),
    now: now(),
    ...(expiresAt !== undefined && { expiresAt: readTime(expiresAt, 'expiresAt') }),
    ...(reason !== undefined && { reason: readName(reason, 'reason', 1_000) }),
    ...(notifications.wants('credit.added') && { notify: true }),
  };
  await keys.saveAccount({ id: wanted.accountId, now: now() });
  const result = await partOf(meter, 'grant')(wanted);
  notifications.wake();
  if (result.ok) return movement(result.entry);
  if (result.reason === 'expired') throw invalid('expiresAt', IS_PAST);
  throw new GatewayError('idempotency_conflict', { param: 'idempotencyKey' });
}

async function refund({ meter, now }: ManagementDeps, options: RefundOptions): Promise<Movement[]> {
  const { accountId, reason } = readOptions('credits.refund', options, REFUND);
  const result = await partOf(
    meter,
    'refund',
  )({
    requestId: readName(options.requestId, 'requestId', 512),
    now: now(),
    ...(accountId !== undefined && { accountId: readAccountId(accountId) }),
    ...(reason !== undefined && { reason: readName(reason, 'reason', 1_000) }),
  });
  if (result.ok) return result.entries.map(movement);
  if (result.reason === 'already_refunded') throw new GatewayError('already_refunded', { param: 'requestId' });
  if (result.reason === 'too_large') throw invalid('requestId', TOO_LARGE);
  throw new GatewayError('not_found', { message: 'There is no such request.', param: 'requestId' });
}

async function redeem(
  { keys, meter, now, catalog, notifications }: ManagementDeps,
  options: RedeemOptions,
): Promise<Movement> {
  readOptions('credits.redeem', options, REDEEM);
  const accountId = readAccountId(options.accountId);
  const code = readPromoCode(options.code);
  await keys.saveAccount({ id: accountId, now: now() });
  const notify = notifications.wants('credit.added');
  const result = await partOf(meter, 'redeem')({ accountId, code, now: now(), ...(notify && { notify }) });
  if (!result.ok) {
    if (result.reason === 'too_large') throw invalid('code', TOO_LARGE);
    throw new GatewayError(REDEEM_ERRORS[result.reason], { param: 'code' });
  }
  const { plan } = result;
  // One that is not configured any more would shut the account out.
  if (plan !== undefined && catalog.plans.has(plan)) await keys.saveAccount({ id: accountId, plan, now: now() });
  notifications.wake();
  return movement(result.entry);
}

const REDEEM_ERRORS: Readonly<Record<Exclude<RedeemRefusal, 'too_large'>, GatewayErrorCode>> = {
  unknown: 'promo_code_unknown',
  expired: 'promo_code_expired',
  exhausted: 'promo_code_exhausted',
  already_used: 'promo_code_already_used',
  disabled: 'promo_code_disabled',
  not_new: 'promo_code_new_accounts_only',
};
