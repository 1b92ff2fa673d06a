import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HI, type Reported, reported, stream } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

/** Bodies of refusals as servers write them, and what of them a client must read. */
const REFUSALS: readonly (readonly [form: string, body: unknown, reason: string])[] = [
  ['OpenAI', { error: { message: 'Too long.', type: 'invalid_request_error', param: 'n', code: null } }, 'Too long.'],
  [
    'xAI',
    { code: 'Client specified an invalid argument', error: 'Argument not supported.' },
    'Argument not supported.',
  ],
  ['FastAPI', { detail: [{ loc: ['body', 'n'], msg: 'must be 1' }] }, 'n: must be 1'],
  ['a detail', { detail: 'No such adapter' }, 'No such adapter'],
  ['a problem (RFC 9457)', { type: 'about:blank', title: 'Bad', detail: 'No such tool' }, 'No such tool'],
  ['a list', [{ error: { code: 400, message: 'No such field', status: 'INVALID_ARGUMENT' } }], 'No such field'],
  ['errors', { errors: [{ message: 'first' }, { message: 'second' }] }, 'first; second'],
  ['msg', { code: 3, msg: 'No quota left for this' }, 'No quota left for this'],
  ['an error inside of an error', { error: { message: { error: { message: 'inner' } } } }, 'inner'],
  ['an error as text', { error: 'model is loading' }, 'model is loading'],
  ['plain text', 'max_tokens must be at most 10', 'max_tokens must be at most 10'],
  ['a JSON text', '"only this"', 'only this'],
  [
    'a router, JSON inside',
    {
      error: { message: 'Provider returned error', code: 400, metadata: { raw: '{"error":{"message":"too large"}}' } },
    },
    'Provider returned error: too large',
  ],
  [
    'a router, text inside',
    { error: { message: 'Provider returned error', code: 400, metadata: { raw: 'tools are not supported' } } },
    'Provider returned error: tools are not supported',
  ],
];

describe('the reason of a refusal', () => {
  it.each(REFUSALS)('is read from %s', async (_, body, reason) => {
    site.answers({ status: 400, body: typeof body === 'string' ? body : JSON.stringify(body) });
    for (const wanted of [{}, { stream: true }]) {
      const { status, body: got } = await site.ask({ model: 'vllm', messages: [HI], ...wanted });
      expect({ status, error: got['error'] }).toMatchObject({ status: 400, error: { message: reason } });
    }
  });

  it('is no page, and shows no secret and no host', async () => {
    site.answers({ status: 400, body: '<html><body>Bad Request</body></html>' });
    expect((await site.ask({ model: 'vllm', messages: [HI] })).text).not.toContain('html');
    site.answers({ status: 400, body: 'key upstream-secret is not known at vllm.internal:8000' });
    const { text } = await site.ask({ model: 'vllm', messages: [HI] });
    expect(text).not.toMatch(/upstream-secret|vllm\.internal/);
    expect(text).toContain('is not known at');
  });

  it('of a provider that fails is for the operator', async () => {
    site.answers({ status: 500, body: 'panic in line 5' });
    expect((await site.ask({ model: 'vllm', messages: [HI] })).text).not.toContain('panic');
  });
});

/** Errors with the status 200. */
const ERRORS: readonly (readonly [name: string, error: object])[] = [
  ['a refusal', { message: 'Bad field.', type: 'invalid_request_error', code: 400 }],
  ['an overload', { message: 'Busy.', type: 'overloaded_error' }],
  ['a limit', { message: 'Slow down.', code: 429 }],
  ['nothing known', { message: 'Broken.' }],
];

describe('an error with the status 200', () => {
  it.each(ERRORS)('is the same whole and at the start of a stream: %s', async (_, error) => {
    for (const model of ['vllm', 'groq', 'gpt']) {
      site.answers({ error });
      const whole = await site.ask({ model, messages: [HI] });
      site.answers(stream({ error }));
      const streamed = await site.ask({ model, messages: [HI], stream: true });
      expect(whole.status).toBeGreaterThanOrEqual(400);
      expect([streamed.status, streamed.body]).toEqual([whole.status, whole.body]);
      expect(await site.lastUsage()).toBeUndefined();
    }
  });
});
