import { deepEqual, equal, ok } from 'node:assert/strict';
import type { FullMeter, HoldRequest } from '../meter/meter.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { fundedAccount, holdOf, SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { atOnce, type SuiteCase } from './suite.js';

/** What must hold when a request ends. */
export const settleCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'settle gives the whole hold back and takes the cost',
    async run(meter) {
      const { account, hold } = await held(meter, 1_000n, 400n);
      deepEqual(await meter.settle(settlementOf(hold, 150)), { recorded: true });
      deepEqual(await meter.balance(account), { balance: 850n, held: 0n });
      const [entry] = await meter.history(account, { limit: 1 });
      deepEqual(
        { kind: entry?.kind, amount: entry?.amount, reference: entry?.reference },
        { kind: 'usage', amount: -150n, reference: hold.id },
      );
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'settle charges once when it is called 40 times at once',
    async run(meter) {
      const { account, hold } = await held(meter, 1_000n, 400n);
      const results = await atOnce(40, () => meter.settle(settlementOf(hold, 150)));
      equal(results.filter((result) => result.recorded).length, 1);
      deepEqual(await meter.balance(account), { balance: 850n, held: 0n });
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'settle releases every budget that was held, and charges those that it names',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000n);
      const of = (subject: string) => ({ subject, window: 'total', limit: 500n });
      const [kept, ended, begun] = [of('account'), of('endUser:ann'), of('endUser:bob')];
      const hold = holdOf(account, 40n, { budgets: [kept, ended] });
      equal((await meter.reserve(hold)).ok, true);
      await meter.settle(settlementOf(hold, 15, { budgets: [kept, begun] }));
      // Asked for too much, a budget says what it has left: not every meter has `budget`.
      for (const [budget, available] of [
        [kept, 485n],
        [ended, 500n],
        [begun, 485n],
      ] as const) {
        const { subject } = budget;
        const refused = await meter.reserve(holdOf(account, 501n, { budgets: [budget] }));
        deepEqual(refused, { ok: false, reason: 'budget', available, subject });
      }
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'settle of nothing leaves no ledger entry, but an event',
    async run(meter) {
      const { account, hold } = await held(meter, 100n, 50n);
      await meter.settle(settlementOf(hold, 0, { outcome: 'error' }));
      deepEqual(await meter.balance(account), { balance: 100n, held: 0n });
      equal((await meter.history(account, { limit: 10 })).length, 1);
      equal((await meter.events({ accountId: account }, { limit: 10 })).length, 1);
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'settle charges an overrun in full, even below zero, and keeps its flag',
    async run(meter) {
      const { account, hold } = await held(meter, 100n, 100n);
      await meter.settle(settlementOf(hold, 130, { flags: ['overrun'] }));
      deepEqual(await meter.balance(account), { balance: -30n, held: 0n });
      deepEqual((await meter.events({ accountId: account }, { limit: 1 }))[0]?.flags, ['overrun']);
      equal((await meter.reserve(holdOf(account, 1n))).ok, false);
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'settle records and charges a request that held nothing, once',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const unheld = settlementOf(holdOf(account, 0n), 40);
      deepEqual(await meter.settle(unheld), { recorded: true });
      deepEqual(await meter.settle(unheld), { recorded: false });
      deepEqual(await meter.balance(account), { balance: 60n, held: 0n });
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'settle after the lease ran out still charges, once',
    async run(meter) {
      const { account, hold } = await held(meter, 100n, 50n);
      ok((await meter.expire(hold.expiresAt + 1)) >= 1);
      deepEqual(await meter.balance(account), { balance: 100n, held: 0n });
      deepEqual(await meter.settle(settlementOf(hold, 40)), { recorded: true });
      deepEqual(await meter.settle(settlementOf(hold, 40)), { recorded: false });
      deepEqual(await meter.balance(account), { balance: 60n, held: 0n });
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'settle after release records and charges nothing',
    async run(meter) {
      const { account, hold } = await held(meter, 100n, 50n);
      await meter.release(hold);
      deepEqual(await meter.settle(settlementOf(hold, 40)), { recorded: false });
      deepEqual(await meter.balance(account), { balance: 100n, held: 0n });
      deepEqual(await meter.events({ accountId: account }, { limit: 1 }), []);
    },
  },
  {
    name: 'of settle and release at once exactly one wins',
    async run(meter) {
      for (let round = 0; round < 20; round++) {
        const { account, hold } = await held(meter, 100n, 50n);
        const settle = async () => (await meter.settle(settlementOf(hold, 40))).recorded;
        const release = async () => meter.release(hold);
        const [recorded] = await (round % 2
          ? Promise.all([settle(), release()])
          : Promise.all([release(), settle()]).then(([, done]) => [done]));
        deepEqual(await meter.balance(account), { balance: recorded ? 60n : 100n, held: 0n });
        await assertAccountsBalance(meter, [account]);
      }
    },
  },
  {
    name: 'settle of a metered request records the cost and leaves the balance alone',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const hold = holdOf(account, 80n, { prepaid: false });
      await meter.reserve(hold);
      await meter.settle(settlementOf(hold, 70));
      deepEqual(await meter.balance(account), { balance: 100n, held: 0n });
      const [total] = await meter.usage({ accountId: account, groupBy: [] });
      equal(total?.cost, 70n);
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'release gives a hold back once, and passes over what it does not know',
    async run(meter) {
      const { account, hold } = await held(meter, 100n, 50n);
      await meter.release(holdOf(account, 0n));
      await atOnce(10, () => meter.release(hold));
      deepEqual(await meter.balance(account), { balance: 100n, held: 0n });
    },
  },
  {
    name: 'release after settle or expiry changes nothing',
    async run(meter) {
      const { account, hold } = await held(meter, 100n, 50n);
      const late = holdOf(account, 20n, { expiresAt: SAMPLE_TIME + 1 });
      await meter.reserve(late);
      await meter.expire(late.expiresAt + 1);
      await meter.release(late);
      await meter.settle(settlementOf(hold, 40));
      await meter.release(hold);
      deepEqual(await meter.balance(account), { balance: 60n, held: 0n });
      deepEqual(await meter.settle(settlementOf(late, 10)), { recorded: true });
    },
  },
  {
    name: 'expire releases the holds whose lease ended before now, and only those',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      for (const end of [1, 2, 3])
        await meter.reserve(holdOf(account, 10n, { expiresAt: SAMPLE_TIME - 86_400_000 + end }));
      await meter.expire(SAMPLE_TIME - 86_400_000 + 2);
      deepEqual(await meter.balance(account), { balance: 100n, held: 20n });
      await atOnce(5, () => meter.expire(SAMPLE_TIME - 86_400_000 + 4));
      deepEqual(await meter.balance(account), { balance: 100n, held: 0n });
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'extend moves the lease end of open holds and passes over other ids',
    async run(meter) {
      const { account, hold } = await held(meter, 100n, 50n);
      const done = holdOf(account, 10n);
      await meter.reserve(done);
      await meter.settle(settlementOf(done, 5));
      await meter.extend([hold, done, holdOf(account, 0n)], hold.expiresAt + 1_000);
      await meter.extend([], hold.expiresAt);
      await meter.expire(hold.expiresAt + 500);
      deepEqual(await meter.balance(account), { balance: 95n, held: 50n });
      await meter.expire(hold.expiresAt + 1_001);
      deepEqual(await meter.balance(account), { balance: 95n, held: 0n });
    },
  },
  {
    name: 'settle and expire at once charge once and give the hold back once',
    async run(meter) {
      const account = await fundedAccount(meter, 10_000n);
      const holds = Array.from({ length: 50 }, () => holdOf(account, 100n));
      for (const hold of holds) await meter.reserve(hold);
      await Promise.all([
        atOnce(50, (i) => meter.settle(settlementOf(holds[i] as HoldRequest, 7))),
        atOnce(5, () => meter.expire(SAMPLE_TIME + 60_001)),
      ]);
      deepEqual(await meter.balance(account), { balance: 10_000n - 350n, held: 0n });
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'many accounts at once keep exact sums',
    async run(meter) {
      const accounts = await atOnce(20, () => fundedAccount(meter, 1_000_000n));
      await atOnce(400, async (i) => {
        const hold = holdOf(accounts[i % 20] as string, 5_000n);
        equal((await meter.reserve(hold)).ok, true);
        await meter.settle(settlementOf(hold, i));
      });
      for (const [index, account] of accounts.entries()) {
        const spent = Array.from({ length: 20 }, (_, round) => BigInt(round * 20 + index)).reduce((a, b) => a + b);
        deepEqual(await meter.balance(account), { balance: 1_000_000n - spent, held: 0n });
      }
      await assertAccountsBalance(meter, accounts);
    },
  },
];

async function held(
  meter: FullMeter,
  balance: bigint,
  amount: bigint,
): Promise<{ account: string; hold: HoldRequest }> {
  const account = await fundedAccount(meter, balance);
  const hold = holdOf(account, amount);
  deepEqual(await meter.reserve(hold), { ok: true, held: amount });
  return { account, hold };
}
