import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { eventually } from '../helpers/eventually.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { buildGatewayProcess, type GatewayProcess } from './gateway-processes.js';

const missing = postgresMissing();
/** The cache of a process lasts ten seconds; a busy machine needs longer to ask again. */
const PATIENCE_MS = 40_000;

let postgres: PostgresServer;
let program: Awaited<ReturnType<typeof buildGatewayProcess>>;
let processes: GatewayProcess[];
let admin: Gateway;

beforeAll(async () => {
  if (missing) return;
  [postgres, program] = await Promise.all([startPostgres(), buildGatewayProcess()]);
  admin = createGateway({
    providers: { quick: echoProvider() },
    models: { quick: { provider: 'quick', price: { input: 1, output: 2 } } },
    plans: { prepaid: { models: '*', billing: 'prepaid' } },
    store: postgresStore(postgres.pool()),
  });
  await admin.credits.topUp({ accountId: 'shop', amount: '10', idempotencyKey: 'start' });
  processes = await Promise.all([0, 1].map(() => program.start({ postgres: postgres.config })));
});

afterAll(async () => {
  if (missing) return;
  await Promise.all(processes.map((each) => each.kill()));
  await admin.close();
  await postgres.stop();
  program.remove();
});

beforeEach((context) => {
  if (missing) context.skip(missing);
});

const statuses = (token: string) => Promise.all(processes.map(async (each) => (await each.chat(token)).status));

describe('session tokens in two processes over one PostgreSQL, without events between them', () => {
  test('one that is revoked is refused at once where that was done, and elsewhere when the cache ends', async () => {
    const { id, token } = await admin.sessions.create({ accountId: 'shop', ttl: '15m' });
    expect(await statuses(token)).toEqual([200, 200]);
    await processes[0]?.end('session', id);
    expect((await processes[0]?.chat(token))?.status).toBe(401);
    await eventually(async () => (await statuses(token)).every((status) => status === 401), PATIENCE_MS);
  }, 60_000);

  test('one that has ended is refused everywhere, also where it is in the cache', async () => {
    const { token, expiresAt } = await admin.sessions.create({ accountId: 'shop', ttl: '3s' });
    await statuses(token);
    await eventually(() => Date.now() >= expiresAt.getTime(), PATIENCE_MS);
    expect(await statuses(token)).toEqual([401, 401]);
  });

  test('its budget is one in all of them', async () => {
    // A request holds at most 0.00026 and costs at most 0.00011 USD.
    const { token } = await admin.sessions.create({ accountId: 'shop', ttl: '15m', budget: '0.0006' });
    const seen = (await Promise.all(Array.from({ length: 20 }, () => statuses(token)))).flat();
    expect(new Set(seen)).toEqual(new Set([200, 403]));
    const { spent } = await spentOf(token);
    expect(Number(spent)).toBeLessThanOrEqual(0.0006);
  });
});

/** The budget as the token's holder sees it. */
async function spentOf(token: string): Promise<{ spent: string }> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${processes[1]?.origin}/v1/key`, { headers });
  return ((await response.json()) as { budget: { spent: string } }).budget;
}
