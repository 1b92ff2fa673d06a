import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, openai } from '../../src/index.js';
import { formatUsd } from '../../src/lib/money.js';
import { budgetWindowAt } from '../../src/meter/windows.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import type { FullStore } from '../../src/stores/store.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { buildGatewayProcess, type GatewayProcess, type GatewayProcessSettings } from './gateway-processes.js';

const PROCESSES = 4;
const ATTEMPTS = 200;
const AFFORDABLE = 10;
/** A request that waits at the provider until it is answered, what it holds, and what ten tokens cost. */
const SLOW = { model: 'slow', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
const HOLD = BigInt(JSON.stringify(SLOW).length) * 1_000n + 100n * 2_000n;
const COST = 4n * 1_000n + 6n * 2_000n;
const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'slow',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello!' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 },
});

const missing = postgresMissing();
let folder: string;
let program: Awaited<ReturnType<typeof buildGatewayProcess>>;
let postgres: PostgresServer | undefined;
let upstream: Server;
const waiting: ServerResponse[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-budgets-'));
  [program, postgres] = await Promise.all([buildGatewayProcess(), missing ? undefined : startPostgres()]);
  upstream = createServer((request, response) => {
    request.resume();
    waiting.push(response);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  upstream.close();
  await postgres?.stop();
  program.remove();
  rmSync(folder, { recursive: true });
});

/** What a process opens, and the same store here. */
function storeOf(kind: 'PostgreSQL' | 'SQLite'): [Pick<GatewayProcessSettings, 'sqlite' | 'postgres'>, FullStore] {
  if (kind === 'PostgreSQL' && postgres) return [{ postgres: postgres.config }, postgresStore(postgres.pool())];
  const sqlite = join(folder, 'gateway.db');
  return [{ sqlite }, sqliteStore(new Database(sqlite))];
}

describe.each(['PostgreSQL', 'SQLite'] as const)('a budget over four processes and one %s', (kind) => {
  test('lets exactly what it affords through, of requests at once, and counts what they cost', {
    timeout: 240_000,
  }, async (context) => {
    if (kind === 'PostgreSQL' && missing) context.skip(missing);
    const [opened, store] = storeOf(kind);
    const admin = createGateway({
      providers: { openai: openai({ apiKey: 'sk-upstream' }) },
      models: { slow: { provider: 'openai', price: { input: 1, output: 2 } } },
      plans: { prepaid: { models: '*', billing: 'prepaid' } },
      defaultPlan: 'prepaid',
      store,
    });
    const settings = { ...opened, upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1` };
    const processes: GatewayProcess[] = await Promise.all(
      Array.from({ length: PROCESSES }, () => program.start(settings)),
    );
    const amount = formatUsd(BigInt(AFFORDABLE) * HOLD);
    try {
      for (const subject of ['account', 'key'] as const) {
        const accountId = `user_${subject}`;
        await admin.credits.topUp({ accountId, amount: '1000', idempotencyKey: 'card' });
        const budget = { amount, period: 'total' } as const;
        if (subject === 'account') await admin.accounts.setBudget(accountId, budget);
        const { key, record } = await admin.keys.create({
          ...{ accountId, name: 'laptop' },
          ...(subject === 'key' && { budget }),
        });
        let refused = 0;
        const calls = Array.from({ length: ATTEMPTS }, async (_, i) => {
          const answer = await (processes[i % PROCESSES] as GatewayProcess).chat(key, SLOW);
          if (answer.status === 403) refused++;
          return answer;
        });
        await eventually(() => refused === ATTEMPTS - AFFORDABLE && waiting.length === AFFORDABLE, 120_000);
        const name = subject === 'key' ? `key:${record.id}` : subject;
        const used = () => store.meter.budget(accountId, name, budgetWindowAt('total', Date.now()));
        expect(await used()).toEqual({ spent: 0n, held: BigInt(AFFORDABLE) * HOLD });
        for (const response of waiting.splice(0)) response.setHeader('content-type', 'application/json').end(ANSWER);
        const answers = await Promise.all(calls);
        expect(answers.filter(({ status }) => status === 200).length).toBe(AFFORDABLE);
        const codes = answers.filter(({ status }) => status === 403).map(({ text }) => JSON.parse(text).error.code);
        expect(new Set(codes)).toEqual(new Set(['budget_exceeded']));
        expect(await used()).toEqual({ spent: BigInt(AFFORDABLE) * COST, held: 0n });
        await assertAccountsBalance(store.meter, [accountId], { prepaid: true });
      }
    } finally {
      await Promise.all(processes.map((each) => each.kill()));
      await admin.close();
    }
  });
});
