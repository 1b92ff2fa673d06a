import type { RequestListener } from 'node:http';
import OpenAI from 'openai';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway, type Gateway, type GatewayOptions } from '../../src/index.js';
import { type FakeUpstream, type FakeUpstreamOptions, fakeUpstream } from '../../src/testing/index.js';
import { type Listening, listen } from './listen.js';
import { testLogger } from './test-logger.js';

/** What a test says of its gateway. */
export type TestGatewayOptions = Omit<GatewayOptions, 'plans'> & Partial<Pick<GatewayOptions, 'plans'>>;

/** Options with what every test wants that does not say otherwise: one attempt, one plan, and no error in the log. */
export function testOptions(options: TestGatewayOptions): GatewayOptions {
  return {
    retries: { maxAttempts: 1 },
    logger: testLogger,
    ...options,
    plans: options.plans ?? { free: { models: '*' } },
  };
}

/** A gateway without a server, with `testOptions`. */
export function unservedGateway(options: TestGatewayOptions): Gateway {
  return createGateway(testOptions(options));
}

/** A gateway on a real socket. */
export interface ServedGateway extends Listening {
  /** With `/v1`. */
  readonly url: string;
  /** Posts a body, as it is or as JSON, below the origin. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Serves a gateway. @param serve default: Node's own handler at the root. */
export async function servedGateway(
  gateway: Gateway,
  serve: (gateway: Gateway) => RequestListener = toNodeHandler,
): Promise<ServedGateway> {
  const listening = await listen(serve(gateway));
  const { origin } = listening;
  return {
    ...listening,
    url: `${origin}/v1`,
    post: (path, body, headers = {}) =>
      fetch(`${origin}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

/** A gateway on a real socket, with the key of one account. */
export interface TestGateway extends Omit<ServedGateway, 'server'> {
  readonly gateway: Gateway;
  readonly key: string;
  readonly keyId: string;
  /** The official client; it never tries again by itself. */
  client(key?: string): OpenAI;
  /** Stops server and gateway, without waiting for what runs. */
  close(): Promise<void>;
}

/** How a test wants its gateway served. */
export interface TestGatewaySetup {
  /** Default `user_1`. */
  readonly accountId?: string;
  /** USD on its account; default none. */
  readonly balance?: string;
  /** What serves it; default: Node's own handler at the root. */
  readonly serve?: (gateway: Gateway) => RequestListener;
}

/** Starts one, with `testOptions`. */
export async function testGateway(options: TestGatewayOptions, setup: TestGatewaySetup = {}): Promise<TestGateway> {
  const { accountId = 'user_1', balance, serve } = setup;
  const gateway = unservedGateway(options);
  if (balance !== undefined) await gateway.credits.topUp({ accountId, amount: balance, idempotencyKey: 'start' });
  const { key, record } = await gateway.keys.create({ accountId, name: 'laptop' });
  const { origin, url, post, close } = await servedGateway(gateway, serve);
  return {
    gateway,
    origin,
    url,
    key,
    keyId: record.id,
    client: (apiKey = key) => new OpenAI({ apiKey, baseURL: url, maxRetries: 0 }),
    post,
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
