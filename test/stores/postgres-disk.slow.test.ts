import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { type SmallDisk, smallDisk } from '../helpers/small-disk.js';
import { siteOf } from '../helpers/store-site.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
let disk: SmallDisk | undefined;
beforeAll(async () => {
  if (missing) return;
  disk = smallDisk(64);
  if (disk) server = await startPostgres();
});
afterAll(async () => {
  await server?.stop();
  disk?.remove();
});

test('PostgreSQL whose disk is full: 503, or answered and charged once there is room', async (context) => {
  if (missing) return context.skip(missing);
  if (!disk || !server) return context.skip('this process may not mount a file system');
  const full = disk;
  const admin = server.pool(1);
  await admin.query(`CREATE TABLESPACE small LOCATION '${full.folder}'`);
  await admin.query('CREATE DATABASE full_disk TABLESPACE small');
  const store = postgresStore(server.pool(4, 'full_disk'));
  const site = await siteOf(store);
  onTestFinished(() => full.free());
  const statuses: number[] = [];
  const ask = async () => {
    const answer = await site.ask();
    statuses.push(answer.status);
    return answer;
  };
  expect(await ask()).toMatchObject({ status: 200 });

  // No room for the next hold once the pages that there are have no room for one.
  full.fill();
  let refused = await ask();
  for (let i = 0; i < 2_000 && refused.status === 200; i++) refused = await ask();
  expect(refused).toMatchObject({ status: 503, retryAfter: expect.any(String) });
  expect(refused.text).not.toMatch(/disk|space|extend|relation/i);
  expect(site.lines.join('\n')).toContain('No space left on device');
  expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: expect.any(Number) }]);
  full.free();
  expect(await ask()).toMatchObject({ status: 200 });

  // Room for the hold, and none for the settlement.
  const waiting = () => site.lines.filter((line) => line.includes('it waits in the outbox')).length;
  const before = waiting();
  site.whileAnswering(() => full.fill());
  for (let i = 0; i < 2_000 && waiting() === before; i++) {
    full.free();
    expect(await ask()).toMatchObject({ status: 200, text: expect.stringContaining('Hello') });
  }
  expect(waiting()).toBeGreaterThan(before);
  site.whileAnswering(() => {});
  full.free();
  await site.end();
  const answered = statuses.filter((status) => status === 200).length;
  expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: answered }]);
  await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
}, 300_000);
