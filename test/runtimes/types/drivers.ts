import { DatabaseSync } from 'node:sqlite';
import { PGlite } from '@electric-sql/pglite';
import { Pool as NeonPool, neon } from '@neondatabase/serverless';
import BetterSqlite from 'better-sqlite3';
import { Cluster, Redis } from 'ioredis';
import LibSql from 'libsql';
import { postgresStore } from 'metask-gateway/postgres';
import { redisItems, redisKeyEvents, redisRateLimiter } from 'metask-gateway/redis';
import { sqliteStore } from 'metask-gateway/sqlite';
import { Pool } from 'pg';
import postgres from 'postgres';
import { createClient } from 'redis';

const ioredis = new Redis();
const cluster = new Cluster([]);
const nodeRedis = createClient();
export const everything = [
  sqliteStore(new BetterSqlite('a.db')),
  sqliteStore(new LibSql('a.db')),
  sqliteStore(new DatabaseSync('a.db')),
  postgresStore(new Pool()),
  postgresStore(new PGlite()),
  postgresStore(new NeonPool()),
  postgresStore(neon('postgresql://…')),
  postgresStore(postgres()),
  ...[ioredis, cluster].flatMap((client) => [redisRateLimiter(client), redisKeyEvents(client), redisItems(client)]),
  redisRateLimiter(nodeRedis),
  redisKeyEvents(nodeRedis),
  redisItems(nodeRedis),
];
