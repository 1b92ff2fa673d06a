import Database from 'libsql';
import { expect, test } from 'vitest';
import type { SqliteDatabase, SqliteValue } from '../../src/stores/sqlite/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';

/** A database that notes its statements, with the parameters they had last. */
function noting(database: Database.Database, statements: Map<string, readonly SqliteValue[]>): SqliteDatabase {
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      const noted =
        <T>(call: (...parameters: SqliteValue[]) => T) =>
        (...parameters: SqliteValue[]): T => {
          statements.set(sql, parameters);
          return call(...parameters);
        };
      return {
        run: noted((...parameters) => statement.run(...parameters)),
        get: noted((...parameters) => statement.get(...parameters)),
        all: noted((...parameters) => statement.all(...parameters) as unknown[]),
      };
    },
  };
}

test('no step of a request reads more rows the more events its account has', async () => {
  const statements = new Map<string, readonly SqliteValue[]>();
  const database = new Database(':memory:');
  await sqliteStore(database).migrate?.();
  const { meter } = sqliteStore(noting(database, statements));
  const accountId = 'user_1';
  const now = Date.UTC(2026, 10, 29);
  await meter.credit({ accountId, kind: 'top_up', amount: 10n ** 9n, idempotencyKey: 'card', now });
  await meter.grant({ accountId, amount: 1_000n, idempotencyKey: 'trial', now });
  const terms = {
    prepaid: true,
    allowances: [{ id: 'month', limit: 5_000n, startsAt: now, endsAt: now + 86_400_000 }],
    budgets: [{ subject: 'endUser:ann', window: '2026-11', limit: 10n ** 9n }],
  };
  expect(await meter.reserve(holdOf('req_1', terms))).toMatchObject({ ok: true });
  expect(await meter.settle(settlementOf('req_1', terms))).toEqual({ recorded: true });
  await meter.reserve(holdOf('req_2', terms));
  await meter.release({ accountId, id: 'req_2' });
  expect(await meter.refund({ accountId, requestId: 'req_1', now })).toMatchObject({ ok: true });
  expect(await meter.events({ accountId, id: 'req_1' }, { limit: 1 })).toHaveLength(1);

  const steps = [...statements].flatMap(([sql, parameters]) =>
    (database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[]).map(
      ({ detail }) => detail,
    ),
  );
  expect(steps.filter((step) => /gateway_events_(account|time)|SCAN gateway_/.test(step))).toEqual([]);
  expect(steps.filter((step) => step.includes('gateway_events_id')).length).toBeGreaterThanOrEqual(3);
});
