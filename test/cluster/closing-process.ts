import Database from 'libsql';
import { fileOutbox } from '../../src/http/node.js';
import { createGateway, memoryStore } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { echoProvider } from '../helpers/echo-provider.js';

/**
 * A program that ends while its store takes no settlement: it serves one request, closes the gateway, and leaves the
 * rest to Node, as a server does after SIGTERM. Prints what was charged. In `SQLITE` and `OUTBOX` it leaves files behind.
 */
const awayMs = Number(process.env['STORE_AWAY_MS']);
const deadlineMs = Number(process.env['DEADLINE_MS']);
const hangs = process.env['STORE_HANGS'] === '1';

const { SQLITE: file, OUTBOX: outbox } = process.env;
const store = file ? sqliteStore(new Database(file)) : memoryStore();
const back = performance.now() + awayMs;
const gateway = createGateway({
  providers: { echo: echoProvider() },
  models: { echo: { provider: 'echo', price: { input: 1, output: 2 } } },
  plans: { prepaid: { models: '*', billing: 'prepaid' } },
  store: {
    ...store,
    meter: {
      ...store.meter,
      settle(settlement) {
        if (hangs) return new Promise(() => {});
        if (performance.now() < back) throw new Error('the store is away');
        return store.meter.settle(settlement);
      },
    },
  },
  ...(outbox && { outbox: fileOutbox(outbox) }),
  timeouts: { storeMs: 200 },
  logger: {
    debug() {},
    info() {},
    warn() {},
    error: (fields, message) => console.log(`ERROR ${message} ${JSON.stringify(fields)}`),
  },
});

await gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'start' });
if (process.env['ASKS'] !== 'nothing') await ask();
console.log('CLOSING');
await gateway.close({ deadlineMs });
console.log(`CLOSED ${(await gateway.accounts.overview('user_1')).balance}`);

async function ask(): Promise<void> {
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'test' });
  const answer = await gateway.fetch(
    new Request('http://gateway.test/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'Hi' }] }),
    }),
  );
  console.log(`ANSWER ${answer.status}`);
  await answer.text();
}
