import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PeerCommand } from './peer.js';

/** Another gateway that can be installed or built from a package registry. */
export interface Peer {
  readonly name: string;
  /** What of its own it does for a request in this benchmark. */
  readonly does: string;
  /** Installs it below a folder. Throws when that fails. */
  install(folder: string): PeerCommand;
}

/** Kept between runs, so that a peer is built once. */
const CACHE = join(tmpdir(), 'metask-gateway-bench-peers');
const INSTALL_MS = 600_000;
/** Portkey allows newer ones, whose answers it can't stream on Node 20. */
const PORTKEY_SERVER = { '@hono/node-server': '1.8.2' };
const KEY = 'sk-bench-0123456789';

function run(program: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): void {
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'ignore', 'pipe'];
  execFileSync(program, args, { cwd, stdio, timeout: INSTALL_MS, env: { ...process.env, ...env } });
}

const portkey: Peer = {
  name: 'Portkey 1.15.2 (Node)',
  does: 'relays; has no keys, limits or money',
  install(folder) {
    const script = join(folder, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
    if (!existsSync(script)) {
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, overrides: PORTKEY_SERVER }));
      const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'];
      run('npm', ['install', ...options, '@portkey-ai/gateway@1.15.2'], folder);
    }
    return {
      program: process.execPath,
      args: (port) => [script, `--port=${port}`, '--headless'],
      headers: (upstream) => ({
        authorization: 'Bearer sk-bench',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `${upstream}/v1`,
      }),
      ready: '/',
    };
  },
};

const litellm: Peer = {
  name: 'LiteLLM 1.108.7 (Python)',
  does: 'master key, no database: no keys, limits or money of users',
  install(folder) {
    const program = join(folder, 'venv', 'bin', 'litellm');
    if (!existsSync(program)) {
      run('python3', ['-m', 'venv', 'venv'], folder);
      run(join(folder, 'venv', 'bin', 'pip'), ['install', '-q', 'litellm[proxy]==1.108.7'], folder);
    }
    return {
      program,
      args(port, upstream) {
        const config = join(folder, `${port}.json`);
        const litellm_params = { model: 'openai/bench-openai', api_base: `${upstream}/v1`, api_key: 'sk-bench' };
        const model_list = [{ model_name: 'bench-openai', litellm_params }];
        writeFileSync(config, JSON.stringify({ model_list, general_settings: { master_key: KEY } }));
        return ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'];
      },
      env: { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR', LITELLM_MODE: 'PRODUCTION' },
      headers: () => ({ authorization: `Bearer ${KEY}` }),
      ready: '/health/liveliness',
    };
  },
};

const bifrost: Peer = {
  name: 'Bifrost (Go)',
  does: 'relays; virtual keys and budgets are off, which need its database',
  install(folder) {
    const program = join(folder, 'bifrost-http');
    if (!existsSync(program))
      run('go', ['install', 'github.com/maximhq/bifrost/transports/bifrost-http@latest'], folder, { GOBIN: folder });
    return {
      program,
      args(port, upstream) {
        const home = join(folder, String(port));
        mkdirSync(home, { recursive: true });
        const keys = [{ value: 'sk-bench', models: ['bench-openai'], weight: 1 }];
        const openai = { keys, network_config: { base_url: upstream } };
        writeFileSync(join(home, 'config.json'), JSON.stringify({ providers: { openai } }));
        return ['-host', '127.0.0.1', '-port', String(port), '-app-dir', home, '-log-level', 'error'];
      },
      env: { GOMAXPROCS: '1' },
      headers: () => ({}),
      ready: '/health',
      model: 'openai/bench-openai',
    };
  },
};

/** One that is written in Rust: its registry would have to hold a program. */
function rust(name: string, crate: string): Peer {
  return {
    name: `${name} (Rust)`,
    does: '',
    install(folder) {
      run('cargo', ['install', '--quiet', '--root', folder, crate], folder);
      const [found = crate] = execFileSync('cargo', ['install', '--list', '--root', folder], {
        encoding: 'utf8',
      }).split(':');
      const what = found.includes(' v0.0.') ? 'which only reserves the name' : "which this benchmark can't start yet";
      throw new Error(`the registry has ${found}, ${what}`);
    },
  };
}

export const PEERS: readonly Peer[] = [
  portkey,
  litellm,
  bifrost,
  rust('Busbar', 'busbar'),
  rust('TensorZero', 'tensorzero'),
  rust('Helicone AI Gateway', 'helicone-ai-gateway'),
  rust('agentgateway', 'agentgateway'),
];

/** Installs a peer in the temporary folder, or says why that can't be done. */
export function installed(peer: Peer): { readonly command: PeerCommand } | { readonly missing: string } {
  const folder = join(CACHE, peer.name.toLowerCase().replaceAll(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  try {
    return { command: peer.install(folder) };
  } catch (thrown) {
    return { missing: `${peer.name} could not be installed: ${reasonOf(thrown)}` };
  }
}

/** The last line that the package manager wrote, without addresses. */
function reasonOf(thrown: unknown): string {
  const { stderr, message } = thrown as { readonly stderr?: Buffer; readonly message?: string };
  const lines = (stderr?.toString().trim() || message || String(thrown)).split('\n');
  const telling = lines.findLast((line) => /error|response|not /i.test(line)) ?? lines.at(-1) ?? '';
  return telling
    .replaceAll(/\s*`?https?:\/\/\S+/g, '')
    .replace(/^\s*(error:|server response:)\s*/i, '')
    .trim()
    .replace(/\.$/, '');
}
