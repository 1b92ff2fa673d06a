import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { Agent } from 'undici';

/** What a gateway process works with; it goes to the process as JSON. */
export interface GatewayProcessSettings {
  /** Path of a SQLite file, or how to reach PostgreSQL. */
  readonly sqlite?: string;
  readonly postgres?: { readonly host: string; readonly user: string; readonly database: string };
  /** Path of Redis' socket. */
  readonly redis?: string;
  /** Path of the file outbox. */
  readonly outbox?: string;
  /** Base URL of the provider behind the model `slow`. */
  readonly upstream?: string;
  /** URL of a `fakeUpstream`, behind the models `gpt-5`, `claude`, `gemini-3` and `deepseek`. */
  readonly fakes?: string;
  /** Where kept items are. @default the store */
  readonly items?: 'redis';
  /** What the plan `sources` includes a month, in USD. */
  readonly allowance?: string;
  readonly defaultPlan?: 'prepaid' | 'sources';
  /** Path of a file that every event is written to; the handlers of a process throw at the first. */
  readonly events?: string;
  /** Limit of the plan `limited`. */
  readonly requestsPerMinute?: number;
}

/** What a process is asked to end. */
export interface Ending {
  readonly what: 'key' | 'session' | 'account';
  readonly id: string;
}

/** An answer as its client saw it. */
export interface SeenAnswer {
  /** 0: the connection broke before the answer was complete. */
  readonly status: number;
  readonly requestId: string;
  readonly text: string;
}

export interface GatewayProcess {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:…`. */
  readonly origin: string;
  chat(key: string, body?: object): Promise<SeenAnswer>;
  /** Revokes a key or a session token, or suspends an account, through this process's gateway. */
  end(what: Ending['what'], id: string): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Bundles the program of a gateway process, so that it starts in a fraction of a second; call `remove` at the end. */
export async function buildGatewayProcess(): Promise<{ start: typeof start; remove(): void }> {
  const folder = join(repository, 'node_modules', '.cache', `gateway-process-${process.pid}-${Date.now()}`);
  await build({
    config: false,
    entry: { gateway: join(repository, 'test', 'cluster', 'gateway-process.ts') },
    outDir: folder,
    format: ['esm'],
    outExtension: () => ({ js: '.mjs' }),
    target: 'node20',
    splitting: false,
    silent: true,
    noExternal: ['p-retry', 'is-network-error', 'eventsource-parser'],
    external: ['libsql', 'pg', 'ioredis', 'undici', 'lru-cache'],
  });
  const program = join(folder, 'gateway.mjs');
  return {
    start: (settings) => start(settings, program),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function start(settings: GatewayProcessSettings, program = ''): Promise<GatewayProcess> {
  const env = { ...process.env, GATEWAY_PROCESS: JSON.stringify(settings) };
  const child = fork(program, { env, execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { port } = (await nextMessage(child)) as { port: number };
  const agent = new Agent({ connections: 256, pipelining: 1 });
  return {
    child,
    origin: `http://127.0.0.1:${port}`,
    chat: (key, body) => chat(agent, `http://127.0.0.1:${port}`, key, body),
    async end(what, id) {
      const ended = nextMessage(child);
      child.send({ what, id } satisfies Ending);
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
      await agent.destroy();
    },
  };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the gateway process ended with ${code}`)));
  });
}

async function chat(agent: Agent, origin: string, key: string, body: object = {}): Promise<SeenAnswer> {
  const request = { model: 'quick', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...body };
  let requestId = '';
  let text = '';
  try {
    const answer = await agent.request({
      origin,
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    requestId = String(answer.headers['x-request-id']);
    text = await answer.body.text();
    const complete = !('stream' in body) || answer.statusCode !== 200 || text.endsWith('data: [DONE]\n\n');
    return { status: complete ? answer.statusCode : 0, requestId, text };
  } catch {
    return { status: 0, requestId, text };
  }
}
