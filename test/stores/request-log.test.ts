import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import type { RequestLog } from '../../src/requests/request-log.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { recordOf } from '../helpers/request-records.js';
import { NOW } from '../helpers/settlements.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;

beforeAll(async () => {
  if (!missing) server = await startPostgres();
});

afterAll(() => server?.stop());

const stores: Readonly<Record<string, () => RequestLog | undefined>> = {
  memory: () => memoryStore().requests,
  sqlite: () => sqliteStore(new Database(':memory:')).requests,
  postgres: () => server && postgresStore(server.pool()).requests,
};

const usable = Object.keys(stores).filter((name) => name !== 'postgres' || !missing);

describe.each(usable)('the request log in %s', (name) => {
  let log: RequestLog;

  beforeAll(() => {
    log = stores[name]?.() as RequestLog;
  });

  const records = [
    recordOf('req_1', { at: NOW + 1, usage: null, cost: 2n ** 60n, tags: { feature: 'a"b' }, message: "it's 100 %" }),
    recordOf('req_2', { at: NOW + 2, status: 429, code: 'rate_limit_exceeded', outcome: null, model: 'big' }),
    recordOf('req_3', { at: NOW + 2, keyId: null, via: 'host' }),
    recordOf('req_4', { at: NOW + 3, accountId: 'user_2', status: 502, code: 'upstream_error' }),
  ];
  const idsOf = async (...query: Parameters<RequestLog['list']>) => (await log.list(...query)).map(({ id }) => id);

  test('takes any name of a model, and finds it by that', async () => {
    const long = Array.from({ length: 3_000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000))).join(
      '',
    );
    const odd = [recordOf('req_long', { at: NOW, model: long }), recordOf('req_nul', { at: NOW, model: 'a\0b' })];
    await log.append(odd);
    for (const record of odd) {
      expect(await log.find(record.id)).toEqual(record);
      expect(await log.list({ model: record.model ?? '' }, { limit: 10 })).toEqual([record]);
    }
    expect(await log.prune(NOW + 1, 10)).toBe(2);
  });

  test('gives back whole what was appended, once per id', async () => {
    await log.append(records);
    await log.append([recordOf('req_1', { status: 500 })]);
    expect(await log.find('req_1')).toEqual(records[0]);
    expect(await log.find('req_9')).toBeUndefined();
    expect(await log.list({}, { limit: 10 })).toEqual([records[3], records[2], records[1], records[0]]);
  });

  test("does not find another account's request", async () => {
    expect(await log.find('req_1', 'user_2')).toBeUndefined();
    expect(await log.find('req_1', 'user_1')).toMatchObject({ id: 'req_1' });
  });

  test.each([
    [{ accountId: 'user_1' }, ['req_3', 'req_2', 'req_1']],
    [{ keyId: 'key_1', accountId: 'user_1' }, ['req_2', 'req_1']],
    [{ model: 'big' }, ['req_2']],
    [{ status: 502 }, ['req_4']],
    [{ status: 'failed' as const }, ['req_4', 'req_2']],
    [{ code: 'rate_limit_exceeded' }, ['req_2']],
    [{ from: NOW + 2, to: NOW + 3 }, ['req_3', 'req_2']],
    [{ accountId: "' OR 1=1 --" }, []],
  ])('lists %o', async (range, ids) => {
    expect(await idsOf(range, { limit: 10 })).toEqual(ids);
  });

  test('counts what was answered with 500 or above, by model, in a span and of an account', async () => {
    expect(await log.countFailures?.({})).toEqual([{ model: records[3]?.model, failed: 1 }]);
    expect(await log.countFailures?.({ from: NOW + 3, to: NOW + 4, accountId: 'user_2' })).toHaveLength(1);
    expect(await log.countFailures?.({ to: NOW + 3 })).toEqual([]);
    expect(await log.countFailures?.({ accountId: 'user_1' })).toEqual([]);
  });

  test('is read page by page, also where two requests share an instant', async () => {
    expect(await idsOf({}, { limit: 2 })).toEqual(['req_4', 'req_3']);
    expect(await idsOf({}, { limit: 2, before: 'req_3' })).toEqual(['req_2', 'req_1']);
    expect(await idsOf({ accountId: 'user_1' }, { limit: 2, before: 'req_3' })).toEqual(['req_2', 'req_1']);
    expect(await idsOf({}, { limit: 2, before: 'req_1' })).toEqual([]);
  });

  test('forgets the oldest first, in steps', async () => {
    expect(await log.prune(NOW + 3, 2)).toBe(2);
    expect(await idsOf({}, { limit: 10 })).toHaveLength(2);
    expect(await log.prune(NOW + 3, 10)).toBe(1);
    expect(await idsOf({}, { limit: 10 })).toEqual(['req_4']);
    expect(await log.prune(NOW + 3, 10)).toBe(0);
  });
});
