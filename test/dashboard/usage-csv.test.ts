import { expect, test } from 'vitest';
import { usageCsv } from '../../src/dashboard/api/usage-csv.js';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { settlementOf } from '../helpers/settlements.js';

const DAY = 86_400_000;
const START = Date.UTC(2025, 10, 21);

test('a year of usage is read day by day, as its reader takes it', async () => {
  const store = memoryStore();
  const gateway = sampleGateway(store);
  for (let day = 0; day < 365; day++) {
    for (const key of ['key_1', 'key_2']) {
      const at = START + day * DAY + 3_600_000;
      await store.meter.settle(settlementOf(`${day}-${key}`, { accountId: 'alice', keyId: key, at }));
    }
  }
  const asked: number[] = [];
  const usage: typeof gateway.usage = {
    ...gateway.usage,
    query(query) {
      if (query.groupBy?.includes('key')) asked.push(Number(query.to) - Number(query.from));
      return gateway.usage.query(query);
    },
  };
  const range = { from: new Date(START + 1_000), to: new Date(START + 365 * DAY), accountId: 'alice' };
  const parts: string[] = [];
  for await (const part of await usageCsv(usage, range, new Map([['key_1', 'laptop']]))) {
    parts.push(part);
    // Nothing is read ahead.
    expect(asked).toHaveLength(parts.length);
  }
  expect(Math.max(...asked)).toBeLessThanOrEqual(DAY);
  const lines = parts.join('').split('\r\n');
  expect(lines).toHaveLength(1 + 365 * 2 + 1);
  expect(lines.slice(1, 3)).toEqual([
    '2025-11-21,gpt-4o-mini,laptop,1,10,0,20,0,30,0.00005',
    '2025-11-21,gpt-4o-mini,key_2,1,10,0,20,0,30,0.00005',
  ]);
  expect(lines.at(-2)).toBe('2026-11-20,gpt-4o-mini,key_2,1,10,0,20,0,30,0.00005');
});
