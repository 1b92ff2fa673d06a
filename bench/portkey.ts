import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = '@portkey-ai/gateway';
const VERSION = '1.15.2';
/** Portkey allows newer ones, whose answers it can't stream on Node 20. */
const SERVER = { '@hono/node-server': '1.8.2' };
const INSTALL_MS = 120_000;

/** Portkey's gateway, installed outside this package's dependencies; or why it is not here. */
export type Portkey =
  | { readonly script: string; readonly version: string; remove(): void }
  | { readonly missing: string };

/** Installs a pinned version from the registry into a temporary folder. */
export function installPortkey(): Portkey {
  const folder = mkdtempSync(join(tmpdir(), 'bench-portkey-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, overrides: SERVER }));
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', `${PACKAGE}@${VERSION}`];
    execFileSync('npm', args, { cwd: folder, stdio: 'ignore', timeout: INSTALL_MS });
    const script = join(folder, 'node_modules', PACKAGE, 'build', 'start-server.js');
    if (existsSync(script)) return { script, version: VERSION, remove };
    throw new Error('its server is not in the package');
  } catch (thrown) {
    remove();
    const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
    return { missing: `${PACKAGE}@${VERSION} could not be installed (${reason})` };
  }
}

/** Tells Portkey to ask the fake provider. Google's host is the origin, the others' hosts include the version. */
export function portkeyHeaders(model: string, upstream: string): Record<string, string> {
  const provider = model.replace('bench-', '');
  return {
    authorization: 'Bearer sk-bench',
    'x-portkey-provider': provider,
    'x-portkey-custom-host': provider === 'google' ? `${upstream}/v1beta` : `${upstream}/v1`,
  };
}

/** A port that was free a moment ago, for a server that does not choose one itself. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
