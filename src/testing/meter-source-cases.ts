import { deepEqual, equal } from 'node:assert/strict';
import type { BudgetWindow, FullMeter, HoldRequest } from '../meter/meter.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { allowance, chargesOf, grant, HOUR, spend } from './meter-funding.js';
import { fundedAccount, holdOf, SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { atOnce, type SuiteCase } from './suite.js';

/** What must hold of allowances, grants, the balance below them, and budgets beside them. */
export const sourceCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'a request is drawn on its allowances, then on grants, soonest expiry first, then on the balance',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const later = await grant(meter, account, 20n);
      const sooner = await grant(meter, account, 10n, SAMPLE_TIME + HOUR);
      const allowances = [allowance('month', 30n), allowance('5h', 15n)];
      const hold = holdOf(account, 60n, { allowances });
      deepEqual(await meter.reserve(hold), { ok: true, held: 60n });
      deepEqual(await meter.balance(account), { balance: 100n, held: 15n });
      const funds = await meter.funds(account, SAMPLE_TIME);
      deepEqual(
        funds.grants.map(({ id, left }) => [id, left]),
        [
          [sooner, 0n],
          [later, 0n],
        ],
      );
      deepEqual(
        funds.allowances.map(({ id, used, held }) => ({ id, used, held })).sort((a, b) => a.id.localeCompare(b.id)),
        [
          { id: '5h', used: 0n, held: 15n },
          { id: 'month', used: 0n, held: 15n },
        ],
      );
      await assertAccountsBalance(meter, [account], { idle: false });
      await meter.settle(settlementOf(hold, 50));
      const [event] = await meter.events({ accountId: account }, { limit: 1 });
      deepEqual(
        event?.charged?.map(({ source, id, amount }) => [source, id, amount]),
        [
          ['allowance', undefined, 15n],
          ['grant', sooner, 10n],
          ['grant', later, 20n],
          ['balance', undefined, 5n],
        ],
      );
      deepEqual(await meter.balance(account), { balance: 95n, held: 0n });
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'what a hold did not need goes back to where it came from',
    async run(meter) {
      const account = await fundedAccount(meter, 10n);
      await grant(meter, account, 10n);
      const allowances = [allowance('day', 10n)];
      const [spent, released, expired] = [0, 1, 2].map(() => holdOf(account, 30n, { allowances })) as [
        HoldRequest,
        HoldRequest,
        HoldRequest,
      ];
      await spend(meter, spent, 4);
      await meter.reserve({ ...released, amount: 26n, minimum: 26n });
      await meter.release(released);
      await meter.reserve({ ...expired, amount: 26n, minimum: 26n });
      await meter.expire(expired.expiresAt + 1);
      const { grants, allowances: windows, ...balance } = await meter.funds(account, SAMPLE_TIME);
      deepEqual(balance, { balance: 10n, held: 0n });
      deepEqual([grants[0]?.left, windows[0]?.used, windows[0]?.held], [10n, 4n, 0n]);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'an allowance that refuses overflow says when there is room again, and lets nothing else be drawn on',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000n);
      await grant(meter, account, 1_000n);
      const [small, large] = [allowance('5h', 10n), allowance('week', 100n, SAMPLE_TIME, 168)];
      const terms = { allowances: [small, large], overflow: 'refuse' } as const;
      deepEqual(await meter.reserve(holdOf(account, 11n, terms)), {
        ok: false,
        reason: 'allowance',
        available: 10n,
        resetsAt: small.endsAt,
      });
      deepEqual(await meter.reserve(holdOf(account, 50n, { ...terms, minimum: 1n })), { ok: true, held: 10n });
      deepEqual(await meter.balance(account), { balance: 1_000n, held: 0n });
      const none = { ok: false, reason: 'allowance', available: 0n };
      deepEqual(await meter.reserve(holdOf(account, 1n, { allowances: [], overflow: 'refuse' })), none);
    },
  },
  {
    name: 'a window begins with the first request after the last one ended, and a running request ends in its own',
    async run(meter) {
      const account = await fundedAccount(meter, 0n);
      const hour = 5 * HOUR;
      const at = (now: number) => ({ now, expiresAt: now + 60_000, allowances: [allowance('5h', 10n, now)] });
      await spend(meter, holdOf(account, 6n, at(SAMPLE_TIME)), 6);
      const late = SAMPLE_TIME + hour - 1;
      const running = holdOf(account, 4n, at(late));
      equal((await meter.reserve(running)).ok, true);
      equal((await meter.reserve(holdOf(account, 1n, at(late)))).ok, false);
      const next = SAMPLE_TIME + hour;
      await spend(meter, holdOf(account, 10n, at(next)), 3);
      await meter.settle(settlementOf(running, 4, { at: next + 1 }));
      const { allowances } = await meter.funds(account, next);
      deepEqual(
        allowances.map(({ startsAt, endsAt, used }) => [startsAt, endsAt, used]),
        [[next, next + hour, 3n]],
      );
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'what was used counts on when the limit of a window changes',
    async run(meter) {
      const account = await fundedAccount(meter, 0n);
      await spend(meter, holdOf(account, 8n, { allowances: [allowance('month', 10n)] }), 8);
      const larger = { allowances: [allowance('month', 20n, SAMPLE_TIME + HOUR)] };
      deepEqual(await meter.reserve(holdOf(account, 99n, { ...larger, minimum: 1n })), { ok: true, held: 12n });
      const { allowances } = await meter.funds(account, SAMPLE_TIME + HOUR);
      deepEqual(allowances[0]?.startsAt, SAMPLE_TIME);
    },
  },
  {
    name: 'a metered account draws on its allowance first and is refused nothing',
    async run(meter) {
      const account = await fundedAccount(meter, 50n);
      await grant(meter, account, 50n);
      const hold = holdOf(account, 30n, { prepaid: false, allowances: [allowance('month', 10n)] });
      await spend(meter, hold, 25);
      deepEqual(await chargesOf(meter, hold), ['allowance 10']);
      const { grants, ...rest } = await meter.funds(account, SAMPLE_TIME);
      deepEqual([rest.balance, grants[0]?.left], [50n, 50n]);
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'more than was held is taken from the sources as they stand, and the last of it from the balance',
    async run(meter) {
      const account = await fundedAccount(meter, 5n);
      await grant(meter, account, 10n);
      const allowances = [allowance('month', 10n)];
      const hold = holdOf(account, 4n, { allowances });
      await spend(meter, hold, 40);
      deepEqual(await chargesOf(meter, hold), ['allowance 10', 'grant 10', 'balance 20']);
      deepEqual(await meter.balance(account), { balance: -15n, held: 0n });
      const late = holdOf(account, 0n, { allowances });
      await meter.settle(settlementOf(late, 3));
      deepEqual(await chargesOf(meter, late), ['balance 3']);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'postpaid lets the balance go down to its limit and no further',
    async run(meter) {
      const account = await fundedAccount(meter, 10n);
      const terms = { creditLimit: 20n };
      deepEqual(await meter.reserve(holdOf(account, 31n, terms)), { ok: false, reason: 'balance', available: 30n });
      await spend(meter, holdOf(account, 30n, terms), 30);
      deepEqual(await meter.balance(account), { balance: -20n, held: 0n });
      equal((await meter.reserve(holdOf(account, 1n, terms))).ok, false);
    },
  },
  {
    name: '200 requests at once on room for 10 over allowance, grant and balance are granted exactly 10 times',
    async run(meter) {
      const account = await fundedAccount(meter, 30n);
      await grant(meter, account, 30n);
      const allowances = [allowance('month', 40n), allowance('5h', 45n)];
      const holds = Array.from({ length: 200 }, () => holdOf(account, 10n, { allowances }));
      const results = await Promise.all(holds.map((hold) => meter.reserve(hold)));
      equal(results.filter((result) => result.ok).length, 10);
      await assertAccountsBalance(meter, [account], { idle: false });
      await Promise.all(holds.filter((_, i) => results[i]?.ok).map((hold) => meter.settle(settlementOf(hold, 10))));
      deepEqual(await meter.balance(account), { balance: 0n, held: 0n });
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'all budgets of a request are held with the money, or nothing is, and the one that is too small is named',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000n);
      const window = '2026-11';
      const budgets: BudgetWindow[] = [
        { subject: 'account', window, limit: 500n },
        { subject: 'endUser:ann', window: '2026-11-21', limit: 30n },
        { subject: 'tag:feature:summary', window: 'total', limit: 100n },
      ];
      await spend(meter, holdOf(account, 20n, { budgets }), 15);
      deepEqual(await meter.reserve(holdOf(account, 16n, { budgets })), {
        ok: false,
        reason: 'budget',
        available: 15n,
        subject: 'endUser:ann',
      });
      deepEqual(await meter.balance(account), { balance: 985n, held: 0n });
      deepEqual(await meter.budget(account, 'account', window), { spent: 15n, held: 0n });
      deepEqual(await meter.budget(account, 'endUser:bob', window), { spent: 0n, held: 0n });
      const results = await atOnce(50, () => meter.reserve(holdOf(account, 5n, { budgets })));
      equal(results.filter((result) => result.ok).length, 3);
      await assertAccountsBalance(meter, [account], { idle: false });
    },
  },
];
