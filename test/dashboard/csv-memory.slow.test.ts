import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOKEN_BUCKETS } from '../../src/lib/usage.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { endProgram } from '../helpers/child-server.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';

const MIB = 1024 * 1024;
const DAY = 86_400_000;
const DAYS = 365;
const START = Date.UTC(2025, 10, 21);
/** Rows of the file: for each day so many keys with seven models. */
const KEYS = Number(process.env['CSV_KEYS'] ?? 80);
const ROWS = DAYS * KEYS * 7;
/** What the garbage of longer work may take more; the objects and text of nine months more are several times that. */
const MOST_MORE = 48 * MIB;

const missing = postgresMissing();
let server: PostgresServer | undefined;
const folder = mkdtempSync(join(tmpdir(), 'gateway-csv-'));

/** SQL that keeps a year of sums of `alice`. */
function yearOfSums(): string {
  const tokens = Object.values(TOKEN_BUCKETS).map(({ column }) => column);
  const columns = `account_id, grain, start, key_id, model, via, requests, with_units, ${tokens.join(', ')}, cost`;
  const counts = `'key', 3, 0, ${tokens.map((_, i) => i + 10).join(', ')}, 123456789`;
  const start = (perDay: number) => `${START} + CAST(i / ${perDay} AS bigint) * ${DAY}`;
  const numbers = (count: number) =>
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;
  return `INSERT INTO gateway_usage (${columns}) ${numbers(ROWS)}
      SELECT 'alice', 'day', ${start(KEYS * 7)}, 'key_' || (i % ${KEYS}), 'model_' || (i / ${KEYS} % 7), ${counts} FROM n;
    INSERT INTO gateway_usage (${columns}) ${numbers(DAYS * 7)}
      SELECT 'alice', 'all_day', ${start(7)}, '', 'model_' || (i % 7), ${counts} FROM n;`;
}

const places: Readonly<Record<string, () => Promise<string>>> = {
  async SQLite() {
    const database = new Database(join(folder, 'gateway.db'));
    await sqliteStore(database).migrate?.();
    database.exec(yearOfSums());
    database.close();
    return join(folder, 'gateway.db');
  },
  async PostgreSQL() {
    if (!server) throw new Error(missing);
    const pool = server.pool(1);
    await postgresStore(pool).migrate?.();
    await pool.query(yearOfSums());
    await pool.query('ANALYZE');
    return JSON.stringify(server.config);
  },
};

beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

describe.each(Object.keys(places).filter((name) => name === 'SQLite' || !missing))('a year of usage in %s', (name) => {
  let child: ChildProcess;
  let port: number;
  const message = () => new Promise<number>((resolve) => child.once('message', (value) => resolve(Number(value))));
  const highest = () => {
    const answer = message();
    child.send('measure');
    return answer;
  };

  beforeAll(async () => {
    const path = fileURLToPath(new URL('csv-server.ts', import.meta.url));
    const place = await places[name]?.();
    child = fork(path, [String(place)], { execArgv: ['--import', 'tsx', '--expose-gc'] });
    port = await message();
  }, 300_000);
  afterAll(() => endProgram(child, 'SIGKILL'));

  /** Reads a file over a socket and keeps nothing of it; how many lines and bytes it has. */
  async function read(path: string, days: number) {
    const range = `from=${new Date(START).toISOString()}&to=${new Date(START + days * DAY).toISOString()}`;
    const answer = await fetch(`http://127.0.0.1:${port}/api/${path}?${range}`);
    expect(answer.status).toBe(200);
    let [lines, bytes] = [0, 0];
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += piece.length;
      for (const byte of piece) if (byte === 10) lines += 1;
    }
    return { lines, bytes };
  }

  test.each([
    ['usage.csv', ROWS],
    ['operator/usage.csv', DAYS * 7],
  ])('%s is sent in as little memory as three months of it', { timeout: 600_000 }, async (path, rows) => {
    await read(path, 3);
    await highest();
    await read(path, 91);
    const quarter = await highest();
    const { lines, bytes } = await read(path, DAYS);
    const year = await highest();
    console.log(name, path, { lines, bytes, quarterMiB: Math.round(quarter / MIB), yearMiB: Math.round(year / MIB) });
    expect(lines).toBe(rows + 1);
    expect(year - quarter).toBeLessThan(MOST_MORE);
  });
});
