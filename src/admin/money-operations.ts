import type {
  CreditOptions,
  GrantOptions,
  HistoryOptions,
  RedeemOptions,
  RefundOptions,
} from '../management/credits.js';
import type { PageOptions } from '../management/management.js';
import type { PromoCodeOptions } from '../management/promo-codes.js';
import { data, PAGE, rows } from './fields.js';
import { fieldsOf, ofNamedAccount } from './noted-change.js';
import { type AdminOperation, as } from './operation.js';
import { amount, described, type Fields, flag, integer, object, ref, text, time } from './schema.js';

const CREDIT: Fields = { accountId: text, amount, idempotencyKey: text, 'note?': text };

/** Money and promo codes. */
export const MONEY: readonly AdminOperation[] = [
  {
    name: 'credits.topUp',
    method: 'POST',
    path: '/credits/top-up',
    summary: 'Adds money, once per idempotency key',
    body: CREDIT,
    answer: ref('Movement'),
    errors: ['idempotency_conflict'],
    run: (gateway, { body }) => gateway.credits.topUp(as<CreditOptions>(body)),
    note: ofNamedAccount('account.topUp', 'amount', 'note'),
  },
  {
    name: 'credits.adjust',
    method: 'POST',
    path: '/credits/adjust',
    summary: 'Corrects a balance up or down, once per idempotency key',
    body: { ...CREDIT, 'allowNegative?': flag },
    answer: ref('Movement'),
    errors: ['idempotency_conflict', 'insufficient_balance'],
    run: (gateway, { body }) => gateway.credits.adjust(as<CreditOptions>(body)),
    note: ofNamedAccount('account.adjust', 'amount', 'note'),
  },
  {
    name: 'credits.grant',
    method: 'POST',
    path: '/credits/grant',
    summary: 'Gives money that may expire, drawn on before the balance, once per idempotency key',
    body: { accountId: text, amount, idempotencyKey: text, 'expiresAt?': time, 'reason?': text },
    answer: ref('Movement'),
    errors: ['idempotency_conflict'],
    run: (gateway, { body }) => gateway.credits.grant(as<GrantOptions>(body)),
    note: ofNamedAccount('account.grant', 'amount', 'expiresAt', 'reason'),
  },
  {
    name: 'credits.refund',
    method: 'POST',
    path: '/credits/refund',
    summary: 'Returns the charge of a request to the sources it came from',
    body: { requestId: text, 'accountId?': text, 'reason?': text },
    answer: rows(ref('Movement')),
    errors: ['not_found', 'already_refunded'],
    run: (gateway, { body }) => data(gateway.credits.refund(as<RefundOptions>(body))),
    note: (input, result) => ({
      ...ofNamedAccount('account.refund', 'reason')(input, result),
      subject: String(input.body['requestId']),
    }),
  },
  {
    name: 'credits.redeem',
    method: 'POST',
    path: '/credits/redeem',
    summary: 'Redeems a promo code for an account',
    body: { accountId: text, code: text },
    answer: ref('Movement'),
    errors: ['promo_code_unknown', 'promo_code_expired', 'promo_code_exhausted', 'promo_code_already_used'],
    run: (gateway, { body }) => gateway.credits.redeem(as<RedeemOptions>(body)),
    note: ofNamedAccount('account.redeem', 'code'),
  },
  {
    name: 'credits.history',
    method: 'GET',
    path: '/accounts/{id}/movements',
    summary: 'Every movement of money of an account, newest first',
    query: { ...PAGE, 'usage?': described(flag, 'False: without what requests were charged') },
    answer: rows(ref('Movement')),
    run: (gateway, { id, query }) => data(gateway.credits.history(id, as<HistoryOptions>(query))),
  },
  {
    name: 'promoCodes.list',
    method: 'GET',
    path: '/promo-codes',
    summary: 'Promo codes, newest first',
    query: PAGE,
    answer: rows(ref('PromoCode')),
    run: (gateway, { query }) => data(gateway.promoCodes.list(as<PageOptions>(query))),
  },
  {
    name: 'promoCodes.create',
    method: 'POST',
    path: '/promo-codes',
    summary: 'Makes a promo code',
    body: {
      code: text,
      amount,
      'maxRedemptions?': integer,
      'expiresAt?': time,
      'plan?': text,
      'newAccountsOnly?': flag,
      'creditExpiresAfter?': text,
    },
    answer: ref('PromoCode'),
    errors: ['conflict'],
    run: (gateway, { body }) => gateway.promoCodes.create(as<PromoCodeOptions>(body)),
    note: ({ body: { code: _code, ...details } }, result) => ({
      action: 'promo.create',
      subject: String(fieldsOf(result)['code']),
      details,
    }),
  },
  {
    name: 'promoCodes.disable',
    method: 'POST',
    path: '/promo-codes/{id}/disable',
    summary: 'Disables a promo code for good; money that was redeemed stays',
    body: {},
    answer: object({}),
    errors: ['promo_code_unknown'],
    run: (gateway, { id }) => gateway.promoCodes.disable(id),
    note: ({ id }) => ({ action: 'promo.disable', subject: id }),
  },
];
