import { expect, test } from 'vitest';
import { GuessLimit } from '../../src/dashboard/guess-limit.js';
import { GatewayError, type GatewayErrorCode } from '../../src/lib/errors.js';

const refusedWith = (code: GatewayErrorCode) => () => Promise.reject(new GatewayError(code));
const codeOf = (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === 'rejected' ? (outcome.reason as GatewayError).code : 'redeemed';

test('any number of guesses at once are ten', async () => {
  const limit = new GuessLimit(() => 0);
  let tried = 0;
  const guess = async () => {
    tried += 1;
    await Promise.resolve();
    throw new GatewayError('promo_code_unknown');
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 1_000 }, () => limit.guess('user_1', guess)));
  expect(tried).toBe(10);
  expect(outcomes.filter((outcome) => codeOf(outcome) === 'rate_limit_exceeded')).toHaveLength(990);
});

test.each<GatewayErrorCode>([
  'promo_code_unknown',
  'promo_code_expired',
  'promo_code_exhausted',
  'promo_code_disabled',
  'promo_code_already_used',
  'promo_code_new_accounts_only',
])('every refusal counts: %s', async (code) => {
  let now = 0;
  const limit = new GuessLimit(() => now);
  const codes = [];
  for (let i = 0; i < 12; i++) {
    const [outcome] = await Promise.allSettled([limit.guess('user_1', refusedWith(code))]);
    codes.push(outcome && codeOf(outcome));
  }
  expect(codes).toEqual([...Array(10).fill(code), 'rate_limit_exceeded', 'rate_limit_exceeded']);
  now = 10 * 60_000;
  expect(await limit.guess('user_1', async () => 'redeemed')).toBe('redeemed');
});

test('codes that are redeemed, and a store that is away, cost no guess', async () => {
  const limit = new GuessLimit(() => 0);
  for (let i = 0; i < 20; i++) {
    expect(await limit.guess('user_1', async () => i)).toBe(i);
    await expect(limit.guess('user_1', refusedWith('service_unavailable'))).rejects.toThrow();
  }
});
