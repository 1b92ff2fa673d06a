import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import type { Store } from '../../src/stores/store.js';
import { gate } from '../../src/testing/gate.js';
import { assertAccountsBalance, seededRandom } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { eventually } from '../helpers/eventually.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { buildGatewayProcess, type GatewayProcessSettings } from './gateway-processes.js';

/** `KILLS=200` kills twice as often. */
const KILLS = Number(process.env['KILLS'] ?? 100);
/** Two processes at a time: one is killed while the other works on the same data. */
const LANES = 2;
const CLIENTS = 12;
/** From the first answer of a process to its end. */
const LONGEST_LIFE_MS = 80;
const LONGER_THAN_ANY_LEASE_MS = 10 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'gateway-kill-'));
let program: Awaited<ReturnType<typeof buildGatewayProcess>>;

beforeAll(async () => {
  program = await buildGatewayProcess();
});

afterAll(() => {
  program.remove();
  rmSync(folder, { recursive: true });
});

/** Kills gateway processes under load, again and again, then checks what every client got against the books. */
async function killAndCheck(
  store: Store,
  settings: GatewayProcessSettings,
  atRest: () => boolean | Promise<boolean> = () => true,
): Promise<void> {
  const random = seededRandom(20_261_121);
  const admin = createGateway({
    providers: { quick: echoProvider() },
    models: { quick: { provider: 'quick', price: { input: 1, output: 2 } } },
    plans: { sources: { models: '*', billing: 'prepaid' } },
    store,
  });
  const accounts = ['user_1', 'user_2', 'user_3'];
  const keys: string[] = [];
  for (const accountId of accounts) {
    await admin.credits.topUp({ accountId, amount: '1000', idempotencyKey: 'start' });
    for (const idempotencyKey of ['trial', 'sorry'])
      await admin.credits.grant({
        accountId,
        amount: '0.0005',
        idempotencyKey,
        expiresAt: new Date(Date.now() + 86_400_000),
      });
    keys.push((await admin.keys.create({ accountId, name: 'laptop' })).key);
  }

  const answered = new Map<string, { completion_tokens: number } | undefined>();
  let [kills, broken] = [0, 0];
  const lane = async () => {
    while (kills < KILLS) {
      const gateway = await program.start({ ...settings, allowance: '0.001', defaultPlan: 'sources' });
      let alive = true;
      const working = gate();
      const client = async (number: number) => {
        const key = keys[number % keys.length] ?? '';
        while (alive) {
          const stream = random.next() < 0.5 && { stream: true, stream_options: { include_usage: true } };
          const { status, requestId, text } = await gateway.chat(key, { ...stream, user: `member_${number % 2}` });
          if (status === 200) answered.set(requestId, usageIn(text));
          else broken++;
          void working.pass();
        }
      };
      const clients = Array.from({ length: CLIENTS }, (_, number) => client(number));
      await working.reached;
      await new Promise((resolve) => setTimeout(resolve, random.integer(0, LONGEST_LIFE_MS)));
      alive = false;
      await gateway.kill();
      await Promise.all(clients);
      kills++;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  expect(broken).toBeGreaterThan(KILLS);
  expect(answered.size).toBeGreaterThan(KILLS);

  await eventually(atRest, 30_000);
  const { meter } = store;
  await meter.expire(Date.now() + LONGER_THAN_ANY_LEASE_MS);
  await assertAccountsBalance(meter, accounts, { prepaid: true });
  const charged = new Map<string, number>();
  const sources = new Set<string>();
  for (const accountId of accounts)
    for (let before: string | undefined; ; ) {
      const page = await meter.events({ accountId }, { limit: 1_000, ...(before !== undefined && { before }) });
      for (const event of page) {
        charged.set(event.id, event.usage.outputTokens);
        for (const { source } of event.charged ?? []) sources.add(source);
      }
      before = page.at(-1)?.id;
      if (page.length < 1_000) break;
    }
  const wrong = [...answered].filter(([id, usage]) => charged.get(id) !== usage?.completion_tokens);
  expect(wrong).toEqual([]);
  expect([...sources].sort()).toEqual(['allowance', 'balance', 'grant']);
  await admin.close();
}

/** The usage that an answer reports, whole or streamed. */
function usageIn(text: string): { completion_tokens: number } | undefined {
  const lines = text.startsWith('data:')
    ? text.split('\n').filter((line) => line.startsWith('data: {'))
    : [`data: ${text}`];
  const objects = lines.map((line) => JSON.parse(line.slice(6)) as { usage?: { completion_tokens: number } | null });
  return objects.findLast((object) => object.usage)?.usage ?? undefined;
}

describe(`${KILLS} times kill -9 under load: every answered request is charged once, and nothing stays held`, () => {
  test('on SQLite', { timeout: KILLS * 9_000 }, async () => {
    const path = join(folder, 'gateway.db');
    const database = new Database(path);
    await killAndCheck(sqliteStore(database), { sqlite: path });
    database.close();
  });

  test('on PostgreSQL', { timeout: KILLS * 9_000 }, async (context) => {
    const missing = postgresMissing();
    if (missing) context.skip(missing);
    const server: PostgresServer = await startPostgres();
    const pool = server.pool();
    // The server finishes the statements of a client that is gone, until it notices.
    const atRest = async () => {
      const statement = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'gateway-process'";
      return (await pool.query(statement)).rows.length === 0;
    };
    try {
      await killAndCheck(postgresStore(pool), { postgres: server.config }, atRest);
    } finally {
      await server.stop();
    }
  });
});
