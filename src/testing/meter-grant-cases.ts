import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Credit, FullMeter } from '../meter/meter.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { allowance, chargesOf, grant, HOUR, spend } from './meter-funding.js';
import { fundedAccount, holdOf, SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { atOnce, type SuiteCase, uniqueName } from './suite.js';

/** The largest amount there is. */
const MOST = 2n ** 63n - 1n;
const DAY_BUDGET = { subject: 'account', window: '2026-11-21', limit: MOST };

function topUp(accountId: string, amount: bigint): Credit {
  return { accountId, kind: 'top_up', amount, idempotencyKey: uniqueName('payment'), now: SAMPLE_TIME };
}

/** What must hold of grants, and of money on its way back. */
export const grantCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'a grant is given once per key, can be used up to its end and not after it, and what is left of it lapses',
    async run(meter) {
      const account = uniqueName('account');
      const expiresAt = SAMPLE_TIME + HOUR;
      const given = {
        accountId: account,
        amount: 10n,
        expiresAt,
        reason: 'trial',
        idempotencyKey: 'a',
        now: SAMPLE_TIME,
      };
      const results = await atOnce(10, () => meter.grant(given));
      equal(results.filter((result) => result.ok && !result.duplicate).length, 1);
      ok(results.every((result) => result.ok));
      deepEqual(await meter.grant({ ...given, amount: 11n }), { ok: false, reason: 'conflict' });
      const at = (now: number) => ({ now, expiresAt: now + 2 * HOUR });
      const running = holdOf(account, 4n, at(expiresAt - 1));
      equal((await meter.reserve(running)).ok, true);
      equal((await meter.reserve(holdOf(account, 1n, at(expiresAt)))).ok, false);
      await meter.expire(expiresAt);
      await meter.settle(settlementOf(running, 3, { at: expiresAt + 1 }));
      deepEqual(await chargesOf(meter, running), ['grant 3']);
      await meter.expire(expiresAt + 2);
      await meter.expire(expiresAt + 3);
      deepEqual((await meter.funds(account, expiresAt)).grants, []);
      const history = await meter.history(account, { limit: 10 });
      deepEqual(
        history.map(({ kind, amount }) => [kind, amount]),
        [
          ['expiry', -7n],
          ['usage', -3n],
          ['grant', 10n],
        ],
      );
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'an idempotency key of a grant can be used for no other kind of movement, nor one of those for a grant',
    async run(meter) {
      const account = uniqueName('account');
      const conflict = { ok: false, reason: 'conflict' };
      const move = (kind: 'top_up' | 'adjustment', idempotencyKey: string) =>
        meter.credit({ accountId: account, kind, amount: 10n, idempotencyKey, now: SAMPLE_TIME });
      const give = (idempotencyKey: string) =>
        meter.grant({ accountId: account, amount: 10n, idempotencyKey, now: SAMPLE_TIME });
      equal((await move('top_up', 'payment')).ok, true);
      deepEqual(await give('payment'), conflict);
      equal((await give('present')).ok, true);
      deepEqual(await move('top_up', 'present'), conflict);
      deepEqual(await move('adjustment', 'present'), conflict);
      const again = await give('present');
      ok(again.ok && again.duplicate);
      equal((await meter.balance(account)).balance, 10n);
    },
  },
  {
    name: 'a grant that has expired is refused and leaves nothing, unless it was given before',
    async run(meter) {
      const account = uniqueName('account');
      const given = { accountId: account, amount: 10n, idempotencyKey: 'a', now: SAMPLE_TIME };
      for (const expiresAt of [SAMPLE_TIME, SAMPLE_TIME - 1])
        deepEqual(await meter.grant({ ...given, expiresAt }), { ok: false, reason: 'expired' });
      deepEqual(await meter.history(account, { limit: 10 }), []);
      const first = await meter.grant({ ...given, expiresAt: SAMPLE_TIME + 1 });
      ok(first.ok && !first.duplicate);
      const again = await meter.grant({ ...given, expiresAt: SAMPLE_TIME + 1, now: SAMPLE_TIME + HOUR });
      deepEqual(again, { ...first, duplicate: true });
      const other = { ...given, amount: 11n, expiresAt: SAMPLE_TIME - 1 };
      deepEqual(await meter.grant(other), { ok: false, reason: 'conflict' });
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'sources that come to more than 64 bits together are drawn on as any others',
    async run(meter) {
      const account = await fundedAccount(meter, MOST);
      for (const idempotencyKey of ['a', 'b'])
        ok((await meter.grant({ accountId: account, amount: MOST, idempotencyKey, now: SAMPLE_TIME })).ok);
      const terms = { creditLimit: MOST, allowances: [allowance('5h', MOST)], budgets: [DAY_BUDGET] };
      const request = holdOf(account, MOST, { ...terms, minimum: 1n });
      deepEqual(await meter.reserve(request), { ok: true, held: MOST });
      const beside = holdOf(account, 10n, { creditLimit: MOST, allowances: [allowance('5h', MOST)] });
      await spend(meter, beside, 10);
      deepEqual(await chargesOf(meter, beside), ['grant 10']);
      await meter.settle(settlementOf(request, 7));
      deepEqual(await chargesOf(meter, request), ['allowance 7']);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'a refund needs room in the balance only for what goes back to it',
    async run(meter) {
      const account = await fundedAccount(meter, MOST - 2n);
      await grant(meter, account, 5n, SAMPLE_TIME + HOUR);
      const [whole, split] = [holdOf(account, 3n), holdOf(account, 4n)];
      await spend(meter, whole, 3);
      await spend(meter, split, 4);
      equal((await meter.credit(topUp(account, 4n))).ok, true);
      deepEqual(await meter.balance(account), { balance: MOST, held: 0n });
      const back = async ({ id: requestId }: { id: string }, now = SAMPLE_TIME) => {
        const result = await meter.refund({ requestId, now });
        return result.ok ? result.entries.map(({ source, amount }) => `${source} ${amount}`) : result.reason;
      };
      equal(await back(split), 'too_large');
      equal(await back(whole, SAMPLE_TIME + HOUR), 'too_large');
      deepEqual(await back(whole), ['grant 3']);
      deepEqual(await meter.balance(account), { balance: MOST, held: 0n });
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'a grant and the hold on it that lapsed with it end in one sweep',
    async run(meter) {
      const account = uniqueName('account');
      await grant(meter, account, 10n, SAMPLE_TIME + HOUR);
      equal((await meter.reserve(holdOf(account, 4n))).ok, true);
      await meter.expire(SAMPLE_TIME + 2 * HOUR);
      const [lapse] = await meter.history(account, { limit: 10 });
      deepEqual([lapse?.kind, lapse?.amount], ['expiry', -10n]);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'what a refund gives back to a grant that was used up lapses with it',
    async run(meter) {
      const account = uniqueName('account');
      const expiresAt = SAMPLE_TIME + HOUR;
      await meter.grant({ accountId: account, amount: 5n, expiresAt, idempotencyKey: 'a', now: SAMPLE_TIME });
      const request = holdOf(account, 5n);
      equal((await meter.reserve(request)).ok, true);
      await meter.settle(settlementOf(request, 5));
      await meter.expire(SAMPLE_TIME + 1);
      equal((await meter.refund({ accountId: account, requestId: request.id, now: SAMPLE_TIME + 2 })).ok, true);
      await meter.expire(expiresAt);
      const history = await meter.history(account, { limit: 2 });
      deepEqual(
        history.map(({ kind, amount }) => [kind, amount]),
        [
          ['expiry', -5n],
          ['refund', 5n],
        ],
      );
      deepEqual((await meter.funds(account, SAMPLE_TIME)).grants, []);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'a refund goes back to where the charge came from, once, and to the balance where that has ended',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      await grant(meter, account, 5n);
      const allowances = [allowance('5h', 10n)];
      const [one, two] = [holdOf(account, 20n, { allowances }), holdOf(account, 20n)];
      await spend(meter, one, 20);
      await spend(meter, two, 7);
      const refund = { requestId: one.id, reason: 'bad answer', now: SAMPLE_TIME + HOUR };
      const results = await atOnce(5, () => meter.refund(refund));
      const [first] = results.filter((result) => result.ok);
      equal(results.filter((result) => result.ok).length, 1);
      deepEqual(first?.ok && first.entries.map(({ source, amount, note }) => [source, amount, note]), [
        ['allowance', 10n, 'bad answer'],
        ['grant', 5n, 'bad answer'],
        ['balance', 5n, 'bad answer'],
      ]);
      const { allowances: windows, grants, balance } = await meter.funds(account, SAMPLE_TIME + HOUR);
      deepEqual([windows[0]?.used, grants[0]?.left, balance], [0n, 5n, 93n]);

      const third = holdOf(account, 10n, { allowances });
      await spend(meter, third, 10);
      const late = { accountId: account, requestId: third.id, now: SAMPLE_TIME + 6 * HOUR };
      deepEqual(await meter.refund({ ...late, accountId: uniqueName('account') }), { ok: false, reason: 'unknown' });
      const after = await meter.refund(late);
      deepEqual(after.ok && after.entries.map(({ source, amount }) => [source, amount]), [['balance', 10n]]);
      deepEqual(await meter.balance(account), { balance: 103n, held: 0n });
      deepEqual(await meter.refund({ ...late, requestId: uniqueName('request') }), { ok: false, reason: 'unknown' });
    },
  },
];

/** What must hold of a meter that has grants and promo codes. */
export const grantAndPromoCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'money beyond 64 bits is refused by every way in, and changes nothing',
    async run(meter) {
      const [account, code] = [uniqueName('account'), uniqueName('CODE')];
      const tooLarge = { ok: false, reason: 'too_large' };
      const credit = (amount: bigint, idempotencyKey: string, kind: 'top_up' | 'adjustment' = 'top_up') =>
        meter.credit({ accountId: account, kind, amount, idempotencyKey, now: SAMPLE_TIME, allowNegative: true });
      const request = holdOf(account, 5n);
      await meter.settle(settlementOf(request, 5));
      await meter.createPromoCode({ code, amount: 6n, createdAt: SAMPLE_TIME });
      equal((await credit(MOST, 'most')).ok, true);
      deepEqual(await meter.balance(account), { balance: MOST - 5n, held: 0n });
      deepEqual(await credit(6n, 'more'), tooLarge);
      deepEqual(await credit(6n, 'correction', 'adjustment'), tooLarge);
      deepEqual(await meter.redeem({ accountId: account, code, now: SAMPLE_TIME }), tooLarge);
      const codes = await meter.listPromoCodes({ limit: 100 });
      equal(codes.find((one) => one.code === code)?.redemptions, 0);
      equal((await credit(5n, 'more')).ok, true);
      deepEqual(await meter.refund({ requestId: request.id, now: SAMPLE_TIME }), tooLarge);
      deepEqual(await meter.balance(account), { balance: MOST, held: 0n });
      equal((await credit(-5n, 'less', 'adjustment')).ok, true);
      equal((await meter.refund({ requestId: request.id, now: SAMPLE_TIME })).ok, true);
      deepEqual(await meter.balance(account), { balance: MOST, held: 0n });
      await assertAccountsBalance(meter, [account]);
    },
  },
];
