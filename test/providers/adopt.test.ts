import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ChatCall,
  type ChatStream,
  createGateway,
  type Gateway,
  type Hook,
  type ProviderAdapter,
  type StreamBatch,
  statusError,
  UpstreamError,
  wrapProvider,
} from '../../src/index.js';
import { NO_USAGE } from '../../src/lib/usage.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { loggedErrors, testLogger } from '../helpers/test-logger.js';

let gateway: Gateway;

afterEach(() => gateway.close());

interface Asked {
  readonly status: number;
  readonly text: string;
  readonly cost: string | undefined;
  readonly attempts: string | null;
}

/** A gateway in front of somebody else's adapter. */
function ownGateway(adapter: Partial<ProviderAdapter>, hooks: readonly Hook[] = []): Gateway {
  return createGateway({
    providers: { own: { ...echoProvider(), ...adapter }, spare: echoProvider() },
    models: {
      model: { provider: 'own', price: { input: 1, output: 1 } },
      both: { targets: [{ provider: 'own' }, { provider: 'spare' }], price: { input: 1, output: 1 } },
    },
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 2, baseDelayMs: 1 },
    logger: testLogger,
    hooks,
  });
}

/** Asks a gateway in front of somebody else's adapter. */
async function ask(
  adapter: Partial<ProviderAdapter>,
  body: object = { stream: true },
  route = 'chat/completions',
): Promise<Asked> {
  gateway = ownGateway(adapter);
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'test' });
  const question = route === 'responses' ? { input: 'Hello' } : { messages: [{ role: 'user', content: 'Hello' }] };
  const response = await gateway.fetch(
    new Request(`http://gateway.test/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'model', ...question, ...body }),
    }),
  );
  const text = await response.text();
  const [row] = await gateway.usage.query({ accountId: 'user_1' });
  return { status: response.status, text, cost: row?.cost, attempts: response.headers.get('x-gateway-attempts') };
}

function chunk({ model }: ChatCall, content: string, finish: 'stop' | null = null): StreamBatch['chunks'][number] {
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: finish }];
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices };
}

function streaming(batches: (call: ChatCall) => AsyncIterable<StreamBatch>): Partial<ProviderAdapter> {
  return { stream: async (call): Promise<ChatStream> => ({ batches: batches(call) }) };
}

describe('a stream of an adapter of the operator’s own', () => {
  const unfinished = streaming(async function* (call) {
    yield { chunks: [chunk(call, 'Half an')] };
  });

  test('is truncated without `finished`: an error, no [DONE]', async () => {
    const { text } = await ask(unfinished);
    expect(text).toContain('Half an');
    expect(text).toContain('"code":"upstream_truncated"');
    expect(text).not.toContain('[DONE]');
  });

  test('is truncated on the other routes as well', async () => {
    const { text } = await ask(unfinished, { stream: true }, 'responses');
    expect(text).toContain('response.failed');
    expect(text).not.toContain('response.completed');
    expect(text).not.toContain('[DONE]');
  });

  test('is truncated when it is empty', async () => {
    const { text } = await ask(streaming(async function* () {}));
    expect(text).toContain('"code":"upstream_truncated"');
    expect(text).not.toContain('[DONE]');
  });

  test('ends with `finished`: nothing passes after it, and it is told to stop', async () => {
    const stopped = vi.fn();
    const { text } = await ask(
      streaming(async function* (call) {
        try {
          yield { chunks: [chunk(call, 'All', 'stop')], finished: true };
          yield { chunks: [chunk(call, 'more')] };
        } finally {
          stopped();
        }
      }),
    );
    expect(text).toContain('All');
    expect(text).not.toContain('more');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(stopped).toHaveBeenCalledOnce();
  });

  test('that is not one is `upstream_error`', async () => {
    const { status, text } = await ask({ stream: async () => ({}) as ChatStream });
    expect(status).toBe(502);
    expect(text).toContain('"code":"upstream_error"');
  });
});

describe('an answer of an adapter of the operator’s own', () => {
  test('that is not one is `upstream_error`', async () => {
    const { status, text } = await ask({ chat: async () => ({}) as never }, {});
    expect([status, text]).toEqual([502, expect.stringContaining('"code":"upstream_error"')]);
  });

  test('that is thrown at once is a failure like any other', async () => {
    const chat = () => {
      throw new Error('not a promise');
    };
    expect(await ask({ chat }, {})).toMatchObject({ status: 500, cost: undefined });
    expect(loggedErrors()).toEqual(['a request failed']);
  });

  test('that is thrown again and again stays as it was', async () => {
    const shared = statusError({ status: 503, headers: {} });
    const before = { ...shared.clientError.headers };
    for (let round = 0; round < 2; round += 1) {
      expect(await ask({ chat: () => Promise.reject(shared) }, {})).toMatchObject({ status: 503, attempts: '2' });
      expect(shared.clientError.headers).toEqual(before);
    }
  });
});

test('errors of another copy of the package are the same errors', async () => {
  vi.resetModules();
  const other = await import('../../src/index.js');
  const chat = () => {
    throw new other.UpstreamError('status', new other.GatewayError('upstream_unavailable'), { status: 503 });
  };
  expect(other.UpstreamError).not.toBe(UpstreamError);
  expect(await ask({ chat }, { model: 'both' })).toMatchObject({ status: 200 });
});

test('a call is plain data with a real signal, which may be copied', async () => {
  const seen: ChatCall[] = [];
  const chat: ProviderAdapter['chat'] = (call) => {
    seen.push({ ...call });
    return echoProvider().chat(call);
  };
  await ask({ chat }, {});
  expect(seen[0]?.signal).toBeInstanceOf(AbortSignal);
  expect(seen[0]?.request.messages).toEqual([{ role: 'user', content: 'Hello' }]);
});

/** Routes of somebody else's adapter that are written as classes, whose methods are on their prototypes. */
class OwnMessages {
  readonly #words = 'From a class';

  async answer() {
    const json = { type: 'message', content: [{ type: 'text', text: this.#words }], stop_reason: 'end_turn' };
    return {
      json,
      text: JSON.stringify(json),
      characters: 12,
      usage: { ...NO_USAGE, inputTokens: 3, outputTokens: 4 },
    };
  }

  stream(): Promise<ChatStream> {
    return Promise.reject(new Error('not streamed'));
  }

  async countTokens() {
    return this.#words.length;
  }
}

class OwnRoutes {
  readonly messages = new OwnMessages();
  readonly #vector = [0.5];

  async embeddings() {
    const data = [{ object: 'embedding' as const, index: 0, embedding: this.#vector }];
    return { embeddings: { object: 'list' as const, data, model: 'm' }, usage: { ...NO_USAGE, inputTokens: 1 } };
  }
}

describe('routes that are written as classes', () => {
  const watching: Hook = { name: 'watch', answer: { mode: 'observe', text: (text) => void seen.push(text) } };
  const seen: string[] = [];
  beforeEach(() => void seen.splice(0));

  test.each([
    ['as they are', { routes: new OwnRoutes() }, []],
    ['around other calls', wrapProvider({ ...echoProvider(), routes: new OwnRoutes() }, {}), []],
    ['with a hook', { routes: new OwnRoutes() }, [watching]],
  ])('are served %s', async (_, adapter, hooks) => {
    gateway = ownGateway(adapter, hooks);
    const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'test' });
    const post = async (route: string, body: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify({ model: 'model', ...body }) };
      return (await gateway.fetch(new Request(`http://gateway.test/v1/${route}`, init))).json();
    };
    const question = { messages: [{ role: 'user', content: 'Hello' }] };
    expect(await post('embeddings', { input: 'Hello' })).toMatchObject({ data: [{ embedding: [0.5] }] });
    const wrapped = !('routes' in adapter && adapter.routes instanceof OwnRoutes);
    if (wrapped) return;
    expect(await post('messages', { max_tokens: 9, ...question })).toMatchObject({
      content: [{ text: 'From a class' }],
    });
    expect(await post('messages/count_tokens', question)).toEqual({ input_tokens: 12 });
    expect(seen).toEqual(hooks.length > 0 ? ['From a class'] : []);
  });
});
