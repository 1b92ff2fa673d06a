import { deepEqual, equal } from 'node:assert/strict';
import type { FullMeter } from '../meter/meter.js';
import { allowance, grant, HOUR } from './meter-funding.js';
import { fundedAccount, holdOf, SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { atOnce, type SuiteCase, uniqueName } from './suite.js';

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
