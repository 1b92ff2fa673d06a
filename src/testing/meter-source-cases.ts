import { deepEqual, equal, ok } from 'node:assert/strict';
import type { AllowanceWindow, BudgetWindow, FullMeter, HoldRequest } from '../meter/meter.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { fundedAccount, holdOf, SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { atOnce, type SuiteCase, uniqueName } from './suite.js';

const HOUR = 3_600_000;

/** A window of an allowance that begins when the samples happen. */
function allowance(id: string, limit: bigint, startsAt = SAMPLE_TIME, hours = 5): AllowanceWindow {
  return { id, limit, startsAt, endsAt: startsAt + hours * HOUR };
}

/** Gives a fresh account a grant; returns the grant's id. */
async function grant(meter: FullMeter, accountId: string, amount: bigint, expiresAt?: number): Promise<string> {
  const result = await meter.grant({
    accountId,
    amount,
    idempotencyKey: uniqueName('grant'),
    now: SAMPLE_TIME,
    ...(expiresAt !== undefined && { expiresAt }),
  });
  ok(result.ok);
  return result.entry.sourceId ?? '';
}

async function spend(meter: FullMeter, hold: HoldRequest, tokens: number): Promise<void> {
  equal((await meter.reserve(hold)).ok, true);
  deepEqual(await meter.settle(settlementOf(hold, tokens)), { recorded: true });
}

async function chargesOf(meter: FullMeter, { accountId, id }: HoldRequest) {
  const [event] = await meter.events({ accountId, id }, { limit: 1 });
  return event?.charged?.map(({ source, amount }) => `${source} ${amount}`);
}

/** What must hold of allowances, grants, the balance below them, and their way back. */
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

/** What must hold of notices. */
export const noticeCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'each crossing of a threshold becomes one notice, and another after it was crossed back',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const budgets = [{ subject: 'account', window: 'total', limit: 100n }];
      const allowances = [allowance('month', 20n)];
      const thresholds = { balance: [50n, 10n], budget: [800_000], allowance: [500_000, 1_000_000] };
      const pay = async (tokens: number) => {
        const hold = holdOf(account, BigInt(tokens), { budgets, allowances });
        equal((await meter.reserve(hold)).ok, true);
        await meter.settle(settlementOf(hold, tokens, { thresholds }));
        await meter.settle(settlementOf(hold, tokens, { thresholds }));
        return (await noticesOf(meter, account)).map(({ type, data }) => `${type} ${data['threshold']}`);
      };
      deepEqual(await pay(9), []);
      deepEqual(await pay(1), ['allowance.reached 0.5']);
      deepEqual(await pay(40), ['allowance.reached 1']);
      deepEqual(await pay(20), ['balance.low 0.00000005']);
      deepEqual(await pay(15), ['budget.reached 0.8']);
      const topUp = {
        accountId: account,
        kind: 'top_up',
        amount: 30n,
        idempotencyKey: 'more',
        now: SAMPLE_TIME,
      } as const;
      await meter.credit(topUp);
      deepEqual(await pay(15), ['balance.low 0.00000005']);
    },
  },
  {
    name: 'the first refusal for want of money since the last credit becomes a notice',
    async run(meter) {
      const account = await fundedAccount(meter, 5n);
      const ask = () => meter.reserve(holdOf(account, 6n, { notifyEmpty: true }));
      await atOnce(20, ask);
      deepEqual(
        (await noticesOf(meter, account)).map(({ type }) => type),
        ['balance.empty'],
      );
      await meter.grant({ accountId: account, amount: 1n, idempotencyKey: 'g', now: SAMPLE_TIME, notify: true });
      deepEqual(
        (await noticesOf(meter, account)).map(({ type }) => type),
        ['credit.added'],
      );
      equal((await ask()).ok, true);
      await ask();
      deepEqual(
        (await noticesOf(meter, account)).map(({ type }) => type),
        ['balance.empty'],
      );
    },
  },
  {
    name: 'a grant that expires soon becomes a notice once',
    async run(meter) {
      const account = uniqueName('account');
      await grant(meter, account, 7n, SAMPLE_TIME + 10 * HOUR);
      const options = { grantsExpiringMs: 3 * HOUR };
      await meter.expire(SAMPLE_TIME, options);
      deepEqual(await noticesOf(meter, account), []);
      await meter.expire(SAMPLE_TIME + 8 * HOUR, options);
      await meter.expire(SAMPLE_TIME + 9 * HOUR, options);
      const [notice, ...others] = await noticesOf(meter, account);
      deepEqual([notice?.type, notice?.data['left'], others], ['grant.expiring', '0.000000007', []]);
    },
  },
  {
    name: 'a notice is taken by one at a time, comes again when it was not ended, and not when it was',
    async run(meter) {
      const account = uniqueName('account');
      const notice = { accountId: account, id: 'evt_1', type: 'key.created', at: 1, data: { keyId: 'key_1' } } as const;
      await meter.addNotice(notice);
      await meter.addNotice({ ...notice, data: {} });
      const taken = await atOnce(5, () => take(meter, account, 1_000, 2_000));
      deepEqual(taken.flat(), [{ ...notice, attempts: 1 }]);
      deepEqual(await take(meter, account, 1_999, 3_000), []);
      deepEqual(await take(meter, account, 2_000, 3_000), [{ ...notice, attempts: 2 }]);
      await meter.retryNotice(notice, 2_500);
      deepEqual(await take(meter, account, 2_500, 4_000), [{ ...notice, attempts: 3 }]);
      await meter.endNotice(notice);
      deepEqual(await take(meter, account, 9_000, 10_000), []);
    },
  },
];

/** Takes what is due and is this account's; another's stays away for a while. */
async function take(meter: FullMeter, account: string, now: number, dueAgainAt: number) {
  const taken = await meter.takeNotices(now, dueAgainAt, 1_000);
  return taken.filter(({ accountId }) => accountId === account);
}

async function noticesOf(meter: FullMeter, account: string) {
  const taken = await take(meter, account, SAMPLE_TIME + 1_000 * HOUR, SAMPLE_TIME + 2_000 * HOUR);
  for (const notice of taken) await meter.endNotice(notice);
  return taken;
}
