import { afterEach, describe, expect, test, vi } from 'vitest';
import { createGateway, type GatewayOptions } from '../../src/index.js';
import { signedWebhook } from '../../src/meter/signed-webhook.js';
import type { ChatAnswer } from '../../src/providers/adapter.js';
import { redisItems, redisRateLimiter } from '../../src/stores/redis/index.js';

/** The longest that a timer of Node.js waits; a longer one is over at once. */
const LONGEST = 2_147_483_647;

function made(options: object) {
  return createGateway({
    providers: { some: { name: 'some', chat: () => Promise.reject(), stream: () => Promise.reject() } },
    models: { model: { provider: 'some', price: { input: 1, output: 1 } } },
    plans: { free: { models: '*' } },
    ...options,
  } as GatewayOptions);
}

const TIMEOUTS = ['connectMs', 'firstByteMs', 'idleMs', 'totalMs', 'storeMs', 'clientStallMs'];
const OPTIONS: readonly (readonly [string, (ms: number) => object])[] = [
  ['refreshMs', (ms) => ({ refreshMs: ms })],
  ...TIMEOUTS.map((name) => [`timeouts.${name}`, (ms: number) => ({ timeouts: { [name]: ms } })] as const),
  ['drain.maxMs', (ms) => ({ drain: { maxMs: ms } })],
  ['lateReports.maxMs', (ms) => ({ lateReports: { maxMs: ms } })],
  ['hooks[0].timeoutMs', (ms) => ({ hooks: [{ name: 'check', request: () => undefined, timeoutMs: ms }] })],
];

describe('a time to wait', () => {
  test.each(OPTIONS)('%s is refused where no timer can wait for it', async (name, options) => {
    for (const ms of [LONGEST + 1, Number.POSITIVE_INFINITY, 0, -1, 1.5, Number.NaN]) {
      expect(() => made(options(ms))).toThrow(`${name} must be a positive integer, at most 2147483647 (24 days)`);
    }
    await made(options(LONGEST)).close();
  });

  test.each([
    ['redisRateLimiter', 'commandTimeoutMs', (options: object) => redisRateLimiter({} as never, options)],
    ['redisRateLimiter', 'retryMs', (options: object) => redisRateLimiter({} as never, options)],
    ['redisRateLimiter', 'processTimeoutMs', (options: object) => redisRateLimiter({} as never, options)],
    ['redisItems', 'commandTimeoutMs', (options: object) => redisItems({} as never, options)],
    ['redisItems', 'retryMs', (options: object) => redisItems({} as never, options)],
    ['signedWebhook', 'timeoutMs', (options: object) => signedWebhook({ url: '', secret: '', ...options })],
  ])('%s: %s, too', (owner, name, make) => {
    expect(() => make({ [name]: LONGEST + 1 })).toThrow(`${owner}: ${name} must be a positive integer`);
  });
});

describe('close with a longer deadline than a timer can wait for', () => {
  afterEach(() => void vi.useRealTimers());

  test('lets what runs end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let resolve: (answer: ChatAnswer) => void = () => {};
    const promise = new Promise<ChatAnswer>((done) => (resolve = done));
    const gateway = made({ providers: { some: { name: 'some', chat: () => promise, stream: () => promise } } });
    const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'k' });
    const answer = gateway.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'model', messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    );
    await vi.advanceTimersByTimeAsync(10);
    const closed = gateway.close({ deadlineMs: 2 ** 40 });
    await vi.advanceTimersByTimeAsync(10_000);
    const message = { role: 'assistant' as const, content: 'Hello', refusal: null };
    resolve({
      completion: {
        ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'model' },
        choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
      },
    });
    expect((await answer).status).toBe(200);
    await closed;
  });
});
