import { deepEqual, equal, ok } from 'node:assert/strict';
import type { FullMeter, HoldRequest } from '../meter/meter.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { fundedAccount, holdOf, settlementOf } from './meter-samples.js';
import { atOnce, type SuiteCase, uniqueName } from './suite.js';

/** What must hold when money is set aside. */
export const reserveCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'reserve holds the whole amount when the balance covers it exactly',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      deepEqual(await meter.reserve(holdOf(account, 100n)), { ok: true, held: 100n });
      deepEqual(await meter.balance(account), { balance: 100n, held: 100n });
    },
  },
  {
    name: 'reserve grants what is left when that is at least the minimum',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      await meter.reserve(holdOf(account, 30n));
      deepEqual(await meter.reserve(holdOf(account, 500n, { minimum: 70n })), { ok: true, held: 70n });
      deepEqual(await meter.balance(account), { balance: 100n, held: 100n });
    },
  },
  {
    name: 'reserve refuses one nano-USD too little, says what is available and holds nothing',
    async run(meter) {
      const account = await fundedAccount(meter, 99n);
      const refusal = { ok: false, reason: 'balance', available: 99n } as const;
      deepEqual(await meter.reserve(holdOf(account, 500n, { minimum: 100n })), refusal);
      deepEqual(await meter.balance(account), { balance: 99n, held: 0n });
    },
  },
  {
    name: 'reserve of nothing is granted without money, and of something is refused to an unknown account',
    async run(meter) {
      const account = uniqueName('account');
      deepEqual(await meter.reserve(holdOf(account, 1n)), { ok: false, reason: 'balance', available: 0n });
      deepEqual(await meter.reserve(holdOf(account, 0n)), { ok: true, held: 0n });
    },
  },
  {
    name: 'reserve grants exactly 10 of 200 requests at once on money for 10',
    run: (meter) => grantsExactly(meter, { requests: 200, affordable: 10, cost: 1_000n }),
  },
  {
    name: 'reserve grants exactly 1 of 1,000 requests at once on money for one',
    run: (meter) => grantsExactly(meter, { requests: 1_000, affordable: 1, cost: 1n }),
  },
  {
    name: 'reserve never grants parts beyond the balance at once',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000n);
      const results = await atOnce(100, () => meter.reserve(holdOf(account, 300n, { minimum: 50n })));
      const granted = results.reduce((sum, result) => sum + (result.ok ? result.held : 0n), 0n);
      const { held } = await meter.balance(account);
      equal(held, granted);
      ok(held <= 1_000n && held > 950n, `${held} of 1000 is held, and 50 would have been enough for one more`);
    },
  },
  {
    name: 'reserve grants one of 40 requests at once with the same id',
    async run(meter) {
      const account = await fundedAccount(meter, 10_000n);
      const hold = holdOf(account, 100n);
      const results = await atOnce(40, () => meter.reserve(hold));
      equal(results.filter((result) => result.ok).length, 1);
      ok(results.every((result) => result.ok || result.reason === 'duplicate'));
      deepEqual(await meter.balance(account), { balance: 10_000n, held: 100n });
    },
  },
  {
    name: 'reserve refuses an id that was settled, released or expired before',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000n);
      const [settled, released, expired] = [holdOf(account, 10n), holdOf(account, 10n), holdOf(account, 10n)];
      for (const hold of [settled, released, expired]) await meter.reserve(hold);
      await meter.settle(settlementOf(settled, 10));
      await meter.release(released);
      await meter.expire(expired.expiresAt + 1);
      for (const hold of [settled, released, expired])
        deepEqual(await meter.reserve(hold), { ok: false, reason: 'duplicate' });
      deepEqual(await meter.balance(account), { balance: 990n, held: 0n });
    },
  },
  {
    name: 'reserve of one account leaves the others alone',
    async run(meter) {
      const [rich, poor] = [await fundedAccount(meter, 100n), await fundedAccount(meter, 1n)];
      equal((await meter.reserve(holdOf(poor, 2n))).ok, false);
      equal((await meter.reserve(holdOf(rich, 100n))).ok, true);
      deepEqual(await meter.balance(poor), { balance: 1n, held: 0n });
    },
  },
  {
    name: 'reserve of a metered account needs no money and touches none',
    async run(meter) {
      const account = uniqueName('account');
      deepEqual(await meter.reserve(holdOf(account, 500n, { prepaid: false })), { ok: true, held: 500n });
      deepEqual(await meter.balance(account), { balance: 0n, held: 0n });
    },
  },
  {
    name: 'amounts above 2^53 stay exact to the nano-USD',
    async run(meter) {
      const amount = 9_007_199_254_740_993n * 512n + 1n;
      const account = await fundedAccount(meter, amount);
      deepEqual(await meter.reserve(holdOf(account, amount - 2n)), { ok: true, held: amount - 2n });
      deepEqual(await meter.reserve(holdOf(account, 9n, { minimum: 1n })), { ok: true, held: 2n });
      deepEqual(await meter.balance(account), { balance: amount, held: amount });
    },
  },
];

/** What must hold of a key's budget. */
export const budgetCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'account and budget are held together or not at all',
    async run(meter) {
      const account = await fundedAccount(meter, 2_000n);
      const key = (keyId: string, limit: bigint) => ({ keyId, budget: { window: 'total', limit } });
      const [small, large] = [key(`${account}-a`, 500n), key(`${account}-b`, 1_000_000n)];
      const results = await atOnce(400, (i) => meter.reserve(holdOf(account, 100n, i % 2 ? small : large)));
      const granted = (odd: number) => results.filter((result, i) => result.ok && i % 2 === odd).length;
      equal(granted(0) + granted(1), 20);
      ok(granted(1) <= 5, `${granted(1)} holds of 100 in a budget of 500`);
      deepEqual(await meter.balance(account), { balance: 2_000n, held: 2_000n });
      await assertAccountsBalance(meter, [account], { idle: false });
    },
  },
  {
    name: 'a refusal by the budget leaves the balance alone, and one by the balance the budget',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const budget = { window: '2026-11', limit: 150n };
      const refusal = { ok: false, reason: 'budget', available: 10n, subject: `key:${account}-key` } as const;
      deepEqual(await meter.reserve(holdOf(account, 50n, { budget: { ...budget, limit: 10n } })), refusal);
      deepEqual(await meter.balance(account), { balance: 100n, held: 0n });
      deepEqual(await meter.reserve(holdOf(account, 120n, { budget })), {
        ok: false,
        reason: 'balance',
        available: 100n,
      });
      deepEqual(await meter.reserve(holdOf(account, 150n, { prepaid: false, budget })), { ok: true, held: 150n });
    },
  },
  {
    name: 'a budget grants what is left when that is at least the minimum',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000n);
      const budget = { window: '2026-11-21', limit: 100n };
      await meter.reserve(holdOf(account, 30n, { budget }));
      deepEqual(await meter.reserve(holdOf(account, 500n, { minimum: 1n, budget })), { ok: true, held: 70n });
      deepEqual(await meter.balance(account), { balance: 1_000n, held: 100n });
    },
  },
  {
    name: 'a budget counts what was spent, and releases what was held',
    async run(meter) {
      const account = uniqueName('account');
      const budget = { window: '2026-11-21', limit: 100n };
      const holds = Array.from({ length: 3 }, () => holdOf(account, 30n, { prepaid: false, budget }));
      for (const hold of holds) equal((await meter.reserve(hold)).ok, true);
      const [first, second, third] = holds as [HoldRequest, HoldRequest, HoldRequest];
      await meter.settle(settlementOf(first, 5));
      await meter.release(second);
      await meter.expire(third.expiresAt + 1);
      deepEqual(await meter.reserve(holdOf(account, 96n, { prepaid: false, budget })), {
        ok: false,
        reason: 'budget',
        available: 95n,
        subject: `key:${account}-key`,
      });
      deepEqual(await meter.reserve(holdOf(account, 95n, { prepaid: false, budget })), { ok: true, held: 95n });
    },
  },
  {
    name: 'budget windows are kept apart: per key, per day, per month, in all',
    async run(meter) {
      const account = uniqueName('account');
      const spend = (keyId: string, window: string) =>
        meter.reserve(holdOf(account, 100n, { prepaid: false, keyId, budget: { window, limit: 100n } }));
      const keys = [`${account}-a`, `${account}-b`];
      for (const key of keys)
        for (const window of ['2026-11-21', '2026-11-22', '2026-11', '2026-12', 'total']) {
          equal((await spend(key, window)).ok, true, window);
          equal((await spend(key, window)).ok, false, window);
        }
    },
  },
  {
    name: 'a budget that was lowered below what is spent refuses everything',
    async run(meter) {
      const account = uniqueName('account');
      const hold = holdOf(account, 100n, { prepaid: false, budget: { window: 'total', limit: 100n } });
      await meter.reserve(hold);
      await meter.settle(settlementOf(hold, 100));
      const lowered = { prepaid: false, budget: { window: 'total', limit: 50n } };
      equal((await meter.reserve(holdOf(account, 1n, lowered))).ok, false);
    },
  },
  {
    name: 'the settlement of a request that held nothing counts as spent',
    async run(meter) {
      const account = uniqueName('account');
      const budget = { window: 'total', limit: 100n };
      await meter.settle(settlementOf(holdOf(account, 0n, { prepaid: false, budget }), 60));
      const result = await meter.reserve(holdOf(account, 50n, { prepaid: false, budget }));
      deepEqual(result, { ok: false, reason: 'budget', available: 40n, subject: `key:${account}-key` });
    },
  },
];

async function grantsExactly(
  meter: FullMeter,
  { requests, affordable, cost }: { requests: number; affordable: number; cost: bigint },
): Promise<void> {
  const account = await fundedAccount(meter, cost * BigInt(affordable) + cost / 2n);
  const holds = Array.from({ length: requests }, () => holdOf(account, cost));
  let running = true;
  const sampling = (async () => {
    while (running) {
      const { balance, held } = await meter.balance(account);
      ok(balance - held >= 0n, `balance ${balance}, held ${held}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const results = await atOnce(requests, (i) => meter.reserve(holds[i] as HoldRequest));
  running = false;
  await sampling;
  equal(results.filter((result) => result.ok).length, affordable);
  ok(results.every((result) => result.ok || result.reason === 'balance'));
  equal((await meter.balance(account)).held, cost * BigInt(affordable));

  await atOnce(requests, (i) => (results[i]?.ok ? meter.settle(settlementOf(holds[i] as HoldRequest, 1)) : undefined));
  equal((await meter.balance(account)).balance, cost * BigInt(affordable) + cost / 2n - BigInt(affordable));
  await assertAccountsBalance(meter, [account]);
}
