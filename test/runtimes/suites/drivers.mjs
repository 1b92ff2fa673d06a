/**
 * The database drivers, each opened as an app opens it. An opened driver has what its suites are run on: `meter`,
 * `keyStore` and `items` of a store, or `limiter`, and `close`.
 *
 * Where the databases are comes from the environment: PG_FOLDER (a Unix socket), REDIS_SOCKET, FOLDER (for files).
 */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { postgresStore } from 'metask-gateway/postgres';
import { redisItems, redisRateLimiter } from 'metask-gateway/redis';
import { sqliteStore } from 'metask-gateway/sqlite';

const { PG_FOLDER = '', REDIS_SOCKET = '', FOLDER = '.' } = process.env;
const PG_SOCKET = join(PG_FOLDER, '.s.PGSQL.5432');
const file = (name) => join(FOLDER, `${name}-${process.pid}.db`);
const POSTGRES = { host: PG_FOLDER, user: 'postgres', database: 'postgres', max: 20 };

export const drivers = {
  async 'better-sqlite3'() {
    const { default: Database } = await import('better-sqlite3');
    return sqlite(new Database(file('better-sqlite3')));
  },
  async libsql() {
    const { default: Database } = await import('libsql');
    return sqlite(new Database(file('libsql')));
  },
  async 'node:sqlite'() {
    const { DatabaseSync } = await import('node:sqlite');
    return sqlite(new DatabaseSync(file('node-sqlite')));
  },
  async 'bun:sqlite'() {
    const { Database } = await import('bun:sqlite');
    return sqlite(new Database(file('bun-sqlite')));
  },
  async pg() {
    const { default: pg } = await import('pg');
    const pool = new pg.Pool(POSTGRES);
    return { ...postgres(pool), close: () => pool.end() };
  },
  async PGlite() {
    const { PGlite } = await import('@electric-sql/pglite');
    const database = await PGlite.create();
    return { ...postgres(database), close: () => database.close() };
  },
  async 'postgres.js'() {
    const { default: connectTo } = await import('postgres');
    const sql = connectTo({ ...POSTGRES, path: PG_SOCKET, onnotice: () => {} });
    return { ...postgres(sql), close: () => sql.end() };
  },
  async 'Neon pool'() {
    const { neonConfig, Pool } = await import('@neondatabase/serverless');
    const { WebSocket, WebSocketServer } = await import('ws');
    const proxy = await listening(new WebSocketServer({ host: '127.0.0.1', port: 0 }));
    proxy.on('connection', relayToPostgres);
    neonConfig.webSocketConstructor = WebSocket;
    neonConfig.useSecureWebSocket = false;
    neonConfig.pipelineConnect = false;
    neonConfig.wsProxy = () => `127.0.0.1:${proxy.address().port}/v1`;
    const pool = new Pool({ ...POSTGRES, host: 'neon.localhost' });
    return {
      ...postgres(pool),
      async close() {
        await pool.end();
        proxy.close();
      },
    };
  },
  async 'Neon HTTP'() {
    const { neon, neonConfig } = await import('@neondatabase/serverless');
    const { default: pg } = await import('pg');
    const pool = new pg.Pool(POSTGRES);
    const proxy = await listening(createServer((request, response) => answerOverHttp(pool, request, response)));
    neonConfig.fetchEndpoint = `http://127.0.0.1:${proxy.address().port}/sql`;
    const sql = neon('postgresql://postgres:secret@neon.localhost/postgres');
    return {
      ...postgres(sql),
      async close() {
        proxy.closeAllConnections();
        proxy.close();
        await pool.end();
      },
    };
  },
  async ioredis() {
    const { Redis } = await import('ioredis');
    const client = new Redis({ path: REDIS_SOCKET });
    // With the time of the test's clock in place of the server's.
    const onClock = (clock) => ({
      ping: () => client.ping(),
      evalsha: async () => {
        throw new Error('NOSCRIPT: a script that reads the time must be sent anew');
      },
      eval: (script, ...rest) => client.eval(timed(script, clock), ...rest),
    });
    return { ...redis(client, onClock), close: () => client.disconnect() };
  },
  async 'node-redis'() {
    const { createClient } = await import('redis');
    const client = await createClient({ socket: { path: REDIS_SOCKET } }).connect();
    const onClock = (clock) => ({
      isReady: true,
      async sendCommand([command, script, ...rest]) {
        if (command === 'EVALSHA') throw new Error('NOSCRIPT: a script that reads the time must be sent anew');
        return client.sendCommand(command === 'EVAL' ? [command, timed(script, clock), ...rest] : [command]);
      },
    });
    return { ...redis(client, onClock), close: () => client.destroy() };
  },
};

function sqlite(database) {
  const store = sqliteStore(database);
  return {
    meter: () => sqliteStore(database).meter,
    keyStore: () => store.keyStore,
    items: () => store.items,
    close: () => database.close(),
  };
}

function postgres(pool) {
  // A busy machine is no fault of the driver.
  const store = postgresStore(pool, { statementTimeoutMs: 30_000 });
  return { meter: () => store.meter, keyStore: () => store.keyStore, items: () => store.items };
}

function redis(client, onClock) {
  const options = { onUnavailable: 'closed', commandTimeoutMs: 10_000 };
  return { limiter: (clock) => redisRateLimiter(onClock(clock), options), items: () => redisItems(client) };
}

function timed(script, clock) {
  const now = clock.now();
  const time = `{ '${Math.floor(now / 1_000)}', '${Math.round((now % 1_000) * 1_000)}' }`;
  const changed = script.replace("redis.call('TIME')", time);
  if (changed === script) throw new Error('the script does not ask Redis for the time');
  return changed;
}

function listening(server) {
  return new Promise((resolve) => {
    server.once('listening', () => resolve(server));
    // A WebSocketServer listens by itself.
    server.listen?.(0, '127.0.0.1');
  });
}

/** What Neon's WebSocket proxy does: the bytes of PostgreSQL's protocol in messages. */
function relayToPostgres(socket) {
  const database = connect(PG_SOCKET);
  socket.on('message', (bytes) => database.write(bytes));
  socket.on('close', () => database.destroy());
  database.on('data', (bytes) => socket.send(bytes));
  database.on('close', () => socket.close());
  database.on('error', () => socket.close());
}

/** What Neon's HTTP endpoint does: one statement in, its rows as arrays of texts out, with the types of the columns. */
async function answerOverHttp(pool, request, response) {
  let body = '';
  for await (const piece of request) body += piece;
  const { query, params } = JSON.parse(body);
  try {
    const types = { getTypeParser: () => (text) => text };
    const { rows, fields, command, rowCount } = await pool.query({
      text: query,
      values: params,
      rowMode: 'array',
      types,
    });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ command, rowCount, rows, fields, rowAsArray: true }));
  } catch (error) {
    response.statusCode = 400;
    response.end(JSON.stringify({ ...error, message: error.message }));
  }
}
