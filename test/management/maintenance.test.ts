import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createGateway, type Gateway, openai, type Store } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { recordOf } from '../helpers/request-records.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21, 12);
const missing = postgresMissing();
let server: PostgresServer | undefined;

beforeAll(async () => {
  if (!missing) server = await startPostgres();
});

afterAll(() => server?.stop());

const stores: Readonly<Record<string, () => Store>> = {
  sqlite: () => sqliteStore(new Database(':memory:')),
  ...(!missing && { postgres: () => postgresStore((server as PostgresServer).pool()) }),
};

describe.each(Object.keys(stores))('a gateway on %s', (name) => {
  let store: Store;
  let gateway: Gateway;

  beforeAll(async () => {
    store = stores[name]?.() as Store;
    gateway = createGateway({
      providers: { openai: openai({ apiKey: 'sk-test' }) },
      models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
      plans: { pro: { models: '*', billing: 'prepaid' } },
      store,
      requestLog: {},
      now: () => NOW,
    });
    for (const accountId of ['user_1', 'user_2']) {
      await gateway.keys.create({ accountId, name: 'the laptop of Ada' });
      await gateway.credits.topUp({ accountId, amount: '1', idempotencyKey: 'a', note: 'invoice of Ada' });
      for (let day = 0; day < 10; day++) {
        const id = `${accountId}_${day}`;
        await store.meter.settle(settlementOf(id, { accountId, at: NOW - day * DAY, endUser: 'ada@example.com' }));
        await store.requests?.append([recordOf(id, { accountId, at: NOW - day * DAY })]);
      }
    }
  });

  test('prunes events, requests and ended holds, and keeps every sum and the ledger', async () => {
    await store.meter.reserve(holdOf('ended', { accountId: 'user_2', expiresAt: NOW - 3 * DAY }));
    await store.meter.release({ id: 'ended', accountId: 'user_2' });
    const query = { accountId: 'user_1', groupBy: ['day'] as const };
    const [sums, entries] = [await gateway.usage.query(query), await gateway.credits.history('user_1')];
    expect(await gateway.maintenance.prune({ eventsBefore: NOW - 5 * DAY, requestsBefore: NOW - 2 * DAY })).toEqual({
      events: 2 * 4,
      requests: 2 * 7,
      sessions: 0,
      holds: 1,
    });
    expect(await gateway.usage.query(query)).toEqual(sums);
    expect(sums).toHaveLength(10);
    expect(await gateway.credits.history('user_1')).toEqual(entries);
    expect(await gateway.usage.events({ accountId: 'user_1' })).toHaveLength(6);
    expect(await gateway.requests.list({ accountId: 'user_1' })).toHaveLength(3);
    expect(await gateway.maintenance.prune({ eventsBefore: NOW - 5 * DAY })).toEqual({
      events: 0,
      requests: 0,
      sessions: 0,
      holds: 0,
    });
  });

  test('does not prune events that keep a late settlement from being charged twice', async () => {
    await expect(gateway.maintenance.prune({ eventsBefore: NOW })).rejects.toMatchObject({ param: 'eventsBefore' });
    await expect(gateway.maintenance.prune({ events: 1 } as never)).rejects.toMatchObject({ param: 'events' });
  });

  test('exports everything of one account, and nothing of another', async () => {
    const lines: Record<string, unknown>[] = [];
    for await (const line of gateway.accounts.export('user_1')) lines.push(JSON.parse(line));
    const count = (type: string) => lines.filter((line) => line['type'] === type).length;
    expect(['account', 'key', 'movement', 'event', 'request'].map(count)).toEqual([1, 1, 11, 6, 3]);
    expect(lines.every((line) => (line['accountId'] ?? line['id']) === 'user_1')).toBe(true);
    expect(JSON.stringify(lines)).not.toContain('hash');
  });

  test('erases an account: names go, sums and ledger stay under a pseudonym', async () => {
    const all = await gateway.usage.query({});
    await store.meter.reserve(holdOf('running', { accountId: 'user_1', expiresAt: NOW + DAY }));
    await expect(gateway.accounts.erase('user_1')).rejects.toMatchObject({ code: 'conflict' });
    expect(await gateway.keys.list('user_1')).toHaveLength(1);
    await store.meter.release({ id: 'running', accountId: 'user_1' });
    const { pseudonym } = await gateway.accounts.erase('user_1');
    await expect(gateway.accounts.get('user_1')).rejects.toMatchObject({ code: 'not_found' });
    expect(await gateway.keys.list('user_1')).toEqual([]);
    expect(await gateway.requests.list({ accountId: 'user_1' })).toEqual([]);
    expect(await gateway.credits.history('user_1')).toEqual([]);
    expect(await gateway.usage.query({})).toEqual(all);
    expect(await gateway.credits.history(pseudonym)).toHaveLength(11);
    const kept: string[] = [];
    for await (const line of gateway.accounts.export(pseudonym)) kept.push(line);
    for (const word of ['Ada', 'ada@', 'user_1"']) expect(kept.join('\n')).not.toContain(word);
    expect(await gateway.keys.list('user_2')).toHaveLength(1);
  });
});

test('of an erased account a file of SQLite has no bytes left after the VACUUM that the docs name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'erased-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const database = new Database(join(folder, 'gateway.db'));
  const store = sqliteStore(database);
  const gateway = createGateway({
    providers: { openai: openai({ apiKey: 'sk-test' }) },
    models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
    plans: { pro: { models: '*', billing: 'prepaid' } },
    store,
    requestLog: {},
  });
  await gateway.accounts.create({ id: 'user_forgotten' });
  await gateway.accounts.setProfile('user_forgotten', { displayName: 'Ada Forgotten', email: 'forgotten@example.com' });
  await gateway.credits.topUp({
    accountId: 'user_forgotten',
    amount: '1',
    idempotencyKey: 'a',
    note: 'forgotten note',
  });
  await gateway.keys.create({ accountId: 'user_forgotten', name: 'forgotten laptop' });
  const whose = { accountId: 'user_forgotten', endUser: 'forgotten end user', tags: { team: 'forgotten team' } };
  for (let i = 0; i < 50; i++) {
    await store.meter.settle(settlementOf(`req_${i}`, whose));
    await store.requests.append([recordOf(`req_${i}`, whose)]);
  }
  const bytes = () => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'));
  expect(bytes().some((text) => text.includes('forgotten'))).toBe(true);
  await gateway.accounts.erase('user_forgotten');
  const left = () => bytes().flatMap((text) => text.match(/[ -~]{0,20}forgotten[ -~]{0,40}/gi) ?? []);
  expect(left().filter((text) => text.includes('@'))).toEqual([]);
  database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  expect(left()).toEqual([]);
  expect(await gateway.usage.query({})).toMatchObject([{ requests: 50 }]);
  await gateway.close();
  await store.close?.();
  database.close();
});
