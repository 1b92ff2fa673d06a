import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ProviderAdapter } from '../../src/index.js';
import { eventually } from '../helpers/eventually.js';
import { mostOf, partial, readAll, readUntil, type Seen, STANDARD, withSite } from './fault-site.js';
import {
  COMPLETION,
  chunk,
  DONE,
  event,
  FINISH,
  healthy,
  json,
  type Play,
  stream,
  TAIL,
  WORD,
  word,
  words,
  write,
} from './fault-upstream.js';

const MEGABYTE = 1024 * 1024;
const STREAM = { stream: true };
const RETRIES = { maxAttempts: 3, baseDelayMs: 0 };

/** A stream that broke says so: both official clients raise on an error frame without `[DONE]`. */
function expectBroken(seen: Seen, code: string): void {
  expect(seen).toMatchObject({ status: 200, broken: false, error: { code } });
  expect(seen.text).not.toContain('[DONE]');
  expect(seen.text).not.toContain('"finish_reason":"stop"');
}

describe('an answer that breaks', () => {
  test('85 · reset in the middle of a JSON answer', async () => {
    const text = JSON.stringify(COMPLETION);
    const half: (after: (response: ServerResponse) => unknown) => Play =
      (after) =>
      async ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
        await write(response, text.slice(0, text.length / 2));
        after(response);
      };
    const price = { input: 1, output: 2 };
    const models = { small: { targets: [{ provider: 'one' }, { provider: 'one', model: 'other' }], price } };
    const options = { models, retries: RETRIES, timeouts: { idleMs: 600 } };
    await withSite({ ...options, play: half((response) => response.socket?.resetAndDestroy()) }, async (site) => {
      expect(await site.post()).toMatchObject({ status: 502, error: { code: 'upstream_error' } });
      expect(site.upstream.exchanges).toHaveLength(1);
      expect(site.charged()).toBe(0n);
    });
    await withSite({ ...options, play: half(() => {}) }, async (site) => {
      expect(await site.post()).toMatchObject({ status: 504, error: { code: 'upstream_timeout' } });
      expect(site.upstream.exchanges).toHaveLength(1);
      expect(site.charged()).toBe(0n);
    });
  });

  test('86 · reset mid-stream', async () => {
    await withSite({ play: stream(words(5), 'cut'), retries: RETRIES }, async (site) => {
      const response = await site.open(STREAM);
      const seen = await readAll(response);
      expectBroken(seen, 'upstream_error');
      expect(site.upstream.exchanges).toHaveLength(1);
      const delivered = seen.text.split(WORD).length - 1;
      expect(site.charged()).toBe(partial(delivered));
    });
  });

  test('87 · clean end without a terminal event', async () => {
    await withSite({ play: stream(words(5)) }, async (site) => {
      expectBroken(await site.post(STREAM), 'upstream_truncated');
      expect(site.charged()).toBe(partial(5));
    });
    await withSite({ play: stream([...words(5), 'data: {"id":"chatcmpl-1","obj']) }, async (site) => {
      expectBroken(await site.post(STREAM), 'upstream_truncated');
      expect(site.charged()).toBe(partial(5));
    });
  });

  test('88 · a finish without [DONE]', async () => {
    await withSite({ play: stream([...words(2), ...TAIL.slice(0, 2)]) }, async (site) => {
      const seen = await site.post(STREAM);
      expect(seen.text.endsWith(DONE)).toBe(true);
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('89 · [DONE] without a finish', async () => {
    await withSite({ play: stream([...words(2), TAIL[1] as string, DONE]) }, async (site) => {
      const seen = await site.post(STREAM);
      expect(seen.error).toBeUndefined();
      expect(seen.text.endsWith(DONE)).toBe(true);
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('91 · an error event mid-stream', async () => {
    const error = event({ error: { message: 'overloaded', type: 'server_error', code: 'overloaded' } });
    await withSite({ play: stream([...words(5), error]) }, async (site) => {
      const seen = await site.post(STREAM);
      expectBroken(seen, seen.error?.code ?? 'none');
      expect(seen.text.split(WORD)).toHaveLength(6);
      expect(site.charged()).toBe(partial(5));
    });
  });

  test('92 · a stall', async () => {
    await withSite({ play: stream(words(5), 'stall'), timeouts: { idleMs: 600 } }, async (site) => {
      const seen = await site.post(STREAM);
      expectBroken(seen, 'upstream_timeout');
      expect(site.charged()).toBe(partial(5));
      await site.upstream.exchanges[0]?.over;
    });
  });

  test('93 · a long silence that ends', async () => {
    const limits = { firstByteMs: 2_000, idleMs: 2_000 };
    const quiet = () => new Promise((resolve) => setTimeout(resolve, 400));
    const play: Play = async ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const step of [...words(4), ...TAIL]) {
        await quiet();
        await write(response, step);
      }
      response.end();
    };
    await withSite({ play, timeouts: limits }, async (site) => {
      expect((await site.post(STREAM)).text.endsWith(DONE)).toBe(true);
      expect(site.charged()).toBe(STANDARD);
      expect(site.runtime.settings.timeouts.totalMs).toBe(3_600_000);
    });
    await withSite({}, async (site) => expect(site.runtime.settings.timeouts.idleMs).toBeGreaterThanOrEqual(300_000));
  });

  test('94 · a stream that never ends', async () => {
    const play: Play = async ({ response, over }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let gone = false;
      void over.then(() => {
        gone = true;
      });
      while (!gone) {
        await write(response, word());
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await withSite({ play, timeouts: { totalMs: 800 } }, async (site) => {
      const seen = await site.post(STREAM);
      expectBroken(seen, 'upstream_timeout');
      expect(seen.error?.message).toContain('longer than allowed');
      expect(site.charged()).toBeGreaterThan(partial(1));
    });
  });

  test('95 · an event without an end', async () => {
    const piece = 'x'.repeat(64 * 1024);
    let sent = 0;
    let gone = false;
    const play: Play = async ({ response, over }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      await write(response, `${word()}data: {"x":"`);
      void over.then(() => {
        gone = true;
      });
      for (; sent < 256 * MEGABYTE && !gone; sent += piece.length) {
        if (!response.write(piece)) {
          await Promise.race([new Promise((resolve) => response.once('drain', resolve)), over]);
        }
      }
    };
    await withSite({ play }, async (site) => {
      expectBroken(await site.post(STREAM), 'upstream_error');
      // What was taken of it is what it can have cost in memory: an event's limit, and what sockets hold on the way.
      await eventually(() => gone);
      expect(sent).toBeLessThan(32 * MEGABYTE);
      // It was made in full, and its report can't be read.
      expect(site.charged()).toBe(mostOf({ stream: true }));
    });
  });
});

describe('an answer that is none', () => {
  const html: Play = ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html>captive-portal</html>');
  };

  test.each([{}, STREAM])('96 · a page instead of an answer: %j', async (body) => {
    await withSite({ play: html }, async (site) => {
      const seen = await site.post(body);
      expect(seen).toMatchObject({ status: 502, error: { code: 'upstream_error' } });
      expect(seen.text).not.toContain('captive-portal');
      expect(site.charged()).toBe(0n);
    });
  });

  test('97 · another content type than asked for', async () => {
    await withSite({}, async (site) => {
      site.upstream.play(json(COMPLETION));
      expect(await site.post(STREAM)).toMatchObject({ status: 502 });
      site.upstream.play(stream(words(2), 'stall'));
      expect(await site.post()).toMatchObject({ status: 502 });
      expect(site.charged()).toBe(0n);
    });
  });

  const encodings = {
    gzip: gzipSync,
    br: brotliCompressSync,
    deflate: deflateSync,
    'deflate without its header': deflateRawSync,
  };
  test.each(Object.entries(encodings))('98 · a compressed answer: %s', async (name, compress) => {
    const encoding = name.split(' ')[0] as string;
    const headers = { 'content-encoding': encoding };
    const events = [...words(3), ...TAIL].join('');
    const packed = compress(events);
    await withSite({}, async (site) => {
      site.upstream.play(stream([packed.subarray(0, 20), packed.subarray(20)], 'end', headers));
      const streamed = await site.post(STREAM);
      expect(streamed.headers['content-encoding']).toBeUndefined();
      expect(streamed.text.split(WORD)).toHaveLength(4);
      expect(streamed.text.endsWith(DONE)).toBe(true);
      site.upstream.play(({ response }) => {
        response.writeHead(200, { 'content-type': 'application/json', ...headers });
        response.end(compress(JSON.stringify(COMPLETION)));
      });
      expect(JSON.parse((await site.post()).text)).toMatchObject({ choices: [{ message: { content: 'Hello' } }] });
      expect(site.charged()).toBe(2n * STANDARD);
    });
  });

  test('98 · a compressed answer: damaged, or in an unknown encoding', async () => {
    await withSite({}, async (site) => {
      for (const body of [{}, STREAM]) {
        for (const encoding of ['gzip', 'br', 'zstd', 'gzip, br']) {
          site.upstream.play(json('not compressed at all', 200, { 'content-encoding': encoding }));
          expect((await site.post(body)).status).toBe(502);
        }
      }
      expect(site.charged()).toBe(0n);
    });
  });

  test('99 · a stream without a report of its usage', async () => {
    await withSite({ play: stream([...words(3), FINISH, DONE]) }, async (site) => {
      const seen = await site.post(STREAM);
      expect(site.upstream.exchanges[0]?.json['stream_options']).toEqual({ include_usage: true });
      expect(seen.text).not.toContain('"usage"');
      expect(site.charged()).toBe(partial(3));
      expect(site.meter.events({ accountId: 'user_1' }, { limit: 1 })[0]?.usage.source).toBe('estimated');
    });
  });

  test('100 · headers of the provider', async () => {
    const leaks = {
      'openai-organization': 'org-canary',
      'set-cookie': ['a=canary', 'b=canary'],
      'x-request-id': 'req_canary',
      server: 'canary',
      'cf-ray': 'canary',
      'x-ratelimit-remaining-tokens': '7',
      'alt-svc': 'canary',
    };
    await withSite({ play: json(COMPLETION, 200, leaks) }, async (site) => {
      const { headers } = await site.post();
      expect(JSON.stringify(headers)).not.toContain('canary');
      expect(headers['x-ratelimit-remaining-tokens']).toBeUndefined();
      expect(site.charged()).toBe(STANDARD);
    });
  });
});

describe('an in-process model that takes no notice of anything', () => {
  const never = () => new Promise<never>(() => {});
  const deaf = (methods: Partial<ProviderAdapter>): ProviderAdapter => ({
    name: 'deaf',
    chat: never,
    stream: never,
    ...methods,
  });
  const models = { small: { provider: 'deaf', price: { input: 1, output: 2 } } };
  const timeouts = { firstByteMs: 40, idleMs: 40 };

  test.each([{}, STREAM])('never answers: %j', async (body) => {
    await withSite({ providers: { deaf: deaf({}) }, models, timeouts }, async (site) => {
      expect(await site.post(body)).toMatchObject({ status: 504, error: { code: 'upstream_timeout' } });
      expect(site.charged()).toBe(0n);
    });
  });

  test('stops in the middle of a stream', async () => {
    let returned = 0;
    const batches = (): AsyncIterable<{ chunks: string[] }> => {
      const list = [{ chunks: [chunk({ content: WORD }).slice(6, -2)] }];
      return {
        [Symbol.asyncIterator]: () => ({
          next: () => (list.length > 0 ? Promise.resolve({ done: false, value: list.shift() as never }) : never()),
          return: async () => {
            returned += 1;
            return { done: true, value: undefined };
          },
        }),
      };
    };
    const providers = { deaf: deaf({ stream: async () => ({ batches: batches() }) }) };
    await withSite({ providers, models, timeouts }, async (site) => {
      expectBroken(await site.post(STREAM), 'upstream_timeout');
      expect(site.charged()).toBe(partial(1));
      expect(returned).toBe(1);
    });
    for (const onClientAbort of ['cancel', 'drain'] as const) {
      await withSite({ providers, models, onClientAbort, drain: { maxMs: 40 } }, async (site) => {
        const response = await site.open(STREAM);
        await readUntil(response, WORD, 1);
        response.body.destroy();
        await site.over();
        expect(site.charged()).toBe(partial(1));
      });
    }
    expect(returned).toBe(3);
  });

  test('reports usage that is no number', async () => {
    const usage = { inputTokens: Number.NaN, outputTokens: -5, source: 'provider' } as never;
    const completion = COMPLETION as never;
    const providers = { deaf: deaf({ chat: async () => ({ completion, usage }) }) };
    await withSite({ providers, models }, async (site) => {
      expect((await site.post()).status).toBe(200);
      expect(site.charged()).toBeGreaterThan(0n);
    });
  });
});

test('a provider that keeps the connection open after [DONE] does not keep its socket', async () => {
  await withSite({ play: stream([...words(1), ...TAIL], 'stall') }, async (site) => {
    expect((await site.post(STREAM)).text.endsWith(DONE)).toBe(true);
    expect(site.charged()).toBe(STANDARD);
    await site.upstream.exchanges[0]?.over;
    site.upstream.play(healthy);
  });
});
