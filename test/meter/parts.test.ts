import { expect, test, vi } from 'vitest';
import { createGateway, memoryStore, openai } from '../../src/index.js';
import type { Grants, Holds, Ledger, Meter, Notices, PromoCodeLedger, UsageLog } from '../../src/meter/meter.js';

/** Every member of each part: the compiler refuses one that is missing here, and one that is not in the part. */
const PARTS: {
  Holds: Record<keyof Holds, true>;
  Ledger: Record<keyof Ledger, true>;
  UsageLog: Record<keyof UsageLog, true>;
  Grants: Record<keyof Grants, true>;
  PromoCodeLedger: Record<keyof PromoCodeLedger, true>;
  Notices: Record<keyof Notices, true>;
} = {
  Holds: { reserve: true, settle: true, release: true, extend: true, expire: true },
  Ledger: { balance: true, credit: true, history: true },
  UsageLog: { usage: true, events: true, usageOfAll: true },
  Grants: { grant: true, refund: true, funds: true, fundsOfAll: true, budget: true, budgetsOf: true },
  PromoCodeLedger: { createPromoCode: true, listPromoCodes: true, disablePromoCode: true, redeem: true },
  Notices: { addNotice: true, takeNotices: true, endNotice: true, retryNotice: true },
};

test.each(Object.entries(PARTS))('the part %s of a meter has at most seven methods', (_name, methods) => {
  expect(Object.keys(methods).length).toBeLessThanOrEqual(7);
});

test('a meter is its parts, of which three are needed, and three members of its own', () => {
  type Own = Exclude<keyof Meter, keyof (Holds & Ledger & UsageLog & Grants & PromoCodeLedger & Notices)>;
  const own: Record<Own, true> = { audit: true, clock: true, close: true };
  expect(Object.keys(own)).toHaveLength(3);
});

test('a part can be taken alone: the rest of another meter goes on beside it', async () => {
  const store = memoryStore();
  const warehouse: UsageLog = { usage: () => [], events: vi.fn(() => []) };
  const gateway = createGateway({
    providers: { openai: openai({ apiKey: 'sk-upstream' }) },
    models: { small: { provider: 'openai', price: { input: 1, output: 1 } } },
    plans: { app: { models: '*', billing: 'prepaid' } },
    store,
    meter: { ...store.meter, ...warehouse },
  });
  await gateway.credits.topUp({ accountId: 'ann', amount: '5', idempotencyKey: 'card' });
  expect(await gateway.accounts.get('ann')).toMatchObject({ balance: '5' });
  expect(await gateway.usage.events({ accountId: 'ann' })).toEqual([]);
  expect(warehouse.events).toHaveBeenCalledOnce();
  await gateway.close();
});
