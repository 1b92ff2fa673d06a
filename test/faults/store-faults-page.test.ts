import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** How each row of the table begins, and where its test is: a file, and part of the test's name. */
const TESTS: Readonly<Record<string, readonly [file: string, name: string]>> = {
  'PostgreSQL or SQLite out of reach': ['stores/store-faults.slow.test.ts', 'that has no connection left: 503'],
  'out of reach when a request ends': ['stores/postgres-faults.test.ts', 'keeps a settlement in the outbox'],
  'database answers slowly': ['stores/store-faults.slow.test.ts', 'that is stopped, with all its processes: 503'],
  'connections to PostgreSQL go half-open': [
    'stores/postgres-faults.test.ts',
    'answers again soon, with the pool of the docs',
  ],
  'PostgreSQL is stopped': ['stores/store-faults.slow.test.ts', 'that is stopped, with all its processes'],
  'a standby of PostgreSQL answers': [
    'stores/store-faults.slow.test.ts',
    'that a standby answers for after a failover',
  ],
  'PostgreSQL has no connection left': ['stores/store-faults.slow.test.ts', 'that has no connection left'],
  'the disk is full': ['stores/store-faults.slow.test.ts', 'that can not grow'],
  'the disk of PostgreSQL is full': ['stores/postgres-disk.slow.test.ts', 'whose disk is full: 503, or answered'],
  'the disk fills up in a migration': [
    'stores/sqlite-disk.slow.test.ts',
    'whose disk fills up in a migration is as it was',
  ],
  'the disk of PostgreSQL fills up while an index': [
    'stores/postgres-migration-disk.slow.test.ts',
    'whose disk fills up while the index of a filled table is made',
  ],
  'the disk of SQLite is full while': ['stores/sqlite-disk.slow.test.ts', 'whose disk is full can not be pruned'],
  'nobody may write to the SQLite file': ['stores/sqlite-disk.slow.test.ts', 'that nobody may write to any more'],
  'another process keeps the lock': [
    'stores/store-faults.slow.test.ts',
    'that another process has locked for too long',
  ],
  'the SQLite file is damaged': ['stores/store-faults.slow.test.ts', 'that is damaged: 503'],
  'PgBouncer loses named statements': [
    'stores/store-faults.slow.test.ts',
    'refuses a driver that names its statements',
  ],
  'a store of your own never answers': ['pipeline/outbox.test.ts', 'nobody waits longer than timeouts.storeMs'],
  'deadlock, serialization failure, failover': ['stores/postgres-store.test.ts', 'tries again after %s'],
  'a process is killed before': ['cluster/kill.slow.test.ts', 'every answered request is charged once'],
  'a process is killed after': ['pipeline/outbox.test.ts', 'is charged by the next process when this one ends first'],
  'Redis out of reach or hanging': ['stores/redis-outage.test.ts', 'admits each process its share of the limits'],
  'the connection to Redis goes half-open': [
    'stores/redis-faults.test.ts',
    'is replaced: the limits are shared again soon',
  ],
  'Redis loads its data': ['stores/redis-states.test.ts', 'LOADING: while it reads its data'],
  'Redis is slow': ['stores/redis-faults.test.ts', 'is away once, and does not come and go'],
  'Redis comes back empty': ['stores/redis-outage.test.ts', 'also when it came back empty'],
  'Redis pub/sub misses a revocation': ['faults/credentials.test.ts', '9 · revoked by another process'],
  'the disk of the outbox is full': ['pipeline/outbox.test.ts', 'where the outbox can not keep it either'],
  'the clock of a process is set back': [
    'keys/cached-key-store.test.ts',
    'is looked up again when the clock is set back',
  ],
  'the clock of PostgreSQL is set': [
    'stores/postgres-clocks.test.ts',
    'holds of running requests go on, those of a dead process end',
  ],
  'a process closes while the store is away': ['cluster/closing.test.ts', 'stays until the settlement is charged'],
  'clocks differ between processes': ['stores/postgres-clocks.test.ts', 'processes whose clocks differ by hours'],
};

test('each row of the fault table of the stores has its test, and each test its row', () => {
  const page = read('docs/from-one-process-to-many.md');
  const table = page.slice(page.indexOf('| fault |'), page.indexOf('## The schema'));
  const rows = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, fault]) => String(fault)).slice(1);
  const testOf = (row: string) => Object.keys(TESTS).filter((begin) => row.startsWith(begin));
  expect(rows.map(testOf)).toEqual(Object.keys(TESTS).map((begin) => [begin]));
});

test.each(Object.entries(TESTS))('%s: the test is there', (_fault, [file, name]) => {
  expect(read(`test/${file}`)).toContain(name);
});
