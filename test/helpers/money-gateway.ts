import { Agent, type Dispatcher } from 'undici';
import { toNodeHandler } from '../../src/http/node.js';
import {
  type CreateKeyOptions,
  type Gateway,
  type GatewayOptions,
  memoryKeyStore,
  memoryMeter,
  openai,
} from '../../src/index.js';
import type { MemoryMeter } from '../../src/stores/memory/memory-meter.js';
import { assertAccountsBalance } from '../../src/testing/accounting-oracle.js';
import { type RawScript, type RawUpstream, rawUpstream } from './raw-upstream.js';
import { servedGateway, unservedGateway } from './test-gateway.js';

/** USD 1 per million input tokens, USD 2 per million output tokens: 1,000 and 2,000 nano-USD each. */
export const PRICE = { input: 1, output: 2 };

/** An answer as its client saw it. */
export interface Seen {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** True when the connection ended before the answer did. */
  readonly broken: boolean;
}

/** A gateway and its provider on real sockets, with prepaid accounts whose books are checked at the end. */
export interface MoneyGateway {
  readonly gateway: Gateway;
  readonly meter: MemoryMeter;
  readonly upstream: RawUpstream;
  /** Clients that left before their answer was complete. */
  readonly left: number;
  /** Makes an account on a plan, with this many nano-USD and a key. */
  account(nano: bigint, options?: { plan?: string } & Partial<CreateKeyOptions>): Promise<Customer>;
  /** Waits for everything that runs, and checks the books of all accounts. */
  finish(): Promise<void>;
}

/** An account with a key. */
export interface Customer {
  readonly id: string;
  readonly key: string;
  readonly keyId: string;
  /** Posts a chat completion; what the body does not name is `CHAT`. */
  post(body?: object, signal?: AbortSignal): Promise<Seen>;
  /** The same, as an open answer. */
  open(body?: object, signal?: AbortSignal): Promise<Dispatcher.ResponseData>;
  /** What the account has left, in nano-USD. */
  balance(): bigint;
}

/** A request that may produce 100 tokens. */
export const CHAT = { model: 'small', messages: [{ role: 'user', content: 'Say hello.' }], max_tokens: 100 };

/** The bytes of a body: how many input tokens a hold is made for, and are charged where the provider reported none. */
export function inputBound(body: object = {}): bigint {
  return BigInt(JSON.stringify({ ...CHAT, ...body }).length);
}

/** What a request for `outputTokens` holds at `PRICE`. */
export function holdFor(outputTokens: number, body: object = {}): bigint {
  return inputBound(body) * 1_000n + BigInt(outputTokens) * 2_000n;
}

/** Starts one; `options` go to the gateway, its provider `openai` is the script. */
export async function startMoneyGateway(
  script: RawScript,
  options: Partial<GatewayOptions> = {},
): Promise<MoneyGateway> {
  const upstream = await rawUpstream(script);
  const meter = memoryMeter();
  const gateway = unservedGateway({
    models: { small: { provider: 'openai', price: PRICE } },
    plans: { prepaid: { models: '*', billing: 'prepaid' }, metered: { models: '*' } },
    defaultPlan: 'prepaid',
    store: { keyStore: memoryKeyStore(), meter },
    ...options,
    providers: { openai: openai({ apiKey: 'sk-upstream', baseURL: `${upstream.url}/v1` }), ...options.providers },
  });
  const handler = toNodeHandler(gateway);
  let left = 0;
  const site = await servedGateway(gateway, () => (request, response) => {
    handler(request, response);
    response.once('close', () => {
      if (!response.writableFinished) left++;
    });
  });
  const { origin } = site;
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, pipelining: 1 });
  const prepaid: string[] = [];
  const metered: string[] = [];

  return {
    gateway,
    meter,
    upstream,
    get left() {
      return left;
    },
    async account(nano, { plan, ...keyOptions } = {}) {
      const id = `user_${prepaid.length + metered.length + 1}`;
      if (plan !== undefined) await gateway.accounts.setPlan(id, plan);
      (plan === 'metered' ? metered : prepaid).push(id);
      if (nano > 0n) meter.credit({ accountId: id, kind: 'top_up', amount: nano, idempotencyKey: 'start', now: 0 });
      const { key, record } = await gateway.keys.create({ accountId: id, name: 'laptop', ...keyOptions });
      return customer({ id, key, keyId: record.id, origin, agent, meter });
    },
    async finish() {
      await gateway.close();
      await assertAccountsBalance(meter, prepaid, { prepaid: true });
      await assertAccountsBalance(meter, metered);
      await agent.destroy();
      await site.close();
      await upstream.close();
    },
  };
}

interface CustomerParts {
  readonly id: string;
  readonly key: string;
  readonly keyId: string;
  readonly origin: string;
  readonly agent: Agent;
  readonly meter: MemoryMeter;
}

function customer({ id, key, keyId, origin, agent, meter }: CustomerParts): Customer {
  const open = (body: object = {}, signal?: AbortSignal) =>
    agent.request({
      origin,
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...CHAT, ...body }),
      signal,
    });
  return {
    id,
    key,
    keyId,
    open,
    async post(body, signal) {
      const response = await open(body, signal);
      let text = '';
      try {
        for await (const piece of response.body) text += String(piece);
        return { status: response.statusCode, headers: response.headers, text, broken: false };
      } catch {
        return { status: response.statusCode, headers: response.headers, text, broken: true };
      }
    },
    balance: () => meter.balance(id).balance,
  };
}

/** Waits until something is so; looks again whenever the event loop has turned. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
