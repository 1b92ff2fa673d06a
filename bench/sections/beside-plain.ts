import { postgresMissing, startPostgres } from '../../test/helpers/postgres-server.js';
import { redisMissing, startRedis } from '../../test/helpers/redis-server.js';
import { JSON_CASE } from '../cases.js';
import { findingOf } from '../findings.js';
import { type Bench, type Effort, measureTogether } from '../measure.js';
import { tiny } from '../rows.js';
import type { UsedPart } from '../subjects/subject.js';
import { FLOOR, type SubjectKind } from '../subjects.js';
import { median, ms, table, times } from '../table.js';

const effort: Effort = { firsts: [10_000], settlingRounds: 4, rounds: 9, roundSeconds: 0.5, aloneSeconds: 0.5 };
const PLAIN: SubjectKind = { name: 'keys, limits, balance, usage in memory', variant: 'node' };

const PARTS: Readonly<Record<UsedPart, string>> = {
  unused: 'other plans with allowances, budgets for end users and sessions, retention: unused',
  allowances: 'two allowances and a budget, used',
  'request log': 'request log',
  hooks: 'a hook that reads requests and answers (`redact`)',
  telemetry: 'OpenTelemetry: spans in batches, metrics',
  metrics: 'Prometheus metrics',
};

/** What each part costs, unused and used. */
export async function costOfParts(bench: Bench, isTiny: boolean): Promise<string> {
  const kinds = Object.entries(PARTS).map(
    ([part, name]): SubjectKind => ({ name, variant: 'node', part: part as UsedPart }),
  );
  return compareWithPlain('JSON with', [PLAIN, ...kinds], bench, isTiny);
}

/** The same request by store. */
export async function costOfStores(bench: Bench, isTiny: boolean, note: (text: string) => void): Promise<string> {
  const kinds: SubjectKind[] = [PLAIN, { name: 'SQLite (libsql, WAL)', variant: 'node', store: { kind: 'sqlite' } }];
  if (postgresMissing()) note(`Not measured: PostgreSQL. ${postgresMissing()}.`);
  if (redisMissing()) note(`Not measured: Redis. ${redisMissing()}.`);
  const server = postgresMissing() ? undefined : await startPostgres({ fsync: true });
  const redis = redisMissing() ? undefined : await startRedis();
  try {
    if (server) {
      const store = { kind: 'postgres', postgres: server.config } as const;
      kinds.push({ name: 'PostgreSQL', variant: 'node', store });
      if (redis)
        kinds.push({ name: 'PostgreSQL, limits in Redis', variant: 'node', store: { ...store, redis: redis.socket } });
    }
    return await compareWithPlain('JSON by store', kinds, bench, isTiny);
  } finally {
    await server?.stop();
    await redis?.stop();
  }
}

async function compareWithPlain(
  title: string,
  kinds: readonly SubjectKind[],
  bench: Bench,
  isTiny: boolean,
): Promise<string> {
  const groups = [await measureTogether(JSON_CASE, [FLOOR, ...kinds], bench, isTiny ? tiny(effort) : effort)];
  const rows = [FLOOR, ...kinds].map((kind) => {
    const beside = findingOf(kind, FLOOR, groups);
    const toPlain = findingOf(kind, PLAIN, groups);
    return [
      kind.name,
      beside.cpuMicros.toFixed(0),
      times(median(beside.ratios)),
      times(median(toPlain.ratios)),
      beside.perSecond.toFixed(0),
      ...beside.latency.map(ms),
      beside.loadedMB.toFixed(0),
    ];
  });
  return table([title, 'CPU µs', '× floor', '× the first', 'req/s', '+ms p50', '+ms p99', 'MB'], rows);
}
