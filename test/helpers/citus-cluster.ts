import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { postgresFolders } from './child-server.js';
import { freePort } from './free-port.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

/** The folder of a PostgreSQL that has Citus: that of `CITUS_POSTGRES_BIN`, or one that is installed. */
function citusPrograms(): string | undefined {
  const named = process.env['CITUS_POSTGRES_BIN'];
  return (named === undefined ? postgresFolders() : [named]).find((folder) => {
    const config = join(folder, 'pg_config');
    if (!existsSync(config)) return false;
    const shared = execFileSync(config, ['--sharedir'], { encoding: 'utf8' }).trim();
    return existsSync(join(shared, 'extension', 'citus.control'));
  });
}

/** Why a test that needs Citus is passed by, or undefined when it can run. */
export function citusMissing(): string | undefined {
  return citusPrograms() === undefined
    ? 'no PostgreSQL with the Citus extension is installed here, nor named by CITUS_POSTGRES_BIN'
    : undefined;
}

/** A coordinator, and nodes that it knows. */
export interface CitusCluster {
  readonly coordinator: PostgresServer;
  stop(): Promise<void>;
}

/** Starts a coordinator with a number of workers; without any, the coordinator holds all data itself. */
export async function startCitus(workers: number): Promise<CitusCluster> {
  const programs = citusPrograms();
  if (programs === undefined) throw new Error(citusMissing());
  const settings = { shared_preload_libraries: 'citus', 'citus.node_conninfo': 'sslmode=disable' };
  const nodes: { readonly server: PostgresServer; readonly port: number }[] = [];
  const start = async () => {
    const port = await freePort();
    const server = await startPostgres({ programs, port, settings });
    nodes.push({ server, port });
    await server.pool(1).query('CREATE EXTENSION citus');
    return { server, port };
  };
  const coordinator = await start();
  const pool = coordinator.server.pool(1);
  await pool.query("SELECT citus_set_coordinator_host('127.0.0.1', $1)", [coordinator.port]);
  for (let i = 0; i < workers; i++) {
    const { port } = await start();
    await pool.query("SELECT citus_add_node('127.0.0.1', $1)", [port]);
  }
  return {
    coordinator: coordinator.server,
    async stop() {
      for (const { server } of nodes) await server.stop();
    },
  };
}
