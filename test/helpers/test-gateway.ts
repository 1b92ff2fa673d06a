import type { RequestListener } from 'node:http';
import OpenAI from 'openai';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway, type Gateway, type GatewayOptions, type Logger } from '../../src/index.js';
import { type FakeUpstream, type FakeUpstreamOptions, fakeUpstream } from '../../src/testing/index.js';
import { listen } from './listen.js';

/** Drops every line. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A gateway on a real socket, with the key of one account. */
export interface TestGateway {
  readonly gateway: Gateway;
  /** Without a path. */
  readonly origin: string;
  /** With `/v1`. */
  readonly url: string;
  readonly key: string;
  readonly keyId: string;
  /** The official client; it never tries again by itself. */
  client(key?: string): OpenAI;
  /** Posts a body, as it is or as JSON, below the origin. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Stops server and gateway, without waiting for what runs. */
  close(): Promise<void>;
}

/** What a test says of its gateway. */
export type TestGatewayOptions = Omit<GatewayOptions, 'plans'> & Partial<Pick<GatewayOptions, 'plans'>>;

/** How a test wants its gateway served. */
export interface TestGatewaySetup {
  /** Default `user_1`. */
  readonly accountId?: string;
  /** USD on its account; default none. */
  readonly balance?: string;
  /** What serves it; default: Node's own handler at the root. */
  readonly serve?: (gateway: Gateway) => RequestListener;
}

/** Starts one: silent, with one attempt for each request and one plan for all models, unless `options` say otherwise. */
export async function testGateway(options: TestGatewayOptions, setup: TestGatewaySetup = {}): Promise<TestGateway> {
  const { accountId = 'user_1', balance, serve = toNodeHandler } = setup;
  const gateway = createGateway({
    retries: { maxAttempts: 1 },
    logger: silentLogger,
    ...options,
    plans: options.plans ?? { free: { models: '*' } },
  });
  if (balance !== undefined) await gateway.credits.topUp({ accountId, amount: balance, idempotencyKey: 'start' });
  const { key, record } = await gateway.keys.create({ accountId, name: 'laptop' });
  const { origin, close } = await listen(serve(gateway));
  const url = `${origin}/v1`;
  return {
    gateway,
    origin,
    url,
    key,
    keyId: record.id,
    client: (apiKey = key) => new OpenAI({ apiKey, baseURL: url, maxRetries: 0 }),
    post: (path, body, headers = {}) =>
      fetch(`${origin}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async close() {
      await close();
      await gateway.close({ deadlineMs: 0 });
    },
  };
}

/** A gateway in front of the fakes of all providers. */
export interface FakedGateway extends TestGateway {
  readonly upstream: FakeUpstream;
}

/** Starts one; `options` are made for the fakes. */
export async function fakedGateway(
  options: (upstream: FakeUpstream) => TestGatewayOptions,
  { fake, ...setup }: TestGatewaySetup & { readonly fake?: FakeUpstreamOptions | undefined } = {},
): Promise<FakedGateway> {
  const upstream = await fakeUpstream(fake);
  const site = await testGateway(options(upstream), setup);
  return {
    ...site,
    upstream,
    async close() {
      await site.close();
      await upstream.close();
    },
  };
}
