import { afterAll, beforeAll, describe, test } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import type { Store } from '../../src/stores/store.js';
import { keyStoreSuite, meterSuite } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
let store: Store;

beforeAll(async () => {
  if (missing) return;
  server = await startPostgres();
  store = postgresStore(server.pool(20));
});

afterAll(() => server?.stop());

/** The runner's `test`, passed by where there is no server. */
const testHere = (name: string, run: () => Promise<void>) =>
  test(name, async (context) => {
    if (missing) context.skip(missing);
    await run();
  });

describe('the PostgreSQL meter', () => {
  meterSuite(testHere, { create: () => store.meter });
});

describe('the PostgreSQL key store', () => {
  keyStoreSuite(testHere, { create: () => store.keyStore });
});
