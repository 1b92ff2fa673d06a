import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Credit, CreditResult, FullMeter, Page, PromoCode, PromoCodeRecord } from '../meter/meter.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { fundedAccount, holdOf, SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { atOnce, type SuiteCase, uniqueName } from './suite.js';

/** What must hold of top-ups, adjustments and the history. */
export const ledgerCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'an unknown account has no money and no history',
    async run(meter) {
      deepEqual(await meter.balance(uniqueName('account')), { balance: 0n, held: 0n });
      deepEqual(await meter.history(uniqueName('account'), { limit: 10 }), []);
    },
  },
  {
    name: 'a top-up creates the balance and is written down with its note',
    async run(meter) {
      const account = uniqueName('account');
      const result = await meter.credit({ ...topUp(account, 10n, 'payment'), note: 'card' });
      const entry = await onlyEntry(meter, account);
      deepEqual(result, { ok: true, duplicate: false, entry });
      const { id, ...rest } = entry;
      ok(id.length > 0);
      deepEqual(rest, {
        accountId: account,
        kind: 'top_up',
        source: 'balance',
        amount: 10n,
        balanceAfter: 10n,
        at: SAMPLE_TIME,
        reference: 'payment',
        note: 'card',
      });
    },
  },
  {
    name: 'a top-up repeated at once with the same idempotency key credits once and answers the first entry',
    async run(meter) {
      const account = uniqueName('account');
      const results = await atOnce(10, () => meter.credit(topUp(account, 10n, 'payment')));
      const entry = await onlyEntry(meter, account);
      ok(results.every((result) => result.ok));
      equal(results.filter((result) => result.ok && !result.duplicate).length, 1);
      for (const result of results) deepEqual(result.ok && result.entry, entry);
      deepEqual(await meter.balance(account), { balance: 10n, held: 0n });
    },
  },
  {
    name: 'an idempotency key with another amount is a conflict and changes nothing',
    async run(meter) {
      const account = uniqueName('account');
      await meter.credit(topUp(account, 10n, 'payment'));
      deepEqual(await meter.credit(topUp(account, 11n, 'payment')), { ok: false, reason: 'conflict' });
      deepEqual(await meter.balance(account), { balance: 10n, held: 0n });
    },
  },
  {
    name: 'an idempotency key used for another kind of movement is a conflict and changes nothing',
    async run(meter) {
      const account = uniqueName('account');
      const conflict = { ok: false, reason: 'conflict' };
      equal((await meter.credit(topUp(account, 10n, 'payment'))).ok, true);
      deepEqual(await adjust(meter, account, 10n, 'payment'), conflict);
      equal((await adjust(meter, account, 10n, 'correction')).ok, true);
      deepEqual(await meter.credit(topUp(account, 10n, 'correction')), conflict);
      equal((await meter.balance(account)).balance, 20n);
    },
  },
  {
    name: 'idempotency keys of different accounts are kept apart',
    async run(meter) {
      const [first, second] = [uniqueName('account'), uniqueName('account')];
      for (const account of [first, second]) equal((await meter.credit(topUp(account, 10n, 'same'))).ok, true);
      deepEqual(await meter.balance(second), { balance: 10n, held: 0n });
    },
  },
  {
    name: 'an adjustment takes money, but never what is held',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      await meter.reserve(holdOf(account, 60n));
      deepEqual(await adjust(meter, account, -41n, 'fix'), { ok: false, reason: 'insufficient' });
      equal((await adjust(meter, account, -40n, 'fix')).ok, true);
      deepEqual(await meter.balance(account), { balance: 60n, held: 60n });
      equal((await adjust(meter, account, 5n, 'gift')).ok, true);
      await assertAccountsBalance(meter, [account], { idle: false });
    },
  },
  {
    name: 'an adjustment that may go below zero takes more than there is, once',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      await meter.reserve(holdOf(account, 60n));
      const refund = { ...topUp(account, -130n, 'refund'), kind: 'adjustment' as const, allowNegative: true };
      equal((await meter.credit(refund)).ok, true);
      equal((await meter.credit(refund)).ok, true);
      deepEqual(await meter.balance(account), { balance: -30n, held: 60n });
      equal((await meter.reserve(holdOf(account, 1n))).ok, false);
      await assertAccountsBalance(meter, [account], { idle: false });
    },
  },
  {
    name: 'adjustments at once never take more than there is',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const results = await atOnce(50, (i) => adjust(meter, account, -30n, `fix-${i}`));
      equal(results.filter((result) => result.ok).length, 3);
      deepEqual(await meter.balance(account), { balance: 10n, held: 0n });
    },
  },
  {
    name: 'a negative balance can be topped up in parts',
    async run(meter) {
      const account = await fundedAccount(meter, 10n);
      await meter.settle(settlementOf(holdOf(account, 0n), 100));
      equal((await adjust(meter, account, 20n, 'gift')).ok, true);
      deepEqual(await meter.balance(account), { balance: -70n, held: 0n });
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'the history comes newest first, page by page, and only of its account',
    async run(meter) {
      const [account, other] = [uniqueName('account'), uniqueName('account')];
      for (let i = 1; i <= 25; i++) {
        await meter.credit({ ...topUp(account, BigInt(i), `p${i}`), now: SAMPLE_TIME + i });
        await meter.credit({ ...topUp(other, 1n, `p${i}`), now: SAMPLE_TIME + i });
      }
      const references: string[] = [];
      for (let before: string | undefined; ; ) {
        const page = await meter.history(account, before === undefined ? { limit: 10 } : { limit: 10, before });
        references.push(...page.map((entry) => entry.reference));
        if (page.length < 10) break;
        before = page.at(-1)?.id;
      }
      deepEqual(
        references,
        Array.from({ length: 25 }, (_, i) => `p${25 - i}`),
      );
      await assertAccountsBalance(meter, [account, other]);
    },
  },
];

/** What must hold of promo codes. */
export const promoCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'a promo code adds its amount and is written down',
    async run(meter) {
      const [account, code] = [uniqueName('account'), await promo(meter, { amount: 5n })];
      const result = await meter.redeem({ accountId: account, code, now: SAMPLE_TIME });
      const entry = await onlyEntry(meter, account);
      deepEqual(result, { ok: true, entry });
      deepEqual([entry.kind, entry.amount, entry.reference], ['promo', 5n, code]);
      deepEqual(await meter.balance(account), { balance: 5n, held: 0n });
    },
  },
  {
    name: 'a promo code works once per account, also 20 times at once, and the losers use none up',
    async run(meter) {
      const [account, other] = [uniqueName('account'), uniqueName('account')];
      const code = await promo(meter, { amount: 5n, maxRedemptions: 2 });
      const results = await atOnce(20, () => meter.redeem({ accountId: account, code, now: SAMPLE_TIME }));
      equal(results.filter((result) => result.ok).length, 1);
      ok(results.every((result) => result.ok || result.reason === 'already_used'));
      equal((await meter.redeem({ accountId: other, code, now: SAMPLE_TIME })).ok, true);
      deepEqual(await meter.balance(account), { balance: 5n, held: 0n });
      await assertAccountsBalance(meter, [account, other]);
    },
  },
  {
    name: 'a promo code for 3 is redeemed 3 times by 800 tries of 20 accounts at once',
    async run(meter) {
      const accounts = Array.from({ length: 20 }, () => uniqueName('account'));
      const code = await promo(meter, { amount: 7n, maxRedemptions: 3 });
      const results = await atOnce(800, (i) =>
        meter.redeem({ accountId: accounts[i % 20] as string, code, now: SAMPLE_TIME }),
      );
      equal(results.filter((result) => result.ok).length, 3);
      const balances = await Promise.all(accounts.map(async (account) => (await meter.balance(account)).balance));
      equal(
        balances.reduce((sum, balance) => sum + balance, 0n),
        21n,
      );
      equal((await findPromo(meter, code))?.redemptions, 3);
      await assertAccountsBalance(meter, accounts);
    },
  },
  {
    name: 'unknown, expired, exhausted and already used codes have errors of their own',
    async run(meter) {
      const [account, other] = [uniqueName('account'), uniqueName('account')];
      const redeem = async (accountId: string, code: string, now = SAMPLE_TIME) => {
        const result = await meter.redeem({ accountId, code, now });
        return result.ok ? 'ok' : result.reason;
      };
      const code = await promo(meter, { amount: 5n, maxRedemptions: 1, expiresAt: SAMPLE_TIME + 100 });
      const open = await promo(meter, { amount: 5n, expiresAt: SAMPLE_TIME + 100 });
      equal(await redeem(account, `${code}-not`), 'unknown');
      equal(await redeem(account, code.toLowerCase()), 'unknown');
      equal(await redeem(account, code, SAMPLE_TIME + 99), 'ok');
      equal(await redeem(account, code), 'already_used');
      equal(await redeem(account, code, SAMPLE_TIME + 200), 'already_used');
      equal(await redeem(other, code), 'exhausted');
      equal(await redeem(other, open, SAMPLE_TIME + 100), 'expired');
      equal(await redeem(other, open, SAMPLE_TIME + 99), 'ok');
    },
  },
  {
    name: 'a promo code can be created once, and the list shows what it is',
    async run(meter) {
      const code: PromoCode = {
        code: uniqueName('CODE'),
        amount: 5n,
        maxRedemptions: 10,
        expiresAt: SAMPLE_TIME + 1,
        createdAt: SAMPLE_TIME,
      };
      deepEqual(await atOnce(5, () => meter.createPromoCode(code)).then((made) => made.filter(Boolean)), [true]);
      equal(await meter.createPromoCode({ ...code, amount: 9n }), false);
      deepEqual(await findPromo(meter, code.code), { ...code, redemptions: 0 });
    },
  },
  {
    name: 'promo codes are listed newest first, page by page',
    async run(meter) {
      const codes: string[] = [];
      for (let i = 0; i < 5; i++) codes.unshift(await promo(meter, { amount: 1n, createdAt: SAMPLE_TIME + i }));
      const listed = (await allPromos(meter, 2)).map((record) => record.code);
      deepEqual(
        listed.filter((code) => codes.includes(code)),
        codes,
      );
    },
  },
];

function topUp(accountId: string, amount: bigint, idempotencyKey: string): Credit {
  return { accountId, kind: 'top_up', amount, idempotencyKey, now: SAMPLE_TIME };
}

function adjust(meter: FullMeter, accountId: string, amount: bigint, idempotencyKey: string) {
  const result: CreditResult | Promise<CreditResult> = meter.credit({
    ...topUp(accountId, amount, idempotencyKey),
    kind: 'adjustment',
  });
  return Promise.resolve(result);
}

async function onlyEntry(meter: FullMeter, account: string) {
  const [entry, ...others] = await meter.history(account, { limit: 10 });
  deepEqual(others, []);
  ok(entry);
  return entry;
}

async function promo(meter: FullMeter, code: Partial<PromoCode> & Pick<PromoCode, 'amount'>): Promise<string> {
  const name = uniqueName('CODE');
  equal(await meter.createPromoCode({ code: name, createdAt: SAMPLE_TIME, ...code }), true);
  return name;
}

async function findPromo(meter: FullMeter, code: string): Promise<PromoCodeRecord | undefined> {
  return (await allPromos(meter, 1_000)).find((record) => record.code === code);
}

async function allPromos(meter: FullMeter, limit: number): Promise<PromoCodeRecord[]> {
  const all: PromoCodeRecord[] = [];
  for (let page: Page = { limit }; ; ) {
    const records = await meter.listPromoCodes(page);
    all.push(...records);
    const before = records.at(-1)?.code;
    if (records.length < limit || before === undefined) return all;
    page = { limit, before };
  }
}
