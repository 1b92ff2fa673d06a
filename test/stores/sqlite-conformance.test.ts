import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, test } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { keyStoreSuite, meterSuite } from '../../src/testing/index.js';

const folder = mkdtempSync(join(tmpdir(), 'gateway-sqlite-'));
const file = new Database(join(folder, 'gateway.db'));

afterAll(() => {
  file.close();
  rmSync(folder, { recursive: true });
});

describe('the SQLite meter', () => {
  meterSuite(test, { create: () => sqliteStore(file).meter });
});

describe('the SQLite key store', () => {
  keyStoreSuite(test, { create: () => sqliteStore(file).keyStore });
});

describe('the SQLite meter, two connections taking turns', () => {
  const connections = [file, new Database(join(folder, 'gateway.db'))] as const;
  afterAll(() => connections[1].close());
  meterSuite(test, {
    create() {
      const [one, other] = connections.map((database) => sqliteStore(database).meter);
      let turn = 0;
      // Every call goes to the other connection than the one before.
      return new Proxy(one as NonNullable<typeof one>, {
        get: (_, name) => Reflect.get((++turn % 2 ? one : other) as object, name),
      });
    },
  });
});
