import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryMeter } from '../../../src/index.js';
import type { Settlement } from '../../../src/meter/meter.js';
import { usageEvent } from '../../../src/meter/usage-event.js';
import { EventTable } from '../../../src/stores/memory/event-table.js';
import { holdOf, settlementOf } from '../../helpers/settlements.js';

const MANY = 2_500;
const MAX = 2n ** 63n - 1n;

const settlement: fc.Arbitrary<Settlement> = fc
  .record({
    id: fc.uuid(),
    keyId: fc.constantFrom('key_1', 'key_2'),
    outcome: fc.constantFrom('completed', 'aborted'),
    at: fc.integer({ min: 0, max: 4e12 }),
    cost: fc.bigInt({ min: 0n, max: MAX }),
    inputTokens: fc.maxSafeNat(),
    source: fc.constantFrom('provider', 'estimated'),
  })
  .map(({ inputTokens, source, ...change }) => {
    const plain = settlementOf(change.id);
    return { ...plain, ...change, usage: { ...plain.usage, inputTokens, source } } as Settlement;
  });

test('gives events back as they were, whatever they have in common', () => {
  fc.assert(
    fc.property(fc.array(settlement, { maxLength: 50 }), fc.boolean(), (settlements, alike) => {
      const table = new EventTable();
      settlements.forEach((one, i) => {
        expect(table.add(one, alike && i > 0 ? i - 1 : undefined)).toBe(i);
      });
      expect(settlements.map((_, i) => table.event(i))).toEqual(settlements.map(usageEvent));
    }),
  );
});

test('history and events stay in order over many pages of many charges, top-ups in between', () => {
  const meter = memoryMeter();
  for (let i = 0; i < MANY; i++) {
    if (i % 1_000 === 0) {
      meter.credit({ accountId: 'user_1', kind: 'top_up', amount: 10n ** 12n, idempotencyKey: `${i}`, now: i });
    }
    meter.reserve(holdOf(`req_${i}`));
    meter.settle(settlementOf(`req_${i}`, { cost: BigInt(i + 1), at: i }));
  }
  const history = [];
  for (let before: string | undefined; ; ) {
    const page = meter.history('user_1', { limit: 999, ...(before !== undefined && { before }) });
    if (page.length === 0) break;
    history.push(...page);
    before = page.at(-1)?.id;
  }
  expect(history).toHaveLength(MANY + 3);
  let balance = 0n;
  for (const entry of history.toReversed()) {
    balance += entry.amount;
    expect(entry.balanceAfter).toBe(balance);
  }
  expect(meter.balance('user_1').balance).toBe(balance);
  expect(history[0]).toMatchObject({
    kind: 'usage',
    reference: `req_${MANY - 1}`,
    amount: BigInt(-MANY),
    at: MANY - 1,
  });
  const [newest] = meter.events({ accountId: 'user_1' }, { limit: 1 });
  const charged = [{ source: 'balance', amount: BigInt(MANY) }] as const;
  expect(newest).toEqual(usageEvent(settlementOf(`req_${MANY - 1}`, { cost: BigInt(MANY), at: MANY - 1, charged })));
  expect(meter.events({ accountId: 'user_1' }, { limit: 1, before: 'req_1500' })[0]?.id).toBe('req_1499');
});

test('refuses money that does not fit in 64 bits, as every store does', () => {
  const meter = memoryMeter();
  const top = (idempotencyKey: string) =>
    meter.credit({ accountId: 'user_1', kind: 'top_up', amount: MAX, idempotencyKey, now: 0 });
  expect(top('one')).toMatchObject({ ok: true });
  expect(top('two')).toMatchObject({ ok: false, reason: 'too_large' });
  expect(meter.balance('user_1').balance).toBe(MAX);
  expect(() => meter.settle(settlementOf('req_1', { cost: MAX + 1n }))).toThrow(RangeError);
  expect(meter.balance('user_1').balance).toBe(MAX);
});
