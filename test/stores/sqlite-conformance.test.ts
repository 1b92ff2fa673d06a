import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, test } from 'vitest';
import { type SqliteDatabase, sqliteStore } from '../../src/stores/sqlite/index.js';
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

describe('the SQLite store, on a driver that is strict about which statements return rows', () => {
  meterSuite(test, { create: () => sqliteStore(strict(file)).meter });
  keyStoreSuite(test, { create: () => sqliteStore(strict(file)).keyStore });
});

/** As `better-sqlite3` does: `run` refuses statements that return rows, `get` and `all` those that don't. */
function strict(database: Database.Database): SqliteDatabase {
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      const check = (reader: boolean) => {
        if (statement.reader !== reader) throw new TypeError(`the wrong method for ${sql}`);
        return statement;
      };
      return {
        run: (...parameters) => check(false).run(...parameters),
        get: (...parameters) => check(true).get(...parameters),
        all: (...parameters) => check(true).all(...parameters),
      };
    },
  };
}
