import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/program.js';
import { createGateway, type Gateway, openai, type Store } from '../../src/index.js';
import type { RequestRecord } from '../../src/requests/request-record.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { testLogger } from '../helpers/test-logger.js';

let upstream: FakeUpstream;
let server: PostgresServer | undefined;
const folder = mkdtempSync(join(tmpdir(), 'gateway-cli-'));
const missing = postgresMissing();

beforeAll(async () => {
  upstream = await fakeUpstream();
  if (!missing) server = await startPostgres();
});

afterAll(async () => {
  await upstream.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Each opens a database of its own by name, anew with every command, as a process does. */
const STORES: readonly (readonly [string, (database: string) => Store])[] = [
  ['SQLite', (database) => sqliteStore(new Database(join(folder, `${database}.db`)))],
  ['PostgreSQL', (database) => postgresStore(pool(database))],
];

function pool(database: string) {
  return (server as PostgresServer).pool(2, database);
}

/** A record of the request log. */
function logged(facts: Partial<RequestRecord> & Pick<RequestRecord, 'id' | 'at'>): RequestRecord {
  return {
    accountId: 'user_1',
    keyId: null,
    via: 'app',
    endUser: null,
    session: null,
    tags: null,
    route: 'chat/completions',
    stream: false,
    model: null,
    provider: null,
    upstreamModel: null,
    providerRequestId: null,
    attempts: [],
    status: 200,
    code: null,
    message: null,
    outcome: null,
    durationMs: 12,
    firstTokenMs: null,
    usage: null,
    cost: 0n,
    dropped: [],
    ...facts,
  };
}

describe.each(STORES)('on %s', (name, open) => {
  let database = '';
  let databases = 0;
  let broken = false;

  beforeEach(async (context) => {
    if (name === 'PostgreSQL' && missing) context.skip(missing);
    broken = false;
    databases += 1;
    database = `cli_${databases}`;
    if (name === 'PostgreSQL') await pool('postgres').query(`CREATE DATABASE ${database}`);
  });

  function load(): Gateway {
    const options = { ...upstream.openai, ...(broken && { baseURL: 'http://127.0.0.1:1/v1' }) };
    return createGateway({
      providers: { openai: openai(options) },
      models: {
        small: { provider: 'openai', model: 'gpt-6-luna', price: { input: 1, output: 2 }, contextWindow: 1_000 },
        vectors: { provider: 'openai', price: { input: '0.02', output: 0 }, capabilities: { output: ['embeddings'] } },
        painter: { provider: 'openai', price: { input: 5, output: 0 }, capabilities: { output: ['image'] } },
      },
      plans: { free: { models: '*' }, pro: { models: '*', billing: 'prepaid', priceMultiplier: '1.5' } },
      defaultPlan: 'free',
      store: open(database),
      requestLog: {},
      logger: testLogger,
    });
  }

  async function run(line: string): Promise<{ code: number; out: string; err: string }> {
    const said = { out: '', err: '' };
    const code = await runCli(line.split(' '), {
      cwd: folder,
      version: '1.2.3',
      out: (text) => void (said.out += `${text}\n`),
      err: (text) => void (said.err += `${text}\n`),
      load: async () => load(),
    });
    return { code, ...said };
  }

  async function json<T>(line: string): Promise<T> {
    const { code, out, err } = await run(`${line} --json`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return JSON.parse(out) as T;
  }

  test('what support does: suspend, bound, grant, refund, rotate', async () => {
    const { key, record } = await json<{ key: string; record: { id: string } }>('keys create user_1 --name ci');
    expect(await json('accounts set-plan user_1 pro')).toMatchObject({ plan: 'pro' });
    const granted = 'credits grant user_1 5 --reason sorry --expires 2099-01-31 --idempotency-key g1';
    expect(await json(granted)).toMatchObject({ kind: 'grant', amount: '5' });
    expect(await json(granted)).toMatchObject({ kind: 'grant', amount: '5' });
    expect(await json('accounts show user_1')).toMatchObject({
      available: '5',
      grants: [{ left: '5', reason: 'sorry' }],
    });
    expect(await json('accounts set-budget user_1 2/day')).toMatchObject({ budget: { amount: '2', period: 'day' } });
    expect(await json('accounts set-budget user_1 2/week')).toMatchObject({ budget: { period: 'week' } });
    expect((await run('accounts set-budget user_1 2/year')).err).toContain('The budget is an amount');
    expect(await json('accounts set-budget user_1 none')).toMatchObject({ budget: null });

    const ask = async (credential: string) => {
      const gateway = load();
      const answer = await gateway.fetch(
        new Request('http://gateway.test/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 10 }),
        }),
      );
      await answer.text();
      await gateway.close();
      return answer;
    };
    const requestId = (await ask(key)).headers.get('x-request-id');
    expect(await json(`credits refund ${requestId} --account user_1 --reason late`)).toMatchObject([
      { kind: 'refund' },
    ]);
    expect(await run(`credits refund ${requestId}`)).toMatchObject({ code: 1, out: '' });

    await json('promo create LEAKED 5');
    expect(await json('promo disable LEAKED')).toEqual({ code: 'LEAKED', disabled: true });
    expect((await run('credits redeem user_1 LEAKED')).code).toBe(1);

    expect(await json('accounts suspend user_1 --reason fraud')).toMatchObject({ suspended: { reason: 'fraud' } });
    expect((await ask(key)).status).toBe(403);
    expect(await json('accounts resume user_1')).toMatchObject({ suspended: null });

    const rotated = await json<{ key: string; record: { id: string } }>(`keys rotate ${record.id} --overlap 24h`);
    expect([(await ask(key)).status, (await ask(rotated.key)).status]).toEqual([200, 200]);
    await json(`keys disable ${rotated.record.id}`);
    expect((await ask(rotated.key)).status).toBe(401);
    await json(`keys enable ${rotated.record.id}`);
    expect((await ask(rotated.key)).status).toBe(200);
  });

  test('keys: created, listed and revoked', async () => {
    const created = await json<{ key: string; record: { id: string } }>(
      'keys create user_1 --name laptop --budget 10/month --rpm 60 --models small --expires 2099-01-31',
    );
    expect(created).toMatchObject({
      key: expect.stringMatching(/^napi-/),
      record: {
        name: 'laptop',
        budget: { amount: '10', period: 'month' },
        limits: { requestsPerMinute: 60 },
        models: ['small'],
        expiresAt: '2099-01-31T00:00:00.000Z',
      },
    });
    const table = await run('keys list user_1');
    expect(table.out).toMatch(/^id +name +hint +created +last used +expires +revoked +budget\n/);
    expect(table.out).toMatch(/laptop .*amount 10, period month/);
    expect(table.out).not.toContain(created.key);

    expect(await json(`keys revoke ${created.record.id}`)).toMatchObject({ revokedAt: expect.any(String) });
    const foreign = await run(`keys revoke ${created.record.id} --account user_2`);
    expect(foreign).toMatchObject({ code: 1, out: '' });
    expect((await run('keys create user_1 --name x')).out).toMatch(/^key +napi-.*\n[\s\S]*Keep the key now/);
  });

  test('accounts: listed, shown and put on another plan', async () => {
    expect(await run('accounts list')).toEqual({ code: 0, out: 'There are no such accounts.\n', err: '' });
    expect(await json('accounts set-plan user_1 pro')).toMatchObject({ id: 'user_1', plan: 'pro' });
    await run('accounts set-plan other free');

    expect(await json('accounts list --search ser')).toMatchObject([{ id: 'user_1', plan: 'pro', balance: '0' }]);
    expect((await run('accounts show user_1')).out).toMatch(
      /^id +user_1\nplan +pro\nbalance +0\nheld +0\navailable +0\nallowances +-\ngrants +-\nbilling +prepaid\n/,
    );
    expect(await run('accounts set-plan user_1 gold')).toMatchObject({ code: 1, err: expect.stringContaining('gold') });
    expect(await run('accounts show nobody')).toMatchObject({ code: 1, err: 'There is no such account.\n' });
    const refused = await run('accounts set-plan user_1 gold --json');
    expect(JSON.parse(refused.err)).toEqual({
      error: { code: 'invalid_value', param: 'plan', message: expect.stringContaining('gold') },
    });
  });

  test('credits: topped up once, adjusted, redeemed, with a history; promo codes', async () => {
    await run('credits top-up user_1 10.00 --idempotency-key invoice-1');
    await run('credits top-up user_1 10.00 --idempotency-key invoice-1');
    await run('credits adjust user_1 --note wrong -- -2.5');
    expect(await json('promo create HELLO 5 --max 3')).toMatchObject({ code: 'HELLO', amount: '5', maxRedemptions: 3 });
    expect(await json('credits redeem user_1 HELLO')).toMatchObject({ balanceAfter: '12.5' });

    expect(await json('credits history user_1 --limit 2')).toMatchObject([
      { amount: '5', reference: 'HELLO' },
      { amount: '-2.5', note: 'wrong' },
    ]);
    expect((await run('credits history user_1')).out).toMatch(/^at +kind +amount +balance after +reference +note\n/);
    expect((await run('promo list')).out).toMatch(/HELLO +5 +1 +3 +-/);
    expect(await run('credits redeem user_1 HELLO')).toMatchObject({ code: 1 });
  });

  test('usage and models', async () => {
    const gateway = load();
    const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'k' });
    const answer = await gateway.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    );
    await answer.text();
    await gateway.close();

    expect((await run('usage')).out).toMatch(/^model +requests .*cost\nsmall +1 /);
    expect(await json('usage user_1 --by model,day --from 2020-01-01')).toMatchObject([
      { model: 'small', requests: 1 },
    ]);
    expect(await run('usage nobody')).toEqual({ code: 0, out: 'Nothing was used.\n', err: '' });
    expect(await run('usage --by colour')).toMatchObject({ code: 1 });

    await run('accounts set-plan user_1 pro');
    expect((await run('models')).out).toMatch(/small +openai +1 +- +2 +1 +1000 /);
    expect(await json('models --account user_1')).toMatchObject([{ id: 'small', priceMultiplier: '1.5' }, {}, {}]);
  });

  test('migrate makes the tables, and may be repeated', async () => {
    expect(await run('migrate')).toEqual({ code: 0, out: 'The tables are up to date.\n', err: '' });
    expect(await json('migrate')).toEqual({ migrated: true });
  });

  test('doctor tries the stores and each target, and fails when one does', async () => {
    const well = await run('doctor');
    expect(well.code).toBe(0);
    expect(well.out).toMatch(/ok +keys/);
    expect(well.out).toMatch(/ok +openai\/gpt-6-luna/);
    expect(well.out).toMatch(/ok +openai\/vectors/);
    expect(well.out).toMatch(/not tried +openai\/painter/);
    expect(well.out).toMatch(/Everything works\.\n$/);

    upstream.answer({ status: 401 });
    const refused = await run('doctor --models small --json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({
      ok: false,
      checks: [
        {},
        {},
        {},
        {},
        {},
        { check: 'openai/gpt-6-luna', ok: false, error: 'the provider refuses the credential' },
      ],
    });

    broken = true;
    const unreachable = await run('doctor --models small');
    expect(unreachable).toMatchObject({ code: 1, out: expect.stringMatching(/FAILED +openai\/gpt-6-luna .*connect/) });
    expect(await run('doctor --no-requests')).toMatchObject({ code: 0 });
    expect(await run('doctor --models gone')).toMatchObject({ code: 1, err: expect.stringContaining("'gone'") });
  });

  test('requests: listed, filtered, and one in full', async () => {
    const id = 'req_1';
    await open(database).requests?.append([
      logged({ id, at: 1_000, model: 'small', provider: 'openai', status: 200 }),
      logged({ id: 'req_2', at: 2_000, model: 'unknown', status: 404, code: 'model_not_found' }),
    ]);

    expect((await run('requests')).out).toMatch(/^at +id +account id +route +model +provider +status/);
    expect(await json('requests --status failed')).toMatchObject([{ model: 'unknown', status: 404 }]);
    expect(await json('requests --account user_1 --model small')).toMatchObject([{ id, status: 200 }]);
    expect(await json(`requests ${id}`)).toMatchObject({ id, accountId: 'user_1', provider: 'openai' });
    expect(await run('requests req_unknown')).toMatchObject({ code: 1, err: 'There is no such request.\n' });
  });

  test('prune: says what it needs, and how many rows went', async () => {
    expect(await run('prune')).toMatchObject({ code: 2, err: expect.stringContaining('--events-before') });
    await open(database).requests?.append([
      logged({ id: 'req_1', at: 1_000 }),
      logged({ id: 'req_2', at: Date.now() }),
    ]);
    expect(
      await json('prune --requests-before 2020-01-01 --events-before 2020-01-01 --sessions-before 2020-01-01'),
    ).toEqual({
      events: 0,
      requests: 1,
      sessions: 0,
      holds: 0,
    });
    expect(await json('requests')).toMatchObject([{ id: 'req_2' }]);
    expect(await run('prune --events-before soon')).toMatchObject({
      code: 1,
      err: expect.stringContaining('eventsBefore'),
    });
  });
});

describe('called in the wrong way', () => {
  const run = async (line: string) => {
    let [out, err] = ['', ''];
    const code = await runCli(line.split(' '), {
      cwd: folder,
      version: '1.2.3',
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      load: () => Promise.reject(new Error('not reached')),
    });
    return { code, out, err };
  };

  test('says its version when asked for it', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3', err: '' });
  });

  test.each([
    ['keyz list', 'Did you mean keys?'],
    ['keys create user_1', "required option '-n, --name <name>' not specified"],
    ['keys list', "missing required argument 'account'"],
    ['accounts list --serach x', 'Did you mean --search?'],
  ])('%s: exit code 2', async (line, message) => {
    const { code, err } = await run(line);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test.each(['--help', 'keys --help', 'keys create --help', 'doctor --help', 'init --help'])(
    '%s helps',
    async (line) => {
      const { code, out } = await run(line);
      expect(code).toBe(0);
      expect(out).toMatch(/^Usage: metask-gateway/);
      if (line !== 'keys --help') expect(out).toContain('$ ');
    },
  );
});
