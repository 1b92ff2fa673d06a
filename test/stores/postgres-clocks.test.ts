import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openai } from '../../src/index.js';
import type { FullMeter, HoldId } from '../../src/meter/meter.js';
import { Leases } from '../../src/pipeline/upkeep/leases.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { assertAccountsBalance, fakeUpstream } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';
import { testGateway } from '../helpers/test-gateway.js';
import { testLogger } from '../helpers/test-logger.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(() => server?.stop());
beforeEach((context) => {
  if (missing) context.skip(missing);
});

const HOUR = 3_600_000;

/** A process with a clock of its own, on the one database. */
function processOf(ahead: number, database?: string) {
  const { meter } = postgresStore(server?.pool(2, database) as never);
  const open: HoldId[] = [];
  const now = () => Date.now() + ahead;
  const leases = new Leases(meter, () => open, now, testLogger);
  return {
    meter,
    leases,
    open,
    async hold(accountId: string) {
      const expiresAt = await leases.begin(now());
      const hold = holdOf('request', { accountId, now: now(), expiresAt });
      expect(await meter.reserve(hold)).toMatchObject({ ok: true });
      open.push({ accountId, id: hold.id });
      return hold;
    },
    async sweep() {
      await leases.beat();
      leases.stop();
    },
  };
}

const openHolds = async (meter: FullMeter, accountId: string) =>
  (await meter.audit(accountId)).openHolds.map(({ id }) => id);

describe('processes whose clocks differ by hours, on one database', () => {
  test.each([
    ['ahead', 'behind', HOUR, -HOUR],
    ['behind', 'ahead', -HOUR, HOUR],
    ['right', 'ahead', 0, 24 * HOUR],
  ])('the hold of one that is %s is not ended by one that is %s', async (_, __, mine, other) => {
    const accountId = `account_${mine}_${other}`;
    const [owner, sweeper] = [processOf(mine), processOf(other)];
    await owner.meter.credit({
      accountId,
      kind: 'top_up',
      amount: 10n ** 9n,
      idempotencyKey: 'first',
      now: Date.now(),
    });
    const hold = await owner.hold(accountId);
    for (let beat = 0; beat < 3; beat++) {
      await sweeper.sweep();
      expect(await openHolds(sweeper.meter, accountId)).toEqual([hold.id]);
      await owner.sweep();
    }
    // A dead process's hold lapses for everybody by the database's clock.
    await owner.meter.extend(owner.open, Date.now() - 1_000);
    await sweeper.sweep();
    expect(await openHolds(owner.meter, accountId)).toEqual([]);
  });
});

const DAY = 24 * HOUR;
const MINUTE = 60_000;

/** A database whose clock can be set: what statements and functions call `now()` and `clock_timestamp()` is ahead of the machine's. */
async function settableClock(name: string) {
  if (!server) throw new Error(missing);
  await server.pool(1).query(`CREATE DATABASE ${name}`);
  const pool = server.pool(1, name);
  const shown = (called: string) => `CREATE FUNCTION clock.${called}() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.${called}() + ms * interval ''1 millisecond'' FROM clock.ahead'`;
  await pool.query(`CREATE SCHEMA clock; CREATE TABLE clock.ahead AS SELECT 0::bigint AS ms;
    ${shown('now')}; ${shown('clock_timestamp')};
    ALTER DATABASE ${name} SET search_path = public, clock, pg_catalog`);
  return (ms: number) => pool.query('UPDATE clock.ahead SET ms = $1', [ms]);
}

/** A gateway on a database, whose account has an allowance, a key that ends within the hour, and one that was revoked. */
async function gatewayOn(database: string) {
  const store = postgresStore(server?.pool(4, database) as never);
  const upstream = await fakeUpstream();
  const site = await testGateway(
    {
      providers: { openai: openai(upstream.openai) },
      models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
      plans: { pro: { models: '*', billing: 'prepaid', allowance: [{ amount: '1', per: '5h' }] } },
      store,
    },
    { balance: '100' },
  );
  onTestFinished(async () => {
    await site.close();
    await upstream.close();
  });
  const { keys } = site.gateway;
  const ending = await keys.create({ accountId: 'user_1', name: 'ending', expiresAt: new Date(Date.now() + HOUR) });
  const revoked = await keys.create({ accountId: 'user_1', name: 'revoked' });
  await keys.revoke(revoked.record.id, { accountId: 'user_1' });
  const body = { model: 'fast', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 10 };
  const ask = async (key: string) =>
    (await site.post('v1/chat/completions', body, { authorization: `Bearer ${key}` })).status;
  return { store, gateway: site.gateway, ask: async () => [await ask(ending.key), await ask(revoked.key)] };
}

describe.each([
  ['forward', DAY],
  ['back', -DAY],
])('the clock of PostgreSQL is set %s by a day', (way, jump) => {
  test('holds of running requests go on, those of a dead process end', async () => {
    const database = `holds_${way}`;
    const set = await settableClock(database);
    const [owner, sweeper] = [processOf(0, database), processOf(0, database)];
    const top = { accountId: 'user_1', kind: 'top_up', amount: 10n ** 9n, idempotencyKey: 'first' } as const;
    await owner.meter.credit({ ...top, now: Date.now() });
    const hold = await owner.hold('user_1');
    await sweeper.sweep();
    await set(jump);
    expect(Math.abs(Number(await owner.meter.clock?.()) - Date.now() - jump)).toBeLessThan(MINUTE);
    await sweeper.sweep();
    expect(await openHolds(sweeper.meter, 'user_1')).toEqual([hold.id]);
    await owner.sweep();
    await sweeper.sweep();
    expect(await openHolds(sweeper.meter, 'user_1')).toEqual([hold.id]);
    // The owner is dead: its lease is over once the clock is three minutes on, which looks like a jump the first time.
    await set(jump + 3 * MINUTE);
    await sweeper.sweep();
    await sweeper.sweep();
    expect(await openHolds(sweeper.meter, 'user_1')).toEqual([]);
    expect(await owner.meter.balance('user_1')).toEqual({ balance: 10n ** 9n, held: 0n });
    expect(await owner.meter.settle(settlementOf(hold.id))).toEqual({ recorded: true });
    await assertAccountsBalance(owner.meter, ['user_1'], { prepaid: true });
  });

  test('keys, revocations, allowances, charges and pruning go by the clock of the processes', async () => {
    const database = `keys_${way}`;
    const set = await settableClock(database);
    const { store, gateway, ask } = await gatewayOn(database);
    expect(await ask()).toEqual([200, 401]);
    const before = await gateway.accounts.get('user_1');
    await set(jump);
    const later = await gatewayOn(database);
    for (const each of [{ ask }, later]) expect(await each.ask()).toEqual([200, 401]);
    const after = await gateway.accounts.get('user_1');
    expect(after?.allowances?.map(({ resetsAt }) => resetsAt)).toEqual(
      before?.allowances?.map(({ resetsAt }) => resetsAt),
    );
    await gateway.maintenance.prune({ eventsBefore: Date.now() - DAY, requestsBefore: Date.now() - DAY });
    expect(await gateway.usage.events({ accountId: 'user_1' })).toHaveLength(3);
    await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
  });
});
