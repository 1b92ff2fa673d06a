import fc from 'fast-check';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryMeter } from '../../src/index.js';
import { largestGroups } from '../../src/meter/largest-groups.js';
import type { Meter, Settlement, UsageDimension, UsageQuery } from '../../src/meter/meter.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { REQUEST_INDICES } from '../../src/stores/request-rows.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { usageParts } from '../../src/stores/usage-parts.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { settlementOf } from '../helpers/settlements.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 20);
const missing = postgresMissing();
let server: PostgresServer | undefined;
let database: InstanceType<typeof Database>;
let meters: readonly (readonly [string, Meter])[];

const instant = fc.integer({ min: START, max: START + 4 * DAY });
/** Whole hours and days are where mistakes would be. */
const bound = fc.oneof(
  instant,
  instant.map((at) => at - (at % HOUR)),
  instant.map((at) => at - (at % DAY)),
);

const events: fc.Arbitrary<Settlement> = fc
  .record({
    at: bound,
    accountId: fc.constantFrom('user_1', 'user_2'),
    keyId: fc.constantFrom('key_1', 'key_2', null),
    model: fc.constantFrom('fast', 'big'),
    via: fc.constantFrom('key', 'session', 'app'),
    endUser: fc.constantFrom(undefined, 'a', 'b'),
    session: fc.constantFrom(undefined, undefined, 'run_1', 'run_2'),
    tags: fc.constantFrom(undefined, { feature: 'summary' }, { feature: "o'brien", team: 'é' }, { team: '' }),
    cost: fc.bigInt({ min: 0n, max: 2n ** 40n }),
    providerCost: fc.constantFrom(undefined, 0n, 7n),
    units: fc.constantFrom(undefined, { web_search: 2 }, { image: 1, input_second: 1.5 }),
    inputTokens: fc.nat(1_000),
  })
  .map(({ units, inputTokens, endUser, session, tags, providerCost, ...event }) => {
    const plain = settlementOf(crypto.randomUUID(), event as Partial<Settlement>);
    return {
      ...plain,
      usage: { ...plain.usage, inputTokens, ...(units && { units }) },
      ...(endUser !== undefined && { endUser }),
      ...(session !== undefined && { session }),
      ...(tags !== undefined && { tags }),
      ...(providerCost !== undefined && { providerCost }),
    };
  });

const dimensions: readonly UsageDimension[] = [
  ...(['account', 'model', 'key', 'day', 'hour', 'via'] as const),
  ...(['endUser', 'session', 'tag:feature', 'tag:team', 'tag:nobody'] as const),
];
const queries: fc.Arbitrary<UsageQuery> = fc
  .record({
    groupBy: fc.uniqueArray(fc.constantFrom(...dimensions), { maxLength: 3 }),
    accountId: fc.constantFrom(undefined, 'user_1', 'nobody'),
    keyId: fc.constantFrom(undefined, 'key_1'),
    model: fc.constantFrom(undefined, 'big'),
    from: fc.option(bound, { nil: undefined }),
    to: fc.option(bound, { nil: undefined }),
  })
  .map((query) => JSON.parse(JSON.stringify(query)));

beforeAll(async () => {
  if (!missing) server = await startPostgres();
  database = new Database(':memory:');
  meters = [
    ['memory', memoryMeter()],
    ['sqlite', sqliteStore(database).meter],
    ...(server ? [['postgres', postgresStore(server.pool()).meter] as const] : []),
  ];
  const settlements = fc.sample(events, { numRuns: 400, seed: 7 });
  for (const [, meter] of meters) for (const settlement of settlements) await meter.settle(settlement);
});

afterAll(() => server?.stop());

describe('kept sums', () => {
  test('are exact against the events, over any range and grouping', async () => {
    const [, byEvents] = meters[0] ?? [];
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const wanted = await byEvents?.usage(query);
        for (const [, meter] of meters.slice(1)) expect(await meter.usage(query)).toEqual(wanted);
      }),
      { numRuns: 150 },
    );
  });

  test('give the largest groups first, and say how many there are', async () => {
    const query = { groupBy: ['model', 'via'] as const, from: START + HOUR };
    for (const [name, meter] of meters) {
      const all = await meter.usage(query);
      for (const top of [1, 3, 1_000]) {
        expect(await meter.usage({ ...query, top }), name).toEqual(largestGroups(all, { ...query, top }));
      }
    }
    for (const groupBy of [['account'], ['day'], ['key']] as const) {
      const [expected, ...others] = await Promise.all(meters.map(([, meter]) => meter.usage({ groupBy, top: 2 })));
      expect(expected?.map(({ groups }) => groups)).toEqual([
        groupBy[0] === 'account' ? 2 : expect.any(Number),
        expect.any(Number),
      ]);
      for (const other of others) expect(other).toEqual(expected);
    }
  });

  test('are made of the events that a database has when it is migrated', async () => {
    const groupings = [
      ['account', 'key', 'model', 'via', 'hour'],
      ['endUser', 'day'],
      ['tag:feature', 'key'],
    ] as const;
    const all = (meter: Meter | undefined) => Promise.all(groupings.map((groupBy) => meter?.usage({ groupBy })));
    const before = await all(meters[1]?.[1]);
    for (const table of ['dimensions', 'dimension_units', 'units']) database.exec(`DROP TABLE gateway_usage_${table}`);
    for (const table of ['gateway_usage', 'gateway_items', 'gateway_changes']) database.exec(`DROP TABLE ${table}`);
    for (const index of Object.keys(REQUEST_INDICES)) database.exec(`DROP INDEX ${index}`);
    // As it was before the step with the sums; those after it are undone, too.
    database.exec(`
      CREATE TABLE old_events AS SELECT e.*, model, provider, upstream_model, via, source, outcome, flags, price_id
        FROM gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id;
      DROP TABLE gateway_events;
      DROP TABLE gateway_event_kinds;
      ALTER TABLE old_events RENAME TO gateway_events;
      CREATE INDEX gateway_events_account ON gateway_events (account_id, at, seq);
      DROP INDEX gateway_keys_sessions;
      ALTER TABLE gateway_keys DROP COLUMN details;
      ALTER TABLE gateway_keys DROP COLUMN is_session;
      ALTER TABLE gateway_accounts DROP COLUMN suspension;
      ALTER TABLE gateway_accounts DROP COLUMN profile;
      ALTER TABLE gateway_grants RENAME COLUMN announced TO told;
      DROP VIEW gateway_all_allowances;
      DROP VIEW gateway_all_budgets;
      ALTER TABLE gateway_balances DROP COLUMN counts;
      DELETE FROM gateway_migrations WHERE version > 3;
    `);
    const again = sqliteStore(database).meter;
    expect(await all(again)).toEqual(before);
  });
});

describe('the parts of a range', () => {
  /** How often the parts count an instant. */
  const countsOf = (parts: ReturnType<typeof usageParts>, at: number) =>
    parts
      .filter(({ from, to }) => at >= (from ?? -Infinity) && at < (to ?? Infinity))
      .reduce((count, { subtracted }) => count + (subtracted ? -1 : 1), 0);

  test('cover it once, whole hours and days from sums, and read at most half an hour of events and half a day of hours at each end', () => {
    fc.assert(
      fc.property(bound, bound, instant, instant, (a, b, at, now) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const parts = usageParts({ groupBy: ['day'], from, to }, now);
        const edges = parts.flatMap((part) => [part.from ?? 0, (part.to ?? 0) - 1]);
        for (const one of [at, from - 1, from, to - 1, to, ...edges])
          expect(countsOf(parts, one)).toBe(one >= from && one < to ? 1 : 0);
        for (const part of parts) {
          const unit = part.source.endsWith('day') ? DAY : part.source === 'event' ? 1 : HOUR;
          expect([part.from, part.to].map((edge) => (edge ?? 0) % unit)).toEqual([0, 0]);
          const isRead = part.source === 'event' && parts.length > 1;
          // What is after `now` is empty.
          if (isRead) expect(Math.min(part.to ?? 0, now) - (part.from ?? 0)).toBeLessThanOrEqual(HOUR / 2);
          const besideDays = part.source === 'all_hour' && to - from > DAY;
          if (besideDays) expect(Math.min(part.to ?? 0, now) - (part.from ?? 0)).toBeLessThanOrEqual(DAY / 2 + HOUR);
        }
      }),
    );
  });

  test('that ends now read no event of the running hour: all of it counts', () => {
    const now = START + 2 * DAY + 50 * 60_000;
    expect(usageParts({ groupBy: ['hour'], from: START, to: now }, now)).toEqual([
      { source: 'all_hour', from: START, to: START + 2 * DAY + HOUR },
      { source: 'event', from: now, to: START + 2 * DAY + HOUR, subtracted: true },
    ]);
  });

  test('of days in another time zone are days, and the few hours that the cut takes off', () => {
    const [from, to] = [START - 30 * DAY + 2 * HOUR, START + 2 * HOUR];
    expect(usageParts({ groupBy: ['model'], from, to }, START + 9 * DAY)).toEqual([
      { source: 'all_hour', from: START - 30 * DAY, to: from, subtracted: true },
      { source: 'all_day', from: START - 30 * DAY, to: START },
      { source: 'all_hour', from: START, to },
    ]);
  });

  test('of an open range are days', () => {
    const parts = (groupBy: UsageQuery['groupBy']) => usageParts({ groupBy }, START);
    expect(parts([])).toEqual([{ source: 'all_day', from: undefined, to: undefined }]);
    expect(parts(['hour'])).toEqual([{ source: 'all_hour', from: undefined, to: undefined }]);
    expect(parts(['session'])).toEqual([{ source: 'all_day', from: undefined, to: undefined }]);
    expect(parts(['session', 'endUser'])).toEqual([{ source: 'event', from: undefined, to: undefined }]);
  });
});
