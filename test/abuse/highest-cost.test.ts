import Database from 'libsql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { type AbuseSite, abuseSite } from './abuse-site.js';

const missing = postgresMissing();
let postgres: PostgresServer | undefined;
let site: AbuseSite;

beforeAll(async () => {
  if (!missing) postgres = await startPostgres();
});
afterAll(() => postgres?.stop());
afterEach(() => site.close());

const STORES = {
  memory: () => memoryStore(),
  SQLite: () => sqliteStore(new Database(':memory:')),
  PostgreSQL: () => postgresStore((postgres as PostgresServer).pool()),
};
const CHAT = { model: 'slip', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };

/** A slip of the decimal point in a price, and in a multiplier: what 20 million tokens cost by them is beyond 64 bits. */
const PRICE = { input: 1_000_000, output: 1_000_000 };

describe.each(Object.keys(STORES) as (keyof typeof STORES)[])(
  'a report that costs more than 64 bits hold, with %s',
  (name) => {
    const skipped = name === 'PostgreSQL' && missing !== undefined;

    test.skipIf(skipped)('is charged as a million dollars, and flagged', async () => {
      const store = STORES[name]();
      site = await abuseSite(
        { usage: { input: 20_000_000, output: 20_000_000 } },
        {
          store,
          models: { slip: { provider: 'openai', model: 'gpt-4o', price: PRICE } },
          plans: { metered: { models: '*', priceMultiplier: 1_000 } },
          defaultPlan: 'metered',
        },
      );
      const attacker = await site.attacker('0', { plan: 'metered' });
      for (let asked = 0; asked < 3; asked += 1)
        expect((await attacker.post('chat/completions', CHAT)).status).toBe(200);
      const events = await site.gateway.usage.events({ accountId: attacker.id });
      expect(events).toHaveLength(3);
      for (const event of events)
        expect(event).toMatchObject({ cost: '1000000', flags: ['overrun', 'usage_suspect'], outcome: 'completed' });
      expect(await attacker.charged()).toBe(3_000_000);
      await assertAccountsBalance(store.meter, [attacker.id]);
    });

    test.skipIf(skipped)('is refused on a balance, as every account has less', async () => {
      site = await abuseSite(
        { usage: { input: 20_000_000, output: 20_000_000 } },
        {
          store: STORES[name](),
          models: { slip: { provider: 'openai', model: 'gpt-4o', price: PRICE } },
          plans: { prepaid: { models: '*', billing: 'prepaid', priceMultiplier: 1_000 } },
        },
      );
      const attacker = await site.attacker('999999');
      const { status, text } = await attacker.post('chat/completions', { ...CHAT, max_tokens: 20_000_000 });
      expect({ status, code: JSON.parse(text).error.code }).toEqual({ status: 403, code: 'insufficient_balance' });
      expect(site.upstream.requests).toHaveLength(0);
    });
  },
);
