import { createGateway, type Gateway, type GatewayRequest, memoryStore, openai } from '../../src/index.js';
import { hashKey } from '../../src/keys/key-format.js';
import { CANCELLATION, Cancellation } from '../../src/lib/cancellation.js';
import type { Settlement } from '../../src/meter/meter.js';
import { exchanges } from '../../src/upstream/adopt-transport.js';
import type { Transport, UpstreamResponse } from '../../src/upstream/transport.js';
import { sampleAnswer } from '../sample-answer.js';
import { sampleSettlement } from '../sample-settlement.js';

const ACTIVE_KEYS = 1_000;
const answer = new TextEncoder().encode(sampleAnswer('Hello!'));
const body = new TextEncoder().encode(
  JSON.stringify({ model: 'bench', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 200 }),
);

/** A provider that answers at once. */
async function exchange(): Promise<UpstreamResponse> {
  let unread: Uint8Array[] | undefined = [answer];
  const read = async () => {
    const pieces = unread;
    unread = undefined;
    return pieces;
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { read, cancel() {}, discard() {} },
  };
}

/** As the default transport does without an `AbortSignal`, which costs half as much as the rest of such a request. */
const transport: Transport = exchanges.attach({ send: exchange }, exchange);

/** A gateway that knows many accounts, keys and settled requests already, and one request of each of up to a thousand keys. */
export async function socketless({
  accounts,
  events,
}: {
  readonly accounts: number;
  readonly events: number;
}): Promise<{
  readonly gateway: Gateway;
  readonly requests: readonly GatewayRequest[];
}> {
  const store = memoryStore();
  const gateway = createGateway({
    providers: { openai: openai({ apiKey: 'sk-bench' }) },
    models: { bench: { provider: 'openai', price: { input: 0.15, output: 0.6 } } },
    plans: {
      pro: {
        models: '*',
        billing: 'prepaid',
        limits: { requestsPerMinute: 1e9, tokensPerMinute: 2e9, concurrentRequests: 1e6 },
      },
    },
    store,
    transport,
  });
  for (let i = 0; i < accounts; i += 1) {
    const filler = { id: `key_${i}`, accountId: `account_${i}`, name: '', hint: '', createdAt: 0 };
    await store.keyStore.createKey({ ...filler, hash: hashKey(`filler-${i}`) });
    if (i < ACTIVE_KEYS) await credit(`account_${i}`);
  }
  const keys: string[] = [];
  for (let i = 0; i < Math.min(accounts, ACTIVE_KEYS); i += 1)
    keys.push((await gateway.keys.create({ accountId: `account_${i}`, name: 'bench' })).key);
  for (let i = 0; i < events; i += 1) await store.meter.settle(pastRequest(i, `account_${i % accounts}`));

  async function credit(accountId: string): Promise<void> {
    await gateway.credits.topUp({ accountId, amount: '1000', idempotencyKey: accountId });
  }
  const gone = new Cancellation();
  const requests = keys.map((key): GatewayRequest & { readonly [CANCELLATION]: Cancellation } => ({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: async () => body,
    [CANCELLATION]: gone,
    get signal() {
      return gone.signal;
    },
  }));
  return { gateway, requests };
}

function pastRequest(i: number, accountId: string): Settlement {
  return sampleSettlement({ id: `req_past_${i}`, accountId, keyId: 'key_0', at: Date.now() - 3_600_000 });
}
