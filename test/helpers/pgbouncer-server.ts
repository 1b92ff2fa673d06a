import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProgram, findProgram, startProgram, unprivilegedUser } from './child-server.js';
import { freePort } from './free-port.js';
import { type PostgresServer, takesConnections } from './postgres-server.js';

/** PgBouncer in transaction mode in front of a test's server. */
export interface PgBouncer {
  readonly config: { readonly host: string; readonly port: number; readonly user: string; readonly database: string };
  stop(): Promise<void>;
}

const FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** Why a test that needs PgBouncer is passed by, or undefined when it can run. */
export function pgBouncerMissing(): string | undefined {
  return findProgram('pgbouncer', FOLDERS) ? undefined : 'PgBouncer is not installed here';
}

/** Starts one with a few connections to the server, which its clients share. */
export async function startPgBouncer(server: PostgresServer): Promise<PgBouncer> {
  const program = findProgram('pgbouncer', FOLDERS);
  if (!program) throw new Error(pgBouncerMissing());
  const folder = mkdtempSync(join(tmpdir(), 'gateway-pgbouncer-'));
  chmodSync(folder, 0o755);
  const { host, user, database } = server.config;
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const settings = `[databases]
${database} = host=${host} user=${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
`;
  writeFileSync(file, settings, { mode: 0o644 });
  const config = { host: '127.0.0.1', port, user, database };
  const child = await startProgram(program, [file], () => takesConnections(config), unprivilegedUser());
  return {
    config,
    async stop() {
      await endProgram(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
