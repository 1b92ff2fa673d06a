import Database from 'libsql';
import { expect, test } from 'vitest';
import type { RequestRange } from '../../src/requests/request-log.js';
import type { SqliteDatabase, SqliteValue } from '../../src/stores/sqlite/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { recordOf } from '../helpers/request-records.js';
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

/** What a list is filtered by, and the index that is read in the order of the list. */
const LISTS: readonly (readonly [RequestRange, string])[] = [
  [{}, 'time'],
  [{ from: 1, to: 2 }, 'time'],
  [{ status: 200 }, 'time'],
  [{ accountId: 'user_1' }, 'account'],
  [{ accountId: 'user_1', from: 1 }, 'account'],
  [{ accountId: 'user_1', status: 200 }, 'account'],
  [{ keyId: 'key_1' }, 'key'],
  [{ accountId: 'user_1', keyId: 'key_1', model: 'fast', status: 'failed' }, 'key'],
  [{ model: 'fast', to: 2 }, 'model'],
  [{ accountId: 'user_1', model: 'fast' }, 'account_model'],
  [{ code: 'no_money' }, 'code'],
  [{ accountId: 'user_1', code: 'no_money', model: 'fast', status: 'failed' }, 'account_code'],
  [{ status: 429 }, 'status'],
  [{ accountId: 'user_1', status: 499 }, 'account_status'],
  [{ status: 'failed', model: 'fast' }, 'failed'],
  [{ accountId: 'user_1', status: 'failed' }, 'account_failed'],
];

test.each(LISTS)('a list of requests by %o reads the index for it, in order', async (range, index) => {
  const statements = new Map<string, readonly SqliteValue[]>();
  const database = new Database(':memory:');
  await sqliteStore(database).migrate?.();
  const { requests } = sqliteStore(noting(database, statements));
  await requests.append([recordOf('req_1'), recordOf('req_2')]);
  for (const page of [{ limit: 50 }, { limit: 50, before: 'req_2' }]) {
    statements.clear();
    await requests.list(range, page);
    const [[sql, parameters] = ['', []]] = [...statements].filter(([text]) => text.includes('ORDER BY'));
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    const steps = plan.map(({ detail }) => detail).filter((step) => !/SUBQUERY|autoindex/.test(step));
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatch(new RegExp(`USING INDEX gateway_requests_${index}( |$)`));
  }
  database.close();
});
