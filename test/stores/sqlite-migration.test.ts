import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, expect, test } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { STEPS } from '../../src/stores/sqlite/schema.js';
import { REQUEST_TABLE } from '../../src/stores/sqlite/sqlite-request-log.js';
import { TABLES } from '../../src/stores/sqlite/tables.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { expectGrantsKept, grantsOfOlderSchema } from '../helpers/migrated-grants.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-migration-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rates = (output: number) =>
  `{"input":"1000000","cachedInput":"500000","cacheWrite":"1000000","cacheWrite1h":"1000000","output":"${output}000000","reasoning":"${output}000000","multiplier":"1000000"}`;
const OWN_ID = 'req_019abcdef0123456789abcdef0fedcba';
const LEASE = 99_999_999_999_999;

/**
 * A file as the package before allowances, grants and budgets left it, with something in every table; and then as each later
 * version left that file.
 */
function fileOfVersion(version: number): string {
  const path = join(folder, `gateway-${version}.db`);
  const database = new Database(path);
  const event = (id: string, account: string, at: number, output: number, cost: number, flags: string) =>
    `('${id}', '${account}', 'key_${account}', ${at}, 'm', 'openai', 'm-1', 10, 0, 0, 0, 20, 0, 'provider', '${rates(output)}', ${cost}, 'completed', '${flags}')`;
  database.exec(`${TABLES} ${REQUEST_TABLE}
    CREATE TABLE gateway_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
    INSERT INTO gateway_migrations VALUES (1, 1), (2, 1);
    INSERT INTO gateway_accounts VALUES ('user_1', NULL, 3), ('user_2', 'metered', 4);
    INSERT INTO gateway_keys (id, hash, account_id, name, hint, created_at, budget)
      VALUES ('key_user_1', 'aa', 'user_1', 'laptop', 'napi-1…', 5, '{"amount":"500000","period":"month"}');
    INSERT INTO gateway_balances VALUES ('user_1', 884000, 210000);
    INSERT INTO gateway_budgets VALUES ('key_user_1', '2026-11', 'user_1', 120000, 210000);
    INSERT INTO gateway_holds VALUES
      ('open', 'user_1', 'key_user_1', 1, 210000, '2026-11', ${LEASE}, 'open'),
      ('counted', 'user_2', 'key_user_2', 0, 210000, NULL, ${LEASE}, 'open'),
      ('released', 'user_1', 'key_user_1', 1, 0, '2026-11', 9, 'released'),
      ('expired', 'user_1', 'key_user_1', 1, 0, NULL, 9, 'expired');
    INSERT INTO gateway_entries (account_id, kind, amount, balance_after, at, reference, note) VALUES
      ('user_1', 'top_up', 1000000, 1000000, 5, 'card', 'first'),
      ('user_1', 'promo', 5000, 1005000, 6, 'WELCOME', NULL),
      ('user_1', 'usage', -50000, 955000, 7, 'req_1', NULL),
      ('user_1', 'usage', -70000, 885000, 8, 'req_2', NULL),
      ('user_1', 'adjustment', -1000, 884000, 9, 'fee', NULL);
    INSERT INTO gateway_promo_codes (code, amount, max_redemptions, created_at, redemptions)
      VALUES ('WELCOME', 5000, 2, 1, 1);
    INSERT INTO gateway_events (id, account_id, key_id, at, model, provider, upstream_model, input_tokens,
        cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, source, price,
        cost, outcome, flags) VALUES
      ${event('req_1', 'user_1', 7, 2, 50_000, 'overrun')}, ${event('req_2', 'user_1', 8, 3, 70_000, '')},
      ${event('req_3', 'user_2', 9, 2, 50_000, '')}, ${event(OWN_ID, 'user_2', 10, 2, 50_000, '')};`);
  for (const [i, step] of STEPS.entries())
    if (i >= 2 && i < version) database.exec(`${step}; INSERT INTO gateway_migrations VALUES (${i + 1}, 1);`);
  database.close();
  return path;
}

const FROM_VERSION_2 = STEPS.map((_, i) => i + 1).slice(1);

test.each(FROM_VERSION_2)(
  'a file that version %i left keeps every balance, entry, event, hold, budget and code',
  async (version) => {
    const database = new Database(fileOfVersion(version));
    const { meter, keyStore, migrate } = sqliteStore(database);
    await migrate?.();
    expect(await meter.balance('user_1')).toEqual({ balance: 884_000n, held: 210_000n });
    expect(await meter.balance('user_2')).toEqual({ balance: 0n, held: 0n });
    expect(await meter.budget('user_1', 'key:key_user_1', '2026-11')).toEqual({ spent: 120_000n, held: 210_000n });
    const history = await meter.history('user_1', { limit: 10 });
    expect(history.map(({ kind, source, amount, note }) => [kind, source, amount, note])).toEqual([
      ['adjustment', 'balance', -1_000n, undefined],
      ['usage', 'balance', -70_000n, undefined],
      ['usage', 'balance', -50_000n, undefined],
      ['promo', 'balance', 5_000n, undefined],
      ['top_up', 'balance', 1_000_000n, 'first'],
    ]);
    const events = await meter.events({}, { limit: 10 });
    expect(events.map(({ id, cost, flags, price, charged }) => [id, cost, flags, price.output, charged])).toEqual([
      [OWN_ID, 50_000n, [], 2_000_000n, undefined],
      ['req_3', 50_000n, [], 2_000_000n, undefined],
      ['req_2', 70_000n, [], 3_000_000n, [{ source: 'balance', amount: 70_000n }]],
      ['req_1', 50_000n, ['overrun'], 2_000_000n, [{ source: 'balance', amount: 50_000n }]],
    ]);
    expect(await meter.usage({ accountId: 'user_1', groupBy: [] })).toMatchObject([{ requests: 2, cost: 120_000n }]);
    expect(await meter.listPromoCodes({ limit: 5 })).toMatchObject([{ code: 'WELCOME', redemptions: 1 }]);
    expect(await keyStore.findKey('aa')).toMatchObject({ key: { id: 'key_user_1' }, account: { id: 'user_1' } });
    await assertAccountsBalance(meter, ['user_1'], { idle: false, prepaid: true });
    await assertAccountsBalance(meter, ['user_2'], { idle: false });

    expect(await meter.events({ id: OWN_ID }, { limit: 2 })).toMatchObject([{ id: OWN_ID, accountId: 'user_2' }]);
    expect(await meter.settle(settlementOf(OWN_ID, { accountId: 'user_2' }))).toEqual({ recorded: false });
    for (const id of ['req_1', 'released'])
      expect(await meter.settle(settlementOf(id)), id).toEqual({ recorded: false });
    expect(await meter.reserve(holdOf('expired'))).toEqual({ ok: false, reason: 'duplicate' });
    const topUp = { accountId: 'user_1', kind: 'top_up', amount: 1_000_000n, idempotencyKey: 'card', now: 10 } as const;
    expect(await meter.credit(topUp)).toMatchObject({ ok: true, duplicate: true });
    expect(await meter.redeem({ accountId: 'user_1', code: 'WELCOME', now: 10 })).toMatchObject({
      reason: 'already_used',
    });
    const budgets = [{ subject: 'key:key_user_1', window: '2026-11', limit: 500_000n }];
    expect(await meter.settle(settlementOf('open', { budgets }))).toEqual({ recorded: true });
    expect(await meter.refund({ requestId: 'req_2', now: 11 })).toMatchObject({
      ok: true,
      entries: [{ kind: 'refund', amount: 70_000n, balanceAfter: 904_000n }],
    });
    expect(await meter.budget('user_1', 'key:key_user_1', '2026-11')).toEqual({ spent: 170_000n, held: 0n });
    await meter.release({ accountId: 'user_2', id: 'counted' });
    await assertAccountsBalance(meter, ['user_1'], { prepaid: true });
    await assertAccountsBalance(meter, ['user_2']);
    database.close();
  },
);

/** The first version with grants, and all after it up to the one that calls their column `announced`. */
test.each([3, 4, 5, 6, 7, 8, 9])(
  'grants of version %i are kept, announced ones are not announced again',
  async (version) => {
    const database = new Database(':memory:');
    database.exec(`CREATE TABLE gateway_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
    ${STEPS.slice(0, version).join(';')};
    INSERT INTO gateway_migrations VALUES (${version}, 1);
    ${grantsOfOlderSchema('1', '0')}`);
    const { meter } = sqliteStore(database);
    await expectGrantsKept(meter);
    database.close();
  },
);
