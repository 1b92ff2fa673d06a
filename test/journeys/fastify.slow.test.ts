import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeUpstream, fakeUpstream, gate } from '../../src/testing/index.js';
import { freePort } from '../helpers/free-port.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';
import { type App, appOf, type Started } from './app.js';
import { ask, askInPieces, Visitor } from './visitor.js';

const PAGE = 'docs/first-hour/fastify.md';
const MODEL = 'gpt-4o-mini';
const missing = postgresMissing() ?? redisMissing();

describe.skipIf(missing !== undefined)(`a new Fastify app in two processes, made by ${PAGE}`, () => {
  let app: App;
  let upstream: FakeUpstream;
  let postgres: PostgresServer;
  let redis: RedisServer;
  const processes: { origin: string; started: Started; visitor: Visitor }[] = [];

  beforeAll(async () => {
    [upstream, postgres, redis] = await Promise.all([fakeUpstream(), startPostgres(), startRedis()]);
    app = await appOf(PAGE);
    const account = 'apiKey: OPENAI_API_KEY';
    const code = app.read('server.ts');
    expect(code).toContain(account);
    app.write('server.ts', code.replace(account, `${account}, baseURL: process.env.UPSTREAM`));
    const { host, user, database } = postgres.config;
    for (const WORKER of ['1', '2']) {
      const port = await freePort();
      const origin = `http://localhost:${port}`;
      const env = {
        WORKER,
        PORT: String(port),
        OPENAI_API_KEY: 'sk-test',
        UPSTREAM: upstream.openai.baseURL,
        DATABASE_URL: `postgresql://${user}@/${database}?host=${encodeURIComponent(host)}`,
        REDIS_URL: redis.socket,
      };
      const started = await app.start(process.execPath, ['--import', 'tsx', 'server.ts'], env, origin);
      processes.push({ origin, started, visitor: new Visitor(origin, { 'x-user': 'ada' }) });
    }
  });

  afterAll(async () => {
    await app?.remove();
    await Promise.all([upstream?.close(), postgres?.stop(), redis?.stop()]);
  });

  /** The same key at each of the processes. */
  async function clients() {
    const [one, other] = processes;
    if (!one || !other) throw new Error('two processes are needed');
    const { client, id } = await one.visitor.client();
    return { one: client, other: client.withOptions({ baseURL: `${other.origin}/v1` }), id, visitor: one.visitor };
  }

  test('compiles in a strict project', async () => {
    await app.run('npx', ['tsc']);
  });

  test('a key of one process works in the other, and a revoked one ends in both', async () => {
    const { one, other, id, visitor } = await clients();
    expect(await ask(one, MODEL)).toBe('Hello from openai.');
    expect(await askInPieces(other, MODEL)).toBe('Hello from openai.');
    const { data } = await visitor.api<{ data: unknown[] }>('usage/events');
    expect(data).toHaveLength(2);

    await visitor.api(`keys/${id}/revoke`, {});
    for (const client of [one, other]) await expect(ask(client, MODEL)).rejects.toMatchObject({ status: 401 });
  });

  test('five requests a minute are five over both processes', async () => {
    const { one, other } = await clients();
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) {
      const answered = ask(i % 2 ? other : one, MODEL);
      statuses.push(
        await answered.then(
          () => 200,
          ({ status }: { status: number }) => status,
        ),
      );
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(6); // a slow run refills one
  });

  test('a deploy: SIGTERM lets a running stream end, and the process ends by itself', async () => {
    const leaving = processes[1];
    if (!leaving) throw new Error('two processes are needed');
    const { client } = await new Visitor(leaving.origin, { 'x-user': 'grace' }).client();
    const held = gate();
    upstream.answer({ text: ['Good ', held, 'day.'] });
    const stream = askInPieces(client, MODEL);
    await held.reached;
    const stopped = leaving.started.stop();
    held.open();
    expect(await stream).toBe('Good day.');
    expect(await stopped).toBe(0);
  });
});
