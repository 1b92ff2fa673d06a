import { expect, test } from 'vitest';
import { memoryMeter, memoryStore } from '../../../src/index.js';
import type { LedgerEntry } from '../../../src/meter/ledger.js';
import { holdOf, settlementOf } from '../../helpers/settlements.js';

const HOUR = 3_600_000;
const KEPT = 1_000;
const ALL = 10_000;
const accountOf = (i: number) => (i % 3 === 0 ? 'user_2' : 'user_1');

/** A meter that keeps the last thousand of ten thousand requests, and one that keeps all of them. */
function meters() {
  const [small, whole] = [memoryMeter({ maxEvents: KEPT }), memoryMeter()];
  for (const meter of [small, whole]) {
    for (let i = 0; i < ALL; i++) {
      const accountId = accountOf(i);
      if (i % 4_000 < 2) {
        const topUp = { kind: 'top_up', amount: 10n ** 12n, idempotencyKey: `${i}`, now: i } as const;
        meter.credit({ accountId: i % 2 === 0 ? 'user_1' : 'user_2', ...topUp });
      }
      meter.reserve(holdOf(`req_${i}`, { accountId }));
      meter.settle(settlementOf(`req_${i}`, { accountId, cost: BigInt(i + 1), at: i * 20_000 }));
    }
  }
  return { small, whole };
}

test('what is forgotten stays in the sums, exactly', () => {
  const { small, whole } = meters();
  for (const groupBy of [['account'], ['key', 'model', 'hour'], ['account', 'day'], []] as const)
    expect(small.usage({ groupBy })).toEqual(whole.usage({ groupBy }));
  const query = { accountId: 'user_1', from: 5 * HOUR, to: 9 * HOUR, groupBy: ['hour'] as const };
  expect(small.usage(query)).toEqual(whole.usage(query));
});

test('the newest events are kept, in order and findable; older ones are gone', () => {
  const { small } = meters();
  const events = small.events({}, { limit: ALL });
  expect(events.length).toBeGreaterThanOrEqual(KEPT);
  expect(events.length).toBeLessThan(KEPT + 1_025);
  expect(events[0]?.id).toBe(`req_${ALL - 1}`);
  expect(small.events({ accountId: 'user_2' }, { limit: ALL }).every(({ accountId }) => accountId === 'user_2')).toBe(
    true,
  );
  expect(small.events({}, { limit: 2, before: `req_${ALL - 1}` }).map(({ id }) => id)).toEqual([
    `req_${ALL - 2}`,
    `req_${ALL - 3}`,
  ]);
  expect(small.events({ id: 'req_5' }, { limit: 1 })).toEqual([]);
});

test('the books stay exact: a run of forgotten charges is one entry that says how many it was', () => {
  const { small, whole } = meters();
  for (const accountId of ['user_1', 'user_2']) {
    expect(small.balance(accountId)).toEqual(whole.balance(accountId));
    const history: LedgerEntry[] = small.history(accountId, { limit: ALL }).toReversed();
    expect(history.length).toBeLessThan(2_100);
    let balance = 0n;
    for (const entry of history) {
      balance += entry.amount;
      expect(entry.balanceAfter).toBe(balance);
    }
    expect(balance).toBe(small.balance(accountId).balance);
    expect(history.filter(({ kind }) => kind !== 'usage')).toEqual(
      whole.history(accountId, { limit: ALL, usage: false }).toReversed(),
    );
    expect(history.find(({ note }) => note !== undefined)?.note).toMatch(/^\d+ requests$/);
  }
});

test('a forgotten request is neither charged again nor refunded', () => {
  const { small } = meters();
  expect(small.settle(settlementOf('req_5', { accountId: accountOf(5) }))).toEqual({ recorded: false });
  expect(small.reserve(holdOf('req_5', { accountId: accountOf(5) }))).toEqual({ ok: false, reason: 'duplicate' });
  expect(small.refund({ requestId: 'req_5', now: 1 })).toEqual({ ok: false, reason: 'unknown' });
  expect(small.refund({ requestId: `req_${ALL - 1}`, now: 1 })).toMatchObject({ ok: true });
  expect(small.audit('user_1').settled.length).toBeLessThan(KEPT + 1_025);
});

test('a bound that is none is refused', () => {
  expect(() => memoryStore({ maxEvents: 0 })).toThrow(/maxEvents must be a positive integer/);
  expect(() => memoryStore({ maxEvent: 5 } as object)).toThrow(/maxEvent is not an option/);
});
