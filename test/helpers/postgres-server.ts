import { type ChildProcess, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { endProgram, findProgram, postgresFolders, startProgram, unprivilegedUser } from './child-server.js';

/** A PostgreSQL server of a test's own, on a socket in a temporary folder. */
export interface PostgresServer {
  /** What `new pg.Pool` needs. */
  readonly config: { readonly host: string; readonly port: number; readonly user: string; readonly database: string };
  /** A pool of connections to the first database, or to another one. */
  pool(max?: number, database?: string): pg.Pool;
  /** Stops the server at once, as an administrator in a hurry does (`pg_ctl stop -m immediate`). */
  halt(): Promise<void>;
  /** Lets the server hang with all of its processes: connections stay open, and nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Starts a halted server again on the same data, as a primary or as a standby, which takes no writes. */
  resume(role?: 'primary' | 'standby'): Promise<void>;
  /** Ends the pools and the server and deletes its data. */
  stop(): Promise<void>;
}

/** Why a test that needs PostgreSQL is passed by, or undefined when it can run. */
export function postgresMissing(): string | undefined {
  return findProgram('initdb', postgresFolders()) ? undefined : 'PostgreSQL (initdb, postgres) is not installed here';
}

interface PostgresOptions {
  /** Whether commits reach the disk; off makes tests faster. @default false */
  readonly fsync?: boolean;
  /** The folder with the programs of the server. @default the newest that is installed */
  readonly programs?: string;
  /** A port of this machine to listen on beside the socket. @default none */
  readonly port?: number;
  /** A halted server whose data this one begins with. */
  readonly copyOf?: PostgresServer;
  /** More settings of the server. */
  readonly settings?: Readonly<Record<string, string>>;
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const folders = options.programs === undefined ? postgresFolders() : [options.programs];
  const [initdb, postgres] = [findProgram('initdb', folders), findProgram('postgres', folders)];
  if (!initdb || !postgres) throw new Error(postgresMissing());
  const user = unprivilegedUser();
  const folder = mkdtempSync(join(tmpdir(), 'gateway-postgres-'));
  chmodSync(folder, 0o755);
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8', '-N'];
  if (options.copyOf) execFileSync('cp', ['-a', join(options.copyOf.config.host, 'data'), data]);
  else execFileSync(initdb, init, { stdio: 'ignore', cwd: folder, ...user });

  const port = options.port ?? 5432;
  const config = { host: folder, port, user: 'postgres', database: 'postgres' };
  const settings = {
    listen_addresses: options.port === undefined ? '' : '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    max_connections: '200',
    fsync: options.fsync ? 'on' : 'off',
    ...options.settings,
  };
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  let server: ChildProcess = await startProgram(postgres, args, () => takesConnections(config), user);
  const pools: pg.Pool[] = [];
  return {
    config,
    pool(max = 10, database = config.database) {
      const pool = new pg.Pool({ ...config, database, max });
      // A pool reports idle connections that the server closed; queries report their own.
      pool.on('error', () => {});
      pools.push(pool);
      return pool;
    },
    freeze: () => signalAll(server, 'SIGSTOP'),
    thaw: () => signalAll(server, 'SIGCONT'),
    halt: () => endProgram(server, 'SIGQUIT'),
    async resume(role) {
      if (role === 'standby') writeFileSync(join(data, 'standby.signal'), '');
      server = await startProgram(postgres, args, () => takesConnections(config), user);
    },
    async stop() {
      await Promise.all(pools.map((pool) => pool.end()));
      await endProgram(server, 'SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Signals a server and the processes that it has started. */
function signalAll(server: ChildProcess, signal: 'SIGSTOP' | 'SIGCONT'): void {
  server.kill(signal);
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(server.pid)], { encoding: 'utf8' });
  for (const pid of children.split('\n').filter((line) => line.trim() !== '')) process.kill(Number(pid), signal);
}

/** True once a client can connect. */
export async function takesConnections(config: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(config);
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
