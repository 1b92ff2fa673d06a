import { describe, expect, test } from 'vitest';
import type { Meter } from '../../src/meter/meter.js';
import { memoryMeter } from '../../src/stores/memory/memory-meter.js';
import { assertAccountsBalance, auditAccount } from '../../src/testing/accounting-oracle.js';
import { fundedAccount, holdOf, settlementOf } from '../../src/testing/meter-samples.js';

async function usedMeter(): Promise<{ meter: Meter; account: string }> {
  const meter = memoryMeter();
  const account = await fundedAccount(meter, 1_000n);
  for (const tokens of [10, 20]) {
    const hold = holdOf(account, 100n, { budget: { window: 'total', limit: 500n } });
    meter.reserve(hold);
    meter.settle(settlementOf(hold, tokens));
  }
  meter.reserve(holdOf(account, 50n, { budget: { window: 'total', limit: 500n } }));
  return { meter, account };
}

describe('the accounting oracle', () => {
  test('finds nothing where the books balance', async () => {
    const { meter, account } = await usedMeter();
    await expect(assertAccountsBalance(meter, [account], { idle: false, prepaid: true })).resolves.toBeUndefined();
  });

  test('misses nothing that is still held though nothing runs', async () => {
    const { meter, account } = await usedMeter();
    await expect(assertAccountsBalance(meter, [account])).rejects.toThrow('50 is held though nothing runs');
  });

  const faults: Record<string, { broken: (meter: Meter) => Partial<Meter>; finds: string }> = {
    'a balance that is not the sum of its entries': {
      broken: () => ({ balance: () => ({ balance: 971n, held: 50n }) }),
      finds: 'the sum of its entries 970',
    },
    'a hold that nobody holds': {
      broken: () => ({ balance: () => ({ balance: 970n, held: 60n }) }),
      finds: 'the balance holds 60, the sum of its open holds is 50',
    },
    'a lost usage event': {
      broken: (meter) => ({ events: async (query, page) => (await meter.events(query, page)).slice(1) }),
      finds: 'has no usage event',
    },
    'a usage event that comes twice': {
      broken: (meter) => ({
        events: async (query, page) => (await meter.events(query, page)).flatMap((event) => [event, event]),
      }),
      finds: 'comes twice',
    },
    'a cost that does not follow from its usage': {
      broken: (meter) => ({
        events: async (query, page) =>
          (await meter.events(query, page)).map((event) => ({ ...event, cost: event.cost + 1n })),
      }),
      finds: 'costs 11, not 10',
    },
    'a charge without an event': {
      broken: (meter) => ({
        history: async (account, page) =>
          (await meter.history(account, page)).map((entry) => ({ ...entry, reference: 'nobody' })),
      }),
      finds: 'request nobody from balance  was charged',
    },
    'a prepaid event that was never charged': {
      broken: (meter) => ({
        history: async (account, page) =>
          (await meter.history(account, page)).filter((entry) => entry.kind !== 'usage'),
      }),
      finds: '20 is charged and has no entry',
    },
    'totals that are not the sum of the events': {
      broken: (meter) => ({
        usage: async (query) =>
          (await meter.usage(query)).map((row) => ({ ...row, outputTokens: row.outputTokens + 1 })),
      }),
      finds: 'outputTokens',
    },
    'a budget that holds more than its holds': {
      broken: (meter) => ({
        audit: async (account) => {
          const audit = await meter.audit?.(account);
          if (!audit) throw new Error('no audit');
          return { ...audit, budgets: audit.budgets.map((budget) => ({ ...budget, held: budget.held + 1n })) };
        },
      }),
      finds: 'holds 51, the sum of its open holds is 50',
    },
  };

  test.each(Object.entries(faults))('finds %s', async (_name, { broken, finds }) => {
    const { meter, account } = await usedMeter();
    const problems = await auditAccount({ ...meter, ...broken(meter) }, account, { idle: false, prepaid: true });
    expect(problems.join('\n')).toContain(finds);
  });
});
