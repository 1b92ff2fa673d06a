import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/index.js';
import { formatUsd } from '../../src/lib/money.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import type { FullStore } from '../../src/stores/store.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { eventually } from '../helpers/eventually.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';
import { buildGatewayProcess, type GatewayProcess, type SeenAnswer } from './gateway-processes.js';

const missing = postgresMissing() ?? redisMissing();
const PROCESSES = 4;
const REQUESTS_PER_MINUTE = 600;
const LONGER_THAN_ANY_LEASE_MS = 10 * 60_000;

/** A request that waits at the provider until `answerWaiting`, and what it holds. */
const SLOW = { model: 'slow', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
const SLOW_HOLD = BigInt(JSON.stringify(SLOW).length) * 1_000n + 100n * 2_000n;

let folder: string;
let postgres: PostgresServer;
let redis: RedisServer;
let program: Awaited<ReturnType<typeof buildGatewayProcess>>;
let processes: GatewayProcess[];
let store: FullStore;
/** The operator's own gateway: makes accounts and keys; it serves no request. */
let admin: Gateway;
let upstream: Server;
/** Requests that the provider has received and not answered. */
const waiting: ServerResponse[] = [];

beforeAll(async () => {
  if (missing) return;
  folder = mkdtempSync(join(tmpdir(), 'gateway-four-'));
  [postgres, redis, program] = await Promise.all([startPostgres(), startRedis(), buildGatewayProcess()]);
  upstream = createServer((request, response) => {
    request.resume();
    waiting.push(response);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  store = postgresStore(postgres.pool());
  admin = createGateway({
    providers: { quick: echoProvider() },
    models: { quick: { provider: 'quick', price: { input: 1, output: 2 } } },
    plans: {
      prepaid: { models: '*', billing: 'prepaid' },
      sources: { models: '*', billing: 'prepaid' },
      limited: { models: '*' },
    },
    defaultPlan: 'prepaid',
    store,
  });
  // All start at once on an empty database: the migration is part of the test.
  processes = await Promise.all(Array.from({ length: PROCESSES }, (_, number) => startProcess(number)));
});

function startProcess(number: number): Promise<GatewayProcess> {
  return program.start({
    postgres: postgres.config,
    redis: redis.socket,
    outbox: join(folder, `outbox-${number}.jsonl`),
    upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`,
    requestsPerMinute: REQUESTS_PER_MINUTE,
    allowance: formatUsd(4n * SLOW_HOLD),
    events: join(folder, 'events.jsonl'),
  });
}

afterAll(async () => {
  if (missing) return;
  await Promise.all(processes.map((each) => each.kill()));
  await admin.close();
  upstream.close();
  await Promise.all([postgres.stop(), redis.stop()]);
  program.remove();
  rmSync(folder, { recursive: true });
});

beforeEach((context) => {
  if (missing) context.skip(missing);
});

const at = (i: number) => processes[i % PROCESSES] as GatewayProcess;
const count = (answers: readonly SeenAnswer[], status: number) =>
  answers.filter((each) => each.status === status).length;

/** What the handlers of all processes were called for. */
function eventsOf(accountId: string) {
  const path = join(folder, 'events.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  type Heard = { id: string; type: string; accountId: string; threshold: unknown; failed: boolean };
  return lines.map((line) => JSON.parse(line) as Heard).filter((event) => event.accountId === accountId);
}

/** A key, or a session token, of an account. */
async function credential(account: string, what: 'key' | 'session' | 'account') {
  if (what === 'session') {
    const { id, token } = await admin.sessions.create({ accountId: account, ttl: '15m' });
    return { secret: token, ids: { key: '', session: id, account } };
  }
  const { key, record } = await admin.keys.create({ accountId: account, name: 'laptop' });
  return { secret: key, ids: { key: record.id, session: '', account } };
}

/** Answers what waits at the provider, as one that used ten tokens for each. */
function answerWaiting(): void {
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'slow',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello!' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 },
  };
  for (const response of waiting.splice(0))
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}

/** Far more than each takes: a busy machine is no mistake of the gateway. */
const TIMEOUT = { timeout: 240_000 };

describe('four gateway processes over one PostgreSQL and one Redis', TIMEOUT, () => {
  test.each([
    { affordable: 10, attempts: 200 },
    { affordable: 1, attempts: 1_000 },
  ])('answer exactly $affordable of $attempts requests at once on a balance for $affordable', async (numbers) => {
    const { affordable, attempts } = numbers;
    const accountId = `user_${attempts}`;
    const hold = SLOW_HOLD;
    await store.meter.credit({
      accountId,
      kind: 'top_up',
      amount: hold * BigInt(affordable),
      idempotencyKey: 'start',
      now: Date.now(),
    });
    const { key } = await admin.keys.create({ accountId, name: 'laptop' });

    let refused = 0;
    const calls = Array.from({ length: attempts }, async (_, i) => {
      const answer = await at(i).chat(key, SLOW);
      if (answer.status === 403) refused++;
      return answer;
    });
    const { balance, held } = await store.meter.balance(accountId);
    expect(balance - held).toBeGreaterThanOrEqual(0n);
    await eventually(() => refused === attempts - affordable && waiting.length === affordable, 120_000);
    expect(await store.meter.balance(accountId)).toEqual({
      balance: hold * BigInt(affordable),
      held: hold * BigInt(affordable),
    });
    answerWaiting();
    const answers = await Promise.all(calls);
    expect([count(answers, 200), count(answers, 403)]).toEqual([affordable, attempts - affordable]);
    expect(await store.meter.balance(accountId)).toEqual({
      balance: (hold - 4n * 1_000n - 6n * 2_000n) * BigInt(affordable),
      held: 0n,
    });
    await assertAccountsBalance(store.meter, [accountId], { prepaid: true });
  });

  test('answer exactly what allowance, grant and balance together afford, each to its last request', async () => {
    const accountId = 'user_sources';
    await admin.accounts.setPlan(accountId, 'sources');
    await admin.credits.grant({ accountId, amount: formatUsd(3n * SLOW_HOLD), idempotencyKey: 'trial' });
    await admin.credits.topUp({ accountId, amount: formatUsd(3n * SLOW_HOLD), idempotencyKey: 'card' });
    const { key } = await admin.keys.create({ accountId, name: 'laptop' });
    let refused = 0;
    const calls = Array.from({ length: 200 }, async (_, i) => {
      const answer = await at(i).chat(key, SLOW);
      if (answer.status === 403) refused++;
      return answer;
    });
    await eventually(() => refused === 190 && waiting.length === 10, 120_000);
    const funds = await store.meter.funds(accountId, Date.now());
    expect(funds).toMatchObject({ balance: 3n * SLOW_HOLD, held: 3n * SLOW_HOLD });
    expect(funds.allowances.map(({ held }) => held)).toEqual([4n * SLOW_HOLD, 4n * SLOW_HOLD]);
    expect(funds.grants.map(({ left }) => left)).toEqual([0n]);
    await assertAccountsBalance(store.meter, [accountId], { prepaid: true, idle: false });
    answerWaiting();
    const answers = await Promise.all(calls);
    expect([count(answers, 200), count(answers, 403)]).toEqual([10, 190]);
    await assertAccountsBalance(store.meter, [accountId], { prepaid: true });
  });

  test('tell of each crossing once, though handlers throw and a process is killed and started again', {
    timeout: 240_000,
  }, async () => {
    const accountId = 'user_crossing';
    await admin.credits.topUp({ accountId, amount: '0.0105', idempotencyKey: 'start' });
    await admin.accounts.setBudget(accountId, { amount: '0.004', period: 'total' });
    const { key } = await admin.keys.create({ accountId, name: 'laptop' });
    const client = async (number: number) => {
      for (let i = 0; i < 20; i++) await at(number).chat(key);
    };
    await Promise.all(Array.from({ length: PROCESSES }, (_, number) => client(number)));
    await at(1).kill();
    processes[1] = await startProcess(1);
    const heard = () => eventsOf(accountId);
    const delivered = () => new Set(heard().flatMap(({ type, failed }) => (failed ? [] : [type])));
    await eventually(() => delivered().size === 2, 120_000);
    const ids = new Map(heard().map(({ id, type, threshold }) => [id, `${type} ${threshold}`]));
    expect([...ids.values()].sort()).toEqual(['balance.low 0.01', 'budget.reached 0.5']);
  });

  test('admit exactly what one limit allows, of a burst of 20,000 attempts', { timeout: 120_000 }, async () => {
    const { key } = await admin.keys.create({ accountId: 'user_limited', name: 'laptop' });
    await admin.accounts.setPlan('user_limited', 'limited');
    const attempts = 20_000;
    const admitted: { sent: number; seen: number }[] = [];
    /** What a machine that can't keep up answers in place of a decision. */
    const failed: string[] = [];
    let [started, lastSent] = [0, 0];
    const firstSent = performance.now();
    const client = async () => {
      while (started < attempts) {
        const sent = performance.now();
        lastSent = Math.max(lastSent, sent);
        const { status, text } = await at(started++).chat(key);
        if (status === 200) admitted.push({ sent, seen: performance.now() });
        else if (status !== 429) failed.push(`${status} ${text}`);
      }
    };
    await Promise.all(Array.from({ length: 100 }, client));
    expect(failed.length, failed[0]).toBeLessThan(attempts / 100);
    // The bucket's clock started between the first request and its answer, and stopped after the last was sent.
    const perMs = REQUESTS_PER_MINUTE / 60_000;
    const firstSeen = Math.min(...admitted.map(({ seen }) => seen));
    const lastSeen = performance.now();
    expect(admitted.length).toBeLessThanOrEqual(REQUESTS_PER_MINUTE + (lastSeen - firstSent) * perMs);
    expect(admitted.length).toBeGreaterThanOrEqual(
      Math.floor(REQUESTS_PER_MINUTE + (lastSent - firstSeen) * perMs) - 1 - failed.length,
    );
  });

  test.each(['key', 'session', 'account'] as const)(
    'refuse everywhere what one of them has ended: a %s',
    async (what) => {
      const accountId = `user_ended_${what}`;
      await admin.credits.topUp({ accountId, amount: '10', idempotencyKey: 'start' });
      const { secret, ids } = await credential(accountId, what);
      // Each process has it in its cache.
      for (const each of processes) expect((await each.chat(secret)).status).toBe(200);
      const endedAt = performance.now();
      await processes[2]?.end(what, ids[what]);
      await eventually(async () => {
        const answers = await Promise.all(processes.map((each) => each.chat(secret)));
        return count(answers, what === 'account' ? 403 : 401) === PROCESSES;
      });
      expect(performance.now() - endedAt).toBeLessThan(PROMPTLY_MS);
    },
  );

  test('go on when Redis and PostgreSQL are stopped and come back: no overdraft, nothing lost', {
    timeout: 120_000,
  }, async () => {
    const accountId = 'user_outage';
    await admin.credits.topUp({ accountId, amount: '5', idempotencyKey: 'start' });
    const { key } = await admin.keys.create({ accountId, name: 'laptop' });
    const answered = new Set<string>();
    const statuses = new Map<number, number>();
    let running = true;
    const client = async (number: number) => {
      while (running) {
        const { status, requestId } = await at(number).chat(key);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 200) answered.add(requestId);
        else await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const clients = Array.from({ length: 24 }, (_, number) => client(number));
    const someAnswers = async () => {
      const target = answered.size + 200;
      await eventually(() => answered.size > target, 30_000);
    };
    await someAnswers();
    await redis.halt();
    await someAnswers();
    await redis.resume();
    await someAnswers();
    await postgres.halt();
    await eventually(() => (statuses.get(503) ?? 0) > 50, 30_000);
    await postgres.resume();
    await someAnswers();
    running = false;
    await Promise.all(clients);
    expect([...statuses.keys()].sort()).toEqual([200, 503]);

    // What waited in the outboxes arrives by itself.
    const charged = async () => {
      const [total] = await store.meter.usage({ accountId, groupBy: [] });
      return total?.requests ?? 0;
    };
    await eventually(async () => (await charged()) >= answered.size, 60_000);
    await store.meter.expire(Date.now() + LONGER_THAN_ANY_LEASE_MS);
    await assertAccountsBalance(store.meter, [accountId], { prepaid: true });
    const events = new Set<string>();
    for (let before: string | undefined; ; ) {
      const page = await store.meter.events({ accountId }, { limit: 1_000, ...(before !== undefined && { before }) });
      for (const event of page) events.add(event.id);
      before = page.at(-1)?.id;
      if (page.length < 1_000) break;
    }
    expect([...answered].filter((id) => !events.has(id))).toEqual([]);
    expect((await store.meter.balance(accountId)).balance).toBeGreaterThanOrEqual(0n);
  });
});
