import { type AddressInfo, connect } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { expect } from 'vitest';
import { assemble } from '../../src/config/assemble.js';
import { type Gateway, gatewayOf } from '../../src/gateway.js';
import { type CreateKeyOptions, type GatewayOptions, memoryKeyStore, memoryMeter, openai } from '../../src/index.js';
import { memoryRateLimiter } from '../../src/limits/memory-rate-limiter.js';
import type { Runtime } from '../../src/pipeline/runtime.js';
import type { MemoryMeter } from '../../src/stores/memory/memory-meter.js';
import { assertAccountsBalance } from '../../src/testing/accounting-oracle.js';
import { eventually } from '../helpers/eventually.js';
import { servedGateway, testOptions } from '../helpers/test-gateway.js';
import { notingLogger } from '../helpers/test-logger.js';
import { type FaultUpstream, faultUpstream, healthy, type Play, WORD } from './fault-upstream.js';

/** What an account starts with, in nano-USD: one dollar. */
export const START = 1_000_000_000n;
/** The price of an answer of 10 input and 20 output tokens at 1,000 and 2,000 nano-USD each. */
export const STANDARD = 50_000n;
export const PROVIDER_KEY = 'sk-provider-key-canary';

export const CHAT = { model: 'small', messages: [{ role: 'user', content: 'Say hello.' }], max_tokens: 100 };

/** How an answer looked to its client. */
export interface Seen {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** True when the connection broke before the answer was complete. */
  readonly broken: boolean;
  /** The error of a JSON answer, or of the last frame of a stream. */
  readonly error: { readonly code: string; readonly message: string; readonly param: string | null } | undefined;
}

/** A gateway between a scripted provider and clients, all on real sockets. */
export interface FaultSite {
  readonly gateway: Gateway;
  readonly runtime: Runtime;
  readonly meter: MemoryMeter;
  readonly upstream: FaultUpstream;
  readonly port: number;
  readonly key: string;
  readonly keyId: string;
  /** Everything that was logged, as one text. */
  readonly log: { text: string };
  /** Posts a chat completion; what the body does not name is `CHAT`. */
  post(body?: object | string, headers?: Record<string, string>): Promise<Seen>;
  /** The same, as an open answer. */
  open(body?: object, signal?: AbortSignal): Promise<Dispatcher.ResponseData>;
  /** Sends bytes as they are and returns all that comes back until the connection ends. */
  raw(bytes: string | Buffer): Promise<string>;
  /** Connections of clients that are open. */
  connections(): Promise<number>;
  /** What the account has been charged so far. */
  charged(): bigint;
  /** Waits until everything is over: nothing held, leased, watched, running or open. Checks the books. */
  over(): Promise<void>;
}

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

/** Runs a test against a site, and checks afterwards that nothing is left of it. */
export async function withSite(
  options: Partial<GatewayOptions> & { readonly play?: Play; readonly keyOptions?: Partial<CreateKeyOptions> },
  run: (site: FaultSite) => Promise<void>,
): Promise<void> {
  const { play = healthy, keyOptions, ...gatewayOptions } = options;
  const upstream = await faultUpstream(play);
  const meter = memoryMeter();
  const limiter = memoryRateLimiter();
  const limits = { requestsPerMinute: 1_000_000, concurrentRequests: 100_000 };
  const log = { text: '' };
  const note = (fields: object, message: string) => {
    log.text += `${message} ${JSON.stringify(fields)}\n`;
  };
  const baseURL = `${upstream.origin}/v1`;
  const wiring = assemble(
    testOptions({
      models: { small: { provider: 'one', price: { input: 1, output: 2 } } },
      plans: { prepaid: { models: '*', billing: 'prepaid', limits } },
      store: { keyStore: memoryKeyStore(), meter },
      rateLimiter: limiter,
      logger: notingLogger(note),
      ...gatewayOptions,
      providers: { one: openai({ apiKey: PROVIDER_KEY, baseURL }), ...gatewayOptions.providers },
    }),
  );
  const { runtime } = wiring;
  const gateway = gatewayOf(wiring);
  meter.credit({ accountId: 'user_1', kind: 'top_up', amount: START, idempotencyKey: 'start', now: 0 });
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop', ...keyOptions });
  const served = await servedGateway(gateway);
  const { port } = served.server.address() as AddressInfo;
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, pipelining: 1 });

  const send = (body: object | string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    agent.request({
      origin: `http://127.0.0.1:${port}`,
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify({ ...CHAT, ...body }),
      ...(signal && { signal }),
    });

  const site: FaultSite = {
    gateway,
    runtime,
    meter,
    upstream,
    port,
    key,
    keyId: record.id,
    log,
    post: async (body = {}, headers) => readAll(await send(body, headers)),
    open: (body = {}, signal) => send(body, {}, signal),
    raw: (bytes) => exchangeBytes(port, bytes),
    connections: () =>
      new Promise((resolve, reject) =>
        served.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    charged: () => START - meter.balance('user_1').balance,
    async over() {
      await eventually(() => runtime.inFlight.size === 0 && upstream.running === 0);
      expect(runtime.watchdog.size).toBe(0);
      expect(meter.balance('user_1').held).toBe(0n);
      const subjects = [{ subject: 'account:user_1', limits }];
      const states = limiter.peek({ group: 'user_1', subjects });
      expect(states.find(({ kind }) => kind === 'concurrency')?.remaining).toBe(limits.concurrentRequests);
      const prepaid = runtime.catalog.plans.get('prepaid')?.prepaid === true;
      await assertAccountsBalance(meter, ['user_1'], { prepaid });
    },
  };

  rejections.length = 0;
  try {
    await run(site);
    await site.over();
    await gateway.close({ deadlineMs: 0 });
    await eventually(() => upstream.sockets === 0);
    expect(rejections).toEqual([]);
    expect(log.text).not.toContain(PROVIDER_KEY);
    expect(log.text).not.toContain(key);
  } finally {
    await gateway.close({ deadlineMs: 0 });
    await agent.destroy();
    await served.close();
    await upstream.close();
  }
}

/** Reads an answer to its end. */
export async function readAll(response: Dispatcher.ResponseData): Promise<Seen> {
  let text = '';
  let broken = false;
  try {
    for await (const piece of response.body) text += String(piece);
  } catch {
    broken = true;
  }
  return { status: response.statusCode, headers: response.headers, text, broken, error: errorOf(text) };
}

/** Reads a stream until its text holds so many of something. */
export async function readUntil(response: Dispatcher.ResponseData, what: string, count: number): Promise<string> {
  let text = '';
  for await (const piece of response.body.iterator({ destroyOnReturn: false })) {
    text += String(piece);
    if (text.split(what).length > count) break;
  }
  return text;
}

function errorOf(text: string): Seen['error'] {
  const json = text.startsWith('{') ? text : /data: (\{"error".*\})\n\n$/.exec(text)?.[1];
  if (json === undefined) return undefined;
  return (JSON.parse(json) as { error?: NonNullable<Seen['error']> }).error;
}

function exchangeBytes(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (piece) => {
      text += piece.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

/** How many input tokens are charged where the provider reported none: as many as there are bytes. */
export function inputBound(body: object = {}): bigint {
  return BigInt(JSON.stringify({ ...CHAT, ...body }).length);
}

/** What a request holds: every byte of it as a token, and all of its output. */
export function mostOf(body: object = {}): bigint {
  return inputBound(body) * 1_000n + 100n * 2_000n;
}

/** What a cut stream of so many words costs: every letter may have been a token. */
export function partial(wordCount: number, body: object = { stream: true }): bigint {
  return inputBound(body) * 1_000n + BigInt(wordCount * WORD.length) * 2_000n;
}
