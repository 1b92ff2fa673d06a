import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Database from 'libsql';
import pg from 'pg';
import { createDashboard } from '../../src/dashboard/index.js';
import { toNodeHandler } from '../../src/http/node.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { forgetHighest, highestMemory } from '../helpers/highest-memory.js';

/**
 * Started as a process of its own with the file of a SQLite store, or with what a pool of PostgreSQL needs as JSON: a dashboard
 * whose caller is an operator with the account `alice`. Each message is answered with the most memory since the one before, in bytes.
 */
const place = String(process.argv[2]);
const store = place.startsWith('{')
  ? postgresStore(new pg.Pool({ ...(JSON.parse(place) as pg.PoolConfig), max: 4 }))
  : sqliteStore(new Database(place));
const dashboard = createDashboard({
  gateway: sampleGateway(store),
  authenticate: () => ({ accountId: 'alice', role: 'admin' }),
  title: 'Acme AI',
});
const server = createServer(toNodeHandler(dashboard));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => {
  const highest = highestMemory();
  globalThis.gc?.();
  forgetHighest();
  process.send?.(highest);
});
