import { describe, expect, test, vi } from 'vitest';
import {
  type GatewayOptions,
  memoryRateLimiter,
  type ProviderAdapter,
  type Settlement,
  type StreamBatch,
} from '../../src/index.js';
import { gate } from '../../src/testing/gate.js';
import {
  CHAT,
  type Customer,
  holdFor,
  inputBound,
  type MoneyGateway,
  PRICE,
  type Seen,
  startMoneyGateway,
  until,
} from '../helpers/money-gateway.js';
import { chunkEvent, completionReply, DONE, errorReply, streamReply, usageEvent } from '../helpers/openai-replies.js';
import type { RawReply } from '../helpers/raw-upstream.js';
import { settlementOf } from '../helpers/settlements.js';
import { loggedErrors } from '../helpers/test-logger.js';

const MONEY = 1_000_000_000n;
const JSON_BODY = {};
const STREAM = { stream: true };
/** Eight characters, each of which may be an output token. */
const WORD = { content: 'eightchr' };
const WORDS = [chunkEvent(WORD), chunkEvent(WORD), chunkEvent(WORD)];
const REPORTED = 10n * 1_000n + 20n * 2_000n;

/** One request of one client. */
interface Visit {
  readonly customer: Customer;
  readonly body: object;
  readonly gateway: MoneyGateway;
  readonly openRest: () => void;
}

/** What an exit costs and how it is written down; no event: the hold was released. */
interface Exit {
  /** What the provider answers; it may wait for `rest`, which the client opens when it has read the words. */
  readonly script: (rest: Promise<void>) => RawReply;
  readonly body?: object;
  readonly options?: Partial<GatewayOptions>;
  /** How the client behaves. @default it reads to the end */
  readonly client?: (visit: Visit) => Promise<Seen | undefined>;
  readonly status?: number;
  readonly broken?: boolean;
  readonly charge: bigint;
  readonly event?: { readonly outcome: string; readonly source: string };
  /** Errors in the operator's log. @default none */
  readonly logged?: readonly string[];
}

const exits: Record<string, Exit> = {
  'success of a whole answer': {
    script: () => completionReply(),
    status: 200,
    charge: REPORTED,
    event: { outcome: 'completed', source: 'provider' },
  },
  'success of a stream': {
    script: () => streamReply(['a', 'b']),
    body: STREAM,
    status: 200,
    charge: REPORTED,
    event: { outcome: 'completed', source: 'provider' },
  },
  'success of a stream without a report': {
    script: () => ({ events: [...WORDS, chunkEvent({}, { finish_reason: 'stop' }), DONE] }),
    body: STREAM,
    status: 200,
    charge: inputBound(STREAM) * 1_000n + 24n * 2_000n,
    event: { outcome: 'completed', source: 'estimated' },
  },
  'an error of the provider': { script: () => errorReply(500, 'server_error'), status: 502, charge: 0n },
  'an error of the provider before a stream': {
    script: () => errorReply(503, 'overloaded'),
    body: STREAM,
    status: 503,
    charge: 0n,
  },
  'a request that the provider refuses': { script: () => errorReply(400, 'invalid_value'), status: 400, charge: 0n },
  'a wrong credential of the gateway': {
    script: () => errorReply(401, 'invalid_api_key'),
    status: 502,
    charge: 0n,
    logged: ["a provider refused the gateway's credential"],
  },
  'a connection cut before the head': { script: () => ({ ending: 'reset' }), status: 502, charge: 0n },
  'an answer that is no JSON': { script: () => ({ body: '<html>' }), status: 502, charge: 0n },
  'a time limit before the first byte': {
    script: () => ({ ending: 'silence' }),
    options: { timeouts: { firstByteMs: 400 } },
    status: 504,
    charge: 0n,
  },
  'a client that leaves before the first byte of a whole answer': {
    script: () => ({ ending: 'silence' }),
    client: leaveWhenAsked,
    charge: holdFor(100),
    event: { outcome: 'aborted', source: 'estimated' },
  },
  'a client that leaves before the first byte of a stream': {
    script: () => ({ ending: 'silence' }),
    body: STREAM,
    client: leaveWhenAsked,
    charge: inputBound(STREAM) * 1_000n,
    event: { outcome: 'aborted', source: 'estimated' },
  },
  'a client that leaves in the middle of a stream': {
    script: () => ({ events: WORDS, ending: 'stall' }),
    body: STREAM,
    client: leaveAfterWords,
    charge: inputBound(STREAM) * 1_000n + 24n * 2_000n,
    event: { outcome: 'aborted', source: 'estimated' },
  },
  'a client that leaves a stream that is drained': {
    script: (rest) => ({ events: wordsThen(rest, chunkEvent({}, { finish_reason: 'stop' }), usageEvent(), DONE) }),
    body: STREAM,
    options: { onClientAbort: 'drain' },
    client: leaveAfterWords,
    charge: REPORTED,
    event: { outcome: 'aborted', source: 'provider' },
  },
  'a time limit in the middle of a stream': {
    script: () => ({ events: WORDS, ending: 'stall' }),
    body: STREAM,
    options: { timeouts: { idleMs: 400 } },
    status: 200,
    charge: inputBound(STREAM) * 1_000n + 24n * 2_000n,
    event: { outcome: 'timeout', source: 'estimated' },
  },
  'a stream that is cut': {
    script: () => ({ events: WORDS, ending: 'cut' }),
    body: STREAM,
    status: 200,
    charge: inputBound(STREAM) * 1_000n + 24n * 2_000n,
    event: { outcome: 'truncated', source: 'estimated' },
  },
  'a stream that ends without an end': {
    script: () => ({ events: WORDS }),
    body: STREAM,
    status: 200,
    charge: inputBound(STREAM) * 1_000n + 24n * 2_000n,
    event: { outcome: 'truncated', source: 'estimated' },
  },
  'a stream with an error in its middle': {
    script: (rest) => ({
      events: wordsThen(rest, { error: { message: 'no', type: 'server_error', code: 'overloaded' } }),
    }),
    body: STREAM,
    client: readWordsThenRest,
    status: 200,
    charge: inputBound(STREAM) * 1_000n + 24n * 2_000n,
    event: { outcome: 'error', source: 'estimated' },
  },
  'a gateway that shuts down in the middle of a stream': {
    script: () => ({ events: WORDS, ending: 'stall' }),
    body: STREAM,
    client: closeAfterWords,
    status: 200,
    charge: inputBound(STREAM) * 1_000n + 24n * 2_000n,
    event: { outcome: 'error', source: 'estimated' },
  },
  'a provider that throws': {
    ...ownProvider({ chat: () => Promise.reject(new Error('bug')) }),
    status: 500,
    charge: 0n,
    logged: ['a request failed'],
  },
  'a provider that throws in the middle of a stream': {
    ...ownProvider({ stream: async () => ({ batches: throwing(new Error('bug')) }) }),
    body: STREAM,
    status: 200,
    charge: inputBound(STREAM) * 1_000n + 8n * 2_000n,
    event: { outcome: 'error', source: 'estimated' },
    logged: ['a request failed'],
  },
  'an onUsage that throws': {
    script: () => completionReply(),
    options: {
      onUsage: () => {
        throw new Error('bug of the host');
      },
    },
    status: 200,
    charge: REPORTED,
    event: { outcome: 'completed', source: 'provider' },
    logged: ['onUsage threw'],
  },
  'a body that is no request': {
    script: () => completionReply(),
    body: { messages: 'hello' },
    status: 400,
    charge: 0n,
  },
};

describe('each way a request can end settles exactly once', () => {
  test.each(Object.entries(exits))('%s', async (_name, exit) => {
    const events: string[] = [];
    const onUsage: GatewayOptions['onUsage'] = (event) => events.push(event.id);
    const rest = gate();
    const gateway = await startMoneyGateway(() => exit.script(rest.pass()), { onUsage, ...exit.options });
    const customer = await gateway.account(MONEY);
    const { body = JSON_BODY, client = readAll } = exit;
    const seen = await client({ customer, body, gateway, openRest: rest.open });
    if (exit.status !== undefined) expect(seen?.status).toBe(exit.status);
    await gateway.finish();

    expect(gateway.meter.balance(customer.id)).toEqual({ balance: MONEY - exit.charge, held: 0n });
    const recorded = gateway.meter.events({ accountId: customer.id }, { limit: 10 });
    const expected = exit.event ? [{ cost: exit.charge, ...exit.event }] : [];
    expect(recorded.map(({ cost, outcome, usage }) => ({ cost, outcome, source: usage.source }))).toEqual(expected);
    if (!exit.options?.onUsage) expect(events).toEqual(recorded.map((event) => event.id));
    expect(loggedErrors()).toEqual(exit.logged ?? []);
  });

  test('a client that leaves a stream which has not begun after ten seconds pays for the input', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stream: ProviderAdapter['stream'] = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const { options = {}, script } = ownProvider({ stream });
    const gateway = await startMoneyGateway(() => script(Promise.resolve()), options);
    const customer = await gateway.account(MONEY);
    const client = new AbortController();
    const answer = gateway.gateway.handle({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${customer.key}` },
      body: async () => new TextEncoder().encode(JSON.stringify({ ...CHAT, ...STREAM })),
      signal: client.signal,
    });
    await until(() => gateway.meter.balance(customer.id).held > 0n);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await answer).status).toBe(200);
    client.abort();
    vi.useRealTimers();
    await gateway.finish();
    expect(MONEY - customer.balance()).toBe(inputBound(STREAM) * 1_000n);
  });

  test('a drained stream goes on with the batch its client waited for, never asked for two at once', async () => {
    const rest = gate();
    const stream = askedOneByOne([WORD], rest.pass());
    const { options } = ownProvider({ stream: async () => ({ batches: stream.batches }) });
    const gateway = await startMoneyGateway(() => completionReply(), { ...options, onClientAbort: 'drain' });
    const customer = await gateway.account(MONEY);
    const response = await customer.open(STREAM);
    response.body.on('error', () => {});
    for await (const piece of response.body) if (String(piece).includes(WORD.content)) break;
    await until(() => gateway.left === 1);
    rest.open();
    await gateway.finish();
    expect(stream.overlaps).toBe(0);
    expect(MONEY - customer.balance()).toBe(REPORTED);
  });

  test('a settlement that the store refuses is charged later, once', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    const { settle } = gateway.meter;
    gateway.meter.settle = () => {
      throw new Error('out of reach');
    };
    expect((await customer.post()).status).toBe(200);
    expect(customer.balance()).toBe(MONEY);
    gateway.meter.settle = settle;
    await gateway.finish();
    expect(customer.balance()).toBe(MONEY - REPORTED);
  });

  test.each([JSON_BODY, STREAM])('the last byte leaves only after the charge is recorded: %j', async (body) => {
    const recorded = gate();
    const gateway = await startMoneyGateway(() => streamOrAnswer(body));
    const customer = await gateway.account(MONEY);
    const { settle } = gateway.meter;
    let asked = false;
    Object.assign(gateway.meter, {
      settle: async (settlement: Settlement) => {
        asked = true;
        await recorded.pass();
        return settle(settlement);
      },
    });
    let complete = false;
    const answer = customer.post(body).then((seen) => {
      complete = true;
      return seen;
    });
    await until(() => asked);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([complete, customer.balance()]).toEqual([false, MONEY]);
    recorded.open();
    expect((await answer).status).toBe(200);
    expect(customer.balance()).toBe(MONEY - REPORTED);
    await gateway.finish();
  });

  test('a request refused for its balance is neither recorded nor sent', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const [exact, short] = [await gateway.account(holdFor(100)), await gateway.account(holdFor(100) - 1n)];
    expect((await exact.post()).status).toBe(200);
    expect((await short.post()).status).toBe(403);
    expect(gateway.upstream.requests).toHaveLength(1);
    await gateway.finish();
    expect(gateway.meter.events({ accountId: short.id }, { limit: 1 })).toEqual([]);
  });

  test('the tokens of the limiter come back by what was used, whatever the exit', async () => {
    const plans = {
      prepaid: {
        models: '*' as const,
        billing: 'prepaid' as const,
        limits: { tokensPerMinute: 100_000, concurrentRequests: 1 },
      },
    };
    for (const { script, body = JSON_BODY, options, client = readAll } of Object.values(exits)) {
      const rest = gate();
      const limiter = memoryRateLimiter();
      const gateway = await startMoneyGateway(() => script(rest.pass()), { ...options, plans, rateLimiter: limiter });
      const customer = await gateway.account(MONEY);
      await client({ customer, body, gateway, openRest: rest.open });
      await gateway.finish();
      const subjects = [{ subject: `account:${customer.id}`, limits: plans.prepaid.limits }];
      const left = limiter.peek({ group: customer.id, subjects }).map(({ remaining }) => remaining);
      const used = gateway.meter.usage({ accountId: customer.id, groupBy: [] })[0];
      expect(left[0]).toBeGreaterThanOrEqual(100_000 - (used ? used.inputTokens + used.outputTokens : 0));
      expect(left[1]).toBe(1);
    }
    expect(loggedErrors()).toEqual(Object.values(exits).flatMap(({ logged = [] }) => logged));
  });
});

function readAll({ customer, body }: Visit): Promise<Seen> {
  return customer.post(body);
}

async function leaveWhenAsked({ customer, body, gateway }: Visit): Promise<undefined> {
  const controller = new AbortController();
  const seen = customer.post(body, controller.signal).catch(() => undefined);
  await until(() => gateway.upstream.requests.length === 1);
  controller.abort();
  await seen;
  await until(() => gateway.left === 1);
}

async function leaveAfterWords({ customer, body, gateway, openRest }: Visit): Promise<undefined> {
  const response = await customer.open(body);
  let text = '';
  response.body.on('error', () => {});
  for await (const piece of response.body) {
    text += String(piece);
    if (hasWords(text)) break;
  }
  await until(() => gateway.left === 1);
  openRest();
}

async function readWordsThenRest({ customer, body, openRest }: Visit): Promise<Seen> {
  const response = await customer.open(body);
  let text = '';
  for await (const piece of response.body) {
    text += String(piece);
    if (hasWords(text)) openRest();
  }
  expect(text).toContain('"error"');
  expect(text).not.toContain('[DONE]');
  return { status: response.statusCode, headers: response.headers, text, broken: false };
}

async function closeAfterWords({ customer, body, gateway }: Visit): Promise<Seen> {
  const response = await customer.open(body);
  let text = '';
  let closing: Promise<void> | undefined;
  for await (const piece of response.body) {
    text += String(piece);
    if (hasWords(text)) closing ??= gateway.gateway.close({ deadlineMs: 0 });
  }
  await closing;
  expect(text).toContain('"error"');
  return { status: response.statusCode, headers: response.headers, text, broken: false };
}

function hasWords(text: string): boolean {
  return text.split(WORD.content).length > WORDS.length;
}

async function* wordsThen(rest: Promise<void>, ...events: unknown[]): AsyncGenerator<unknown> {
  yield* WORDS;
  await rest;
  yield* events;
}

function streamOrAnswer(body: object): ReturnType<Exit['script']> {
  return 'stream' in body ? streamReply(['a', 'b']) : completionReply();
}

function ownProvider(methods: Partial<ProviderAdapter>): Pick<Exit, 'script' | 'options'> {
  const missing = () => Promise.reject(new Error('not here'));
  const own: ProviderAdapter = { name: 'own', chat: missing, stream: missing, ...methods };
  return {
    script: () => completionReply(),
    options: { providers: { own }, models: { small: { provider: 'own', price: PRICE } } },
  };
}

/** Words, and after `rest` what they used; counts how often a batch was asked for while another one was. */
function askedOneByOne(words: readonly object[], rest: Promise<void>) {
  const { usage } = settlementOf('any');
  async function* read(): AsyncGenerator<StreamBatch> {
    for (const word of words) yield { chunks: [JSON.stringify(chunkEvent(word))] };
    await rest;
    yield { chunks: [], usage };
  }
  const batches = read();
  let asked = 0;
  const found = {
    batches: { [Symbol.asyncIterator]: () => ({ next, return: () => batches.return(undefined) }) },
    overlaps: 0,
  };
  async function next() {
    if (asked++ > 0) found.overlaps += 1;
    try {
      return await batches.next();
    } finally {
      asked -= 1;
    }
  }
  return found;
}

async function* throwing(error: Error) {
  yield { chunks: [JSON.stringify(chunkEvent(WORD))] };
  throw error;
}
