import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProgram, findProgram, startProgram } from './child-server.js';
import { freePort } from './free-port.js';

/** An nginx of a test's own. */
export interface Nginx {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Why a test that needs nginx is skipped, or undefined when it can run. */
export function nginxMissing(): string | undefined {
  return nginxPath() ? undefined : 'nginx is not installed here';
}

/** Starts nginx with these `location` blocks in one server. */
export async function startNginx(locations: string): Promise<Nginx> {
  const program = nginxPath();
  if (!program) throw new Error(nginxMissing());
  const folder = mkdtempSync(join(tmpdir(), 'gateway-nginx-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const config = `
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
    events {}
    http {
      access_log off;
      ${scratch.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
      server { listen 127.0.0.1:${port};\n${locations}\n}
    }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const isUp = () =>
    fetch(origin).then(
      () => true,
      () => false,
    );
  const child = await startProgram(program, ['-c', join(folder, 'nginx.conf'), '-e', 'stderr'], isUp);
  return {
    origin,
    async stop() {
      await endProgram(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function nginxPath(): string | undefined {
  return findProgram('nginx', ['/usr/sbin', '/usr/local/sbin']);
}
