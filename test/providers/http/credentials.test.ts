import { afterEach, describe, expect, test } from 'vitest';
import {
  anthropic,
  type CredentialContext,
  createGateway,
  type Gateway,
  type GatewayOptions,
  google,
  openai,
  openaiCompatible,
  type ProviderAdapter,
} from '../../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../../src/testing/index.js';

type ApiKey = string | ((context: CredentialContext) => string | Promise<string>);

/** Each provider, the header its key is in, and what stands before the key there. */
const PROVIDERS: Record<string, (upstream: FakeUpstream, apiKey: ApiKey) => ProviderAdapter> = {
  openai: (upstream, apiKey) => openai({ ...upstream.openai, apiKey }),
  'openai-compatible': (upstream, apiKey) => openaiCompatible({ ...upstream.openai, apiKey }),
  anthropic: (upstream, apiKey) => anthropic({ ...upstream.anthropic, apiKey }),
  google: (upstream, apiKey) => google({ ...upstream.google, apiKey }),
};
const NAMES = Object.keys(PROVIDERS);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

interface Site {
  readonly upstream: FakeUpstream;
  readonly gateway: Gateway;
  readonly logged: () => string;
  ask(body?: object, route?: string, account?: string): Promise<Response>;
  /** The credentials that the provider has seen. */
  keys(): string[];
}

async function site(
  adapter: (upstream: FakeUpstream) => ProviderAdapter,
  options: Partial<GatewayOptions> = {},
): Promise<Site> {
  const upstream = await fakeUpstream();
  let log = '';
  const note = (fields: unknown, text?: string) => {
    const error = (fields as { error?: Error }).error;
    log += `${JSON.stringify(fields)} ${text} ${error?.stack} ${String(error?.cause)}\n`;
  };
  const gateway = createGateway({
    providers: { it: adapter(upstream) },
    models: { small: { targets: [{ provider: 'it', model: 'model-1' }], price: { input: 1, output: 2 } } },
    plans: { free: { models: '*' } },
    logger: { debug: note, info: note, warn: note, error: note },
    ...options,
  });
  open.push(upstream, { close: () => gateway.close({ deadlineMs: 0 }) });
  const issued = new Map<string, string>();
  return {
    upstream,
    gateway,
    logged: () => log,
    async ask(body = {}, route = 'chat/completions', account = 'user_1') {
      const key = issued.get(account) ?? (await gateway.keys.create({ accountId: account, name: 'laptop' })).key;
      issued.set(account, key);
      return gateway.fetch(
        new Request(`http://gateway/v1/${route}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hi' }], ...body }),
        }),
      );
    },
    keys: () =>
      upstream.requests.map(({ headers }) =>
        String(headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers.authorization).replace('Bearer ', ''),
      ),
  };
}

const UNKNOWN_KEY = { status: 401 };

describe.each(NAMES)('an apiKey function of %s', (name) => {
  const adapterOf = PROVIDERS[name] as (upstream: FakeUpstream, apiKey: ApiKey) => ProviderAdapter;

  test('is asked with every request, for whom it is', async () => {
    const contexts: CredentialContext[] = [];
    const it = await site((upstream) =>
      adapterOf(upstream, async (context) => {
        contexts.push(context);
        return `key-of-${context.accountId}`;
      }),
    );
    expect((await it.ask()).status).toBe(200);
    expect((await it.ask({ stream: true }, 'chat/completions', 'user_2')).status).toBe(200);
    expect(contexts.map(({ accountId, model, tags }) => ({ accountId, model, tags }))).toEqual([
      { accountId: 'user_1', model: 'model-1', tags: {} },
      { accountId: 'user_2', model: 'model-1', tags: {} },
    ]);
    expect(contexts.some((context) => 'rejected' in context)).toBe(false);
    expect(it.keys()).toEqual(['key-of-user_1', 'key-of-user_2']);
  });

  test.each([
    ['JSON', {}],
    ['a stream', { stream: true }],
  ])('a refused credential is asked for once more and retried: %s', async (_name, body) => {
    const rejected: unknown[] = [];
    const it = await site((upstream) =>
      adapterOf(upstream, (context) => {
        rejected.push(context.rejected);
        return context.rejected === undefined ? 'key-leaked-1' : 'key-fresh-2';
      }),
    );
    it.upstream.answer(UNKNOWN_KEY);
    const answer = await it.ask(body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-gateway-attempts')).toBe('1');
    await answer.text();
    expect(rejected).toEqual([undefined, 'key-leaked-1']);
    expect(it.keys()).toEqual(['key-leaked-1', 'key-fresh-2']);
  });

  test('one that is refused twice ends the attempt, and the client learns neither of them', async () => {
    let count = 0;
    const it = await site((upstream) => adapterOf(upstream, () => `key-number-${++count}`));
    it.upstream.answer(UNKNOWN_KEY, UNKNOWN_KEY);
    const answer = await it.ask();
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_error' } });
    expect(it.keys()).toEqual(['key-number-1', 'key-number-2']);
    expect(it.logged()).not.toContain('key-number');
  });

  test('the same credential again is not retried', async () => {
    const it = await site((upstream) => adapterOf(upstream, () => 'the-only-key'));
    it.upstream.answer(UNKNOWN_KEY);
    expect((await it.ask()).status).toBe(502);
    expect(it.keys()).toEqual(['the-only-key']);
  });

  test.each([
    ['JSON', {}],
    ['a stream', { stream: true }],
  ])('a credential that the provider echoes reaches nobody: %s', async (_name, body) => {
    const secret = 'tenant/secret+key==';
    const it = await site((upstream) => adapterOf(upstream, () => secret));
    const message = `bad field for ${secret}, says the server. ${'x'.repeat(930)} ${secret}`;
    const error = { error: { type: 'invalid_request_error', message, status: 'INVALID_ARGUMENT', code: 400 } };
    const status = 400;
    it.upstream.answer({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(error) });
    const answer = await it.ask(body);
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(text).toContain('bad field for [redacted]');
    for (const shown of [text, it.logged()]) expect(shown).not.toContain('tenant/se');
  });

  test('a plain key is never retried', async () => {
    const it = await site((upstream) => adapterOf(upstream, 'plain-api-key'));
    it.upstream.answer(UNKNOWN_KEY);
    expect((await it.ask()).status).toBe(502);
    expect(it.keys()).toEqual(['plain-api-key']);
  });
});

describe('a function that fails', () => {
  test.each([
    ['throws', () => Promise.reject(new Error('vault-host-7 is sealed'))],
    ['returns nothing', () => ''],
    ['returns a line break', () => 'a\r\nx-evil: 1'],
    ['returns no text', () => undefined as unknown as string],
  ])('%s: nothing is sent, the client gets a masked error, nothing is charged', async (_name, apiKey) => {
    const it = await site((upstream) => openai({ ...upstream.openai, apiKey }));
    const answer = await it.ask();
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toContain('vault');
    expect(it.upstream.requests).toEqual([]);
    const [row] = await it.gateway.usage.query({ accountId: 'user_1' });
    expect(row?.cost ?? '0').toBe('0');
  });

  test('never answers: the time limit ends it', async () => {
    const it = await site((upstream) => openai({ ...upstream.openai, apiKey: () => new Promise<string>(() => {}) }), {
      timeouts: { firstByteMs: 40 },
      retries: { maxAttempts: 1 },
    });
    const answer = await it.ask();
    expect(answer.status).toBe(504);
    expect(it.upstream.requests).toEqual([]);
  });

  test("an error of the operator's own reaches the client", async () => {
    const { GatewayError } = await import('../../../src/index.js');
    const apiKey = () => {
      throw new GatewayError('forbidden', { message: 'Enter your OpenAI key first.' });
    };
    const it = await site((upstream) => openai({ ...upstream.openai, apiKey }));
    const answer = await it.ask();
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { message: 'Enter your OpenAI key first.' } });
  });
});

describe('headers', () => {
  test('each may be a function, and they win over the key', async () => {
    const headers = { 'X-Team': ({ accountId }: CredentialContext) => `team-${accountId}`, 'x-plain': 'p' };
    const it = await site((upstream) => anthropic({ ...upstream.anthropic, headers }));
    await it.ask();
    expect(it.upstream.requests[0]?.headers).toMatchObject({
      'x-team': 'team-user_1',
      'x-plain': 'p',
      'x-api-key': it.upstream.anthropic.apiKey,
    });
  });

  test('one function may return them all, and learns what was refused', async () => {
    const refused: unknown[] = [];
    const it = await site((upstream) =>
      openai({
        ...upstream.openai,
        headers: ({ rejected }) => {
          refused.push(rejected);
          return { Authorization: rejected ? 'Bearer fresh-token' : 'Bearer stale-token' };
        },
      }),
    );
    it.upstream.answer({ status: 403 });
    expect((await it.ask()).status).toBe(200);
    expect(refused).toEqual([undefined, { authorization: 'Bearer stale-token' }]);
    expect(it.keys()).toEqual(['stale-token', 'fresh-token']);
  });
});

describe('tenants with keys of their own', () => {
  const apiKey = ({ accountId }: CredentialContext) => `key-of-${accountId}`;

  test.each([
    ['embeddings', { input: 'text' }],
    ['responses', { input: 'text' }],
    ['completions', { prompt: 'text' }],
  ])('on %s as well', async (route, body) => {
    const it = await site((upstream) => openai({ ...upstream.openai, apiKey }));
    expect((await it.ask({ messages: undefined, ...body }, route)).status).toBe(200);
    expect(it.keys()).toEqual(['key-of-user_1']);
  });

  test("one tenant's rate limit at the provider does not pause the target for the others", async () => {
    const targets = [
      { provider: 'it', model: 'model-1' },
      { provider: 'it', model: 'model-2' },
    ];
    const it = await site((upstream) => openai({ ...upstream.openai, apiKey }), {
      models: { small: { targets, price: { input: 1, output: 2 } } },
    });
    it.upstream.answer({ status: 429, headers: { 'retry-after': '60' } });
    expect((await it.ask()).headers.get('x-gateway-model')).toBe('model-2');
    expect((await it.ask({}, 'chat/completions', 'user_2')).headers.get('x-gateway-model')).toBe('model-1');
  });
});
