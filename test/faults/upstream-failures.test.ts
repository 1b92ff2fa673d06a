import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openai } from '../../src/index.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { PROVIDER_KEY, STANDARD, START, withSite } from './fault-site.js';
import {
  COMPLETION,
  faultUpstream,
  healthy,
  json,
  type Play,
  refusal,
  reset,
  silence,
  stream,
  TAIL,
  words,
} from './fault-upstream.js';

const RETRIES = { maxAttempts: 3, baseDelayMs: 0, maxDelayMs: 0 };
const STREAM = { stream: true };

/** Two providers for one model: the scripted one, then `two`. */
async function withFallback(play: Play, second: Play, run: Parameters<typeof withSite>[1], options: object = {}) {
  const two = await faultUpstream(second);
  const targets = [{ provider: 'one' }, { provider: 'two', model: 'large', price: { input: 2, output: 4 } }];
  try {
    await withSite(
      {
        play,
        providers: { two: openai({ apiKey: PROVIDER_KEY, baseURL: `${two.origin}/v1` }) },
        models: { small: { targets, price: { input: 1, output: 2 } } },
        retries: RETRIES,
        ...options,
      },
      run,
    );
  } finally {
    await two.close();
  }
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a provider that fails before its answer begins', () => {
  test('77 · connection refused', async () => {
    const baseURL = `http://127.0.0.1:${await closedPort()}/v1`;
    const providers = { one: openai({ apiKey: PROVIDER_KEY, baseURL }) };
    await withSite({ providers, retries: RETRIES }, async (site) => {
      const seen = await site.post();
      expect(seen).toMatchObject({ status: 503, error: { code: 'upstream_unavailable' } });
      expect(seen.headers).toMatchObject({ 'x-should-retry': 'false', 'x-gateway-attempts': '2' });
      expect(site.charged()).toBe(0n);
    });
  });

  test('78 · unknown host', async () => {
    const providers = { one: openai({ apiKey: PROVIDER_KEY, baseURL: 'http://provider.invalid/v1' }) };
    await withSite({ providers }, async (site) => {
      const seen = await site.post();
      expect(seen).toMatchObject({ status: 503, error: { code: 'upstream_unavailable' } });
      expect(seen.text).not.toMatch(/provider\.invalid|ENOTFOUND|EAI_AGAIN/);
      expect(site.charged()).toBe(0n);
    });
  });

  test.each([{}, STREAM])('79 · slow head: %j', async (body) => {
    // Long enough for the answer of the second target on a busy machine.
    const timeouts = { firstByteMs: 1_000 };
    await withSite({ play: silence, timeouts }, async (site) => {
      const start = performance.now();
      const seen = await site.post(body);
      expect(performance.now() - start).toBeGreaterThanOrEqual(1_000);
      expect(seen).toMatchObject({ status: 504, error: { code: 'upstream_timeout' } });
      expect(seen.headers['x-should-retry']).toBe('false');
      expect(site.charged()).toBe(0n);
    });
    await withFallback(
      silence,
      healthy,
      async (site) => {
        const seen = await site.post(body);
        expect(seen).toMatchObject({ status: 200, headers: { 'x-gateway-attempts': '2', 'x-gateway-model': 'large' } });
        expect(site.charged()).toBe(2n * STANDARD);
      },
      { timeouts },
    );
  });

  test.each([500, 502, 503, 529])('80 · an error, then an answer: %i', async (status) => {
    await withSite({ retries: RETRIES }, async (site) => {
      for (const body of [{}, STREAM]) {
        site.upstream.play(refusal(status), healthy);
        const seen = await site.post(body);
        expect(seen).toMatchObject({ status: 200, headers: { 'x-gateway-attempts': '2' } });
      }
      expect(site.charged()).toBe(2n * STANDARD);
      expect(site.log.text).toContain('an attempt at a provider failed');
    });
  });

  test('81 · 429 with retry-after: a bearable one is waited for', async () => {
    await withSite({ retries: { ...RETRIES, maxRetryAfterMs: 100 } }, async (site) => {
      site.upstream.play(refusal(429, { 'retry-after-ms': '40' }), healthy);
      const start = performance.now();
      expect(await site.post()).toMatchObject({ status: 200, headers: { 'x-gateway-attempts': '2' } });
      expect(performance.now() - start).toBeGreaterThanOrEqual(39);
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('81 · 429 with retry-after: a long one is not', async () => {
    await withFallback(refusal(429, { 'retry-after': '30' }), healthy, async (site) => {
      expect(await site.post()).toMatchObject({ status: 200, headers: { 'x-gateway-model': 'large' } });
      expect(site.charged()).toBe(2n * STANDARD);
      expect(site.gateway.health().find(({ target }) => target === 'one/small')).toMatchObject({ state: 'paused' });
    });
    await withSite({ play: refusal(429, { 'retry-after': '30' }), retries: RETRIES }, async (site) => {
      const seen = await site.post();
      expect(seen).toMatchObject({ status: 503, error: { code: 'upstream_unavailable' } });
      expect(seen.headers).toMatchObject({ 'retry-after': '30', 'x-gateway-attempts': '1', 'x-should-retry': 'false' });
      expect(site.charged()).toBe(0n);
    });
  });

  test.each(['-5', '1e9', 'abc', '999999999', 'Sat, 21 Nov 2020 12:00:00 GMT', 'Sat, 21 Nov 2099 12:00:00 GMT'])(
    '82 · a retry-after that makes no sense: %s',
    async (value) => {
      await withSite({ play: refusal(429, { 'retry-after': value }), retries: RETRIES }, async (site) => {
        const start = performance.now();
        const seen = await site.post();
        expect(performance.now() - start).toBeLessThan(PROMPTLY_MS);
        expect(seen.status).toBe(503);
        const seconds = Number(seen.headers['retry-after']);
        expect(seconds >= 1 && seconds <= 60).toBe(true);
        for (const { retryInMs } of site.gateway.health()) expect(retryInMs).toBeLessThanOrEqual(300_000);
        expect(site.charged()).toBe(0n);
      });
    },
  );

  test.each([400, 404, 422])('83 · a refused request goes to the client: %i', async (status) => {
    await withFallback(refusal(status, {}, `see https://internal.example/ of sk-abcdefgh`), healthy, async (site) => {
      const seen = await site.post();
      expect(seen).toMatchObject({ status, headers: { 'x-gateway-attempts': '1' } });
      expect(seen.text).not.toMatch(/internal\.example|sk-abcdefgh/);
      expect(site.upstream.exchanges).toHaveLength(1);
      expect(site.charged()).toBe(0n);
    });
  });

  test.each([401, 403])('84 · a refused credential is never the client’s: %i', async (status) => {
    await withFallback(refusal(status, {}, `Incorrect API key provided: ${PROVIDER_KEY}`), healthy, async (site) => {
      const seen = await site.post();
      expect(seen).toMatchObject({ status: 502, error: { code: 'upstream_error' } });
      expect(seen.text).not.toMatch(/key/i);
      expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
      expect(site.charged()).toBe(0n);
    });
    const retries = { ...RETRIES, fallbackOnAuthError: true };
    await withFallback(
      refusal(status),
      healthy,
      async (site) => {
        expect(await site.post()).toMatchObject({ status: 200, headers: { 'x-gateway-model': 'large' } });
        expect(site.charged()).toBe(2n * STANDARD);
        expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
      },
      { retries },
    );
  });

  test('90 · a stream whose first event is an error', async () => {
    const error = 'data: {"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}\n\n';
    await withFallback(stream([error]), healthy, async (site) => {
      const seen = await site.post(STREAM);
      expect(seen).toMatchObject({ status: 200, headers: { 'x-gateway-attempts': '2', 'x-gateway-model': 'large' } });
      expect(seen.text).toContain('[DONE]');
      expect(site.charged()).toBe(2n * STANDARD);
    });
    await withSite({ play: stream([error]) }, async (site) => {
      expect((await site.post(STREAM)).status).toBeGreaterThanOrEqual(500);
      expect(site.charged()).toBe(0n);
    });
  });

  test('101 · a redirect is not followed', async () => {
    const elsewhere = await faultUpstream(healthy);
    await withSite({ play: json('', 302, { location: `${elsewhere.origin}/v1/chat/completions` }) }, async (site) => {
      for (const body of [{}, STREAM]) expect((await site.post(body)).status).toBe(502);
      expect(elsewhere.exchanges).toHaveLength(0);
      expect(site.charged()).toBe(0n);
    });
    await elsewhere.close();
  });
});

describe('a provider in an outage', () => {
  test('102 · retries never multiply it', async () => {
    await withSite({ play: refusal(503), retries: RETRIES }, async (site) => {
      const requests = 200;
      const seen = await Promise.all(Array.from({ length: requests }, () => site.post()));
      expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([503]));
      expect(site.upstream.exchanges.length).toBeLessThanOrEqual(requests * 1.2 + 3);
      expect(site.gateway.health()[0]?.state).toBe('open');
      expect(site.charged()).toBe(0n);
    });
  });

  test('103 · one probe when half open, and the last target is never given up', async () => {
    let now = 1_000_000;
    await withFallback(
      refusal(503),
      healthy,
      async (site) => {
        for (let i = 0; i < 5; i += 1) expect((await site.post()).status).toBe(200);
        expect(site.gateway.health()[0]).toMatchObject({ target: 'one/small', state: 'open', retryInMs: 30_000 });
        await site.post();
        expect(site.upstream.exchanges).toHaveLength(5);
        now += 30_000;
        let release = () => {};
        const released = new Promise<void>((resolve) => {
          release = resolve;
        });
        site.upstream.play(async (exchange) => {
          await released;
          healthy(exchange);
        });
        const probe = site.upstream.arrival();
        const answers = Array.from({ length: 20 }, () => site.post());
        await probe;
        await Promise.all(answers.slice(1));
        expect(site.upstream.exchanges).toHaveLength(6);
        release();
        await Promise.all(answers);
        expect(site.gateway.health()[0]).toMatchObject({ state: 'closed', consecutiveFailures: 0 });
        expect((await site.post()).headers['x-gateway-model']).toBe('small');
      },
      { now: () => now },
    );
  });

  test('105 · a fallback is charged at its own price', async () => {
    await withFallback(reset, healthy, async (site) => {
      const seen = await site.post();
      expect(seen.headers).toMatchObject({ 'x-gateway-model': 'large', 'x-gateway-provider': 'two' });
      expect(site.charged()).toBe(2n * STANDARD);
      const [event] = site.meter.events({ accountId: 'user_1' }, { limit: 1 });
      expect(event).toMatchObject({ provider: 'two', upstreamModel: 'large', model: 'small' });
    });
  });

  test('104 · an attempt leaves nothing to the next one', async () => {
    const error = 'data: {"error":{"message":"overloaded","type":"server_error","code":"overloaded"}}\n\n';
    await withFallback(stream([error, ...TAIL]), stream(words(2)), async (site) => {
      const seen = await site.post(STREAM);
      expect(seen.error?.code).toBe('upstream_truncated');
      expect(seen.text).not.toContain('[DONE]');
      expect(site.charged()).toBeGreaterThan(0n);
    });
  });
});

test('what is at stake: an account starts with a dollar, an answer costs 50,000 nano-USD', () => {
  expect([START, STANDARD]).toEqual([1_000_000_000n, BigInt(COMPLETION.usage.prompt_tokens * 1_000 + 20 * 2_000)]);
});
