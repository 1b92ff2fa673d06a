import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { anthropic, google, openai } from '../../src/index.js';
import { fakeUpstream } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { listen } from '../helpers/listen.js';
import { CHAT, type FaultSite, STANDARD, withSite } from './fault-site.js';
import { healthy } from './fault-upstream.js';
import { placesIn, RICH, WRONG, withWrong } from './rich-request.js';

const MEGABYTE = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

/** A request as bytes, for what HTTP clients refuse to send. */
function bytesOf(site: FaultSite, head: readonly string[], body: string, start = 'POST /v1/chat/completions HTTP/1.1') {
  return `${[start, 'host: x', `authorization: Bearer ${site.key}`, ...head].join('\r\n')}\r\n\r\n${body}`;
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

/** Refused before anything was spent or sent. */
function expectUntouched(site: FaultSite): void {
  expect(site.upstream.exchanges).toHaveLength(0);
  expect(site.charged()).toBe(0n);
}

describe('bodies', () => {
  test.each([
    ['a brace', '{'],
    ['a trailing comma', '{"model":"small",}'],
    ['a byte order mark', `\ufeff${JSON.stringify(CHAT)}`],
    ['nothing', ''],
    ['two values', '{}{}'],
    ['NaN', '{"temperature":NaN}'],
  ])('16 · malformed JSON: %s', async (_name, body) => {
    await withSite({}, async (site) => {
      expect(await site.post(body)).toMatchObject({ status: 400, error: { code: 'invalid_json' } });
      expectUntouched(site);
    });
  });

  test('16 · malformed JSON: UTF-16', async () => {
    await withSite({}, async (site) => {
      const body = Buffer.from(JSON.stringify(CHAT), 'utf16le');
      const head = ['content-type: application/json', `content-length: ${body.byteLength}`, 'connection: close'];
      const answer = await site.raw(Buffer.concat([Buffer.from(bytesOf(site, head, '')), body]));
      expect(statusOf(answer)).toBe(400);
      expectUntouched(site);
    });
  });

  test('17 · a body that is too large, with and without Content-Length', async () => {
    await withSite({ maxBodyBytes: 1_000 }, async (site) => {
      const exact = JSON.stringify({ ...CHAT, padding: '' });
      const padded = (size: number) => JSON.stringify({ ...CHAT, padding: 'x'.repeat(size - exact.length) });
      expect((await site.post(padded(1_000))).status).toBe(200);
      expect(await site.post(padded(1_001))).toMatchObject({ status: 413, error: { code: 'request_too_large' } });
      const chunked = ['content-type: application/json', 'transfer-encoding: chunked', 'connection: close'];
      const pieces = `3e9\r\n${padded(1_001)}\r\n0\r\n\r\n`;
      expect(statusOf(await site.raw(bytesOf(site, chunked, pieces)))).toBe(413);
      expect(site.upstream.exchanges).toHaveLength(1);
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('18 · a compressed body', async () => {
    await withSite({}, async (site) => {
      for (const [encoding, pack] of [['gzip', gzipSync] as const, ['br', brotliCompressSync] as const]) {
        const body = pack('x'.repeat(10 * MEGABYTE));
        const head = [
          'content-type: application/json',
          `content-encoding: ${encoding}`,
          `content-length: ${body.byteLength}`,
          'connection: close',
        ];
        const answer = await site.raw(Buffer.concat([Buffer.from(bytesOf(site, head, '')), body]));
        expect(statusOf(answer)).toBe(415);
      }
      expect((await site.post(CHAT, { 'content-encoding': 'made-up' })).status).toBe(415);
      expectUntouched(site);
    });
  });

  test.each([65, 100, 5_000, 1_000_000, 5_000_000])('19 · deep nesting: %i levels', async (depth) => {
    await withSite({}, async (site) => {
      const start = process.cpuUsage();
      const deep = `{"model":"small","messages":${'['.repeat(depth)}${']'.repeat(depth)}}`;
      expect(await site.post(deep)).toMatchObject({ status: 400, error: { code: 'json_too_deep' } });
      expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_500);
      expectUntouched(site);
    });
  });

  // A million of them take a parser a second and a hundred megabytes; no request of a user comes near the bounds.
  test.each([
    ['fields', 60_000, '{"a":1},', 200],
    ['fields', 70_000, '{"a":1},', 400],
    ['fields', MEGABYTE, '{"a":1},', 400],
    ['tokens', 500_000, '100257,', 200],
    ['values', 530_000, '100257,', 400],
    ['empty objects', 2 * MEGABYTE, '{},', 400],
    ['lists of lists', 200_000, '[[[[[]]]]],', 400],
  ])('20 · many small values: %s, %i of them', async (_name, count, value, status) => {
    await withSite({ plans: { prepaid: { models: '*' } } }, async (site) => {
      const body = `{"model":"small","messages":[{"role":"user","content":"x"}],"padding":[${value.repeat(count)}0]}`;
      const seen = await site.post(body);
      expect([seen.status, seen.error?.code]).toEqual([status, status === 400 ? 'json_too_complex' : undefined]);
    });
  });

  test.each([
    ['a stray byte', [0xff]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a cut sequence', [0xe2, 0x82]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
  ])('21 · invalid UTF-8: %s', async (_name, wrong) => {
    await withSite({}, async (site) => {
      const [before, after] = JSON.stringify({ ...CHAT, user: '@' }).split('@') as [string, string];
      const body = Buffer.concat([Buffer.from(before), Buffer.from(wrong), Buffer.from(after)]);
      const head = ['content-type: application/json', `content-length: ${body.byteLength}`, 'connection: close'];
      expect(statusOf(await site.raw(Buffer.concat([Buffer.from(bytesOf(site, head, '')), body])))).toBe(400);
      expectUntouched(site);
    });
  });

  test('22 · a lone surrogate is passed on as the escape it came as', async () => {
    await withSite({}, async (site) => {
      const body = '{"model":"small","max_tokens":9,"messages":[{"role":"user","content":"a\\ud800b"}]}';
      expect((await site.post(body)).status).toBe(200);
      const text = site.upstream.exchanges[0]?.text ?? '';
      expect(text).not.toContain('\ufffd');
      expect(JSON.parse(text).messages[0].content).toBe('a\ud800b');
    });
  });

  test('23 · keys that pollute prototypes', async () => {
    await withProviders(async (site, models) => {
      const evil = '{"polluted":true,"stream":true,"price":0}';
      const tool = `{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"__proto__":${evil},"constructor":{"type":"string"}}}}}`;
      for (const model of models) {
        const body = `{"__proto__":${evil},"constructor":{"prototype":${evil}},"model":"${model}","messages":[{"role":"user","content":"x","__proto__":${evil}}],"metadata":{"__proto__":"x"},"logit_bias":{"__proto__":1},"tools":[${tool}],"provider_options":{"__proto__":${evil},"anthropic":{"__proto__":${evil}},"google":{"__proto__":${evil}}}}`;
        const seen = await site.post(body);
        expect(seen.status, seen.text).toBe(200);
        expect(seen.headers['content-type']).toBe('application/json');
      }
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
  });

  test('24 · a key that stands there twice: what is paid for is what is sent', async () => {
    await withSite({}, async (site) => {
      const twice = '"messages":[{"role":"user","content":"x"}],"max_tokens":1,"max_tokens":50,"n":1,"n":2}';
      for (const body of [
        `{"model":"other","model":"small",${twice}`,
        `{"model":"small","mod\\u0065l":"small",${twice}`,
      ])
        expect((await site.post(body)).status).toBe(200);
      for (const { text, json } of site.upstream.exchanges) {
        expect(json).toMatchObject({ model: 'small', max_tokens: 50, n: 2 });
        for (const name of ['model', 'max_tokens', '"n"']) expect(text.split(name)).toHaveLength(2);
      }
      expect((await site.post(`{"model":"small","model":"other",${twice}`)).status).toBe(404);
    });
  });

  test.each(['-1', '0', '1.5', '"100"', '1e400', '9007199254740993', 'true', '[]', '{}'])(
    '25 · numbers that are no counts: max_tokens of %s',
    async (value) => {
      await withSite({}, async (site) => {
        for (const name of ['max_tokens', 'max_completion_tokens']) {
          const body = `{"model":"small","messages":[{"role":"user","content":"x"}],"${name}":${value}}`;
          expect(await site.post(body)).toMatchObject({ status: 400, error: { param: name } });
        }
        expectUntouched(site);
      });
    },
  );

  test('26 · n multiplies what is held', async () => {
    await withSite({}, async (site) => {
      for (const n of [-1, 0, 1e9, '2', 1.5]) {
        expect(await site.post({ n })).toMatchObject({ status: 400, error: { param: 'n' } });
      }
      let held = 0n;
      site.upstream.play((exchange) => {
        held = site.meter.balance('user_1').held;
        healthy(exchange);
      });
      expect((await site.post({ n: 5 })).status).toBe(200);
      expect(held).toBeGreaterThanOrEqual(5n * 100n * 2_000n);
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('27 · every known field with every wrong type, at every provider', { timeout: 120_000 }, async () => {
    await withProviders(async (site, models) => {
      let cases = 0;
      const wrongAnswers: string[] = [];
      for (const model of models) {
        for (const place of placesIn(RICH)) {
          await Promise.all(
            WRONG.map(async (wrong) => {
              const body = withWrong({ ...RICH, model }, place, wrong) as object;
              const { status, text, error } = await site.post(JSON.stringify(body));
              cases += 1;
              const named = status === 400 && typeof error?.param === 'string' && error.param !== '';
              if (status === 200 || named || (place[0] === 'model' && status === 404)) return;
              wrongAnswers.push(
                `${model} ${place.join('.')} = ${JSON.stringify(wrong)?.slice(0, 40)}: ${status} ${text}`,
              );
            }),
          );
        }
      }
      expect(wrongAnswers).toEqual([]);
      expect(cases).toBeGreaterThan(3_000);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });
  });

  test('28 · unknown fields: passed on in reason, refused in masses', async () => {
    await withSite({}, async (site) => {
      const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`field_${i}`, i]));
      expect((await site.post(many(500))).status).toBe(200);
      expect(site.upstream.exchanges[0]?.json).toMatchObject({ field_0: 0, field_499: 499 });
      expect(await site.post(many(10_000))).toMatchObject({ status: 400, error: { param: 'body' } });
      expect(site.upstream.exchanges).toHaveLength(1);
    });
  });
});

describe('headers, paths and methods', () => {
  test('29 · headers without measure', async () => {
    await withSite({}, async (site) => {
      const lines = Array.from({ length: 100 }, (_, i) => `x-${i}: y`);
      expect(statusOf(await site.raw(bytesOf(site, [...lines, 'connection: close', 'content-length: 0'], '')))).toBe(
        400,
      );
      expect(statusOf(await site.raw(bytesOf(site, [`x: ${'y'.repeat(20_000)}`], '')))).toBe(431);
      expectUntouched(site);
    });
  });

  test('30 · line breaks in any field stay out of headers', async () => {
    await withProviders(async (site, models, seenHeaders) => {
      const evil = 'a\r\nx-evil: 1\r\n\r\n';
      expect((await site.post({ model: evil })).status).toBe(404);
      for (const model of models) {
        const body = {
          model,
          user: evil,
          safety_identifier: evil,
          prompt_cache_key: evil,
          metadata: { [evil]: evil },
          service_tier: 'x\r\ny',
          [evil]: evil,
          stop: [evil],
          tools: [{ type: 'function', function: { name: 'f', description: evil } }],
          provider_options: { anthropic: { [evil]: evil }, google: { [evil]: evil } },
        };
        const { status, headers } = await site.post(body);
        expect([200, 400]).toContain(status);
        expect(headers['x-evil']).toBeUndefined();
        const beta = { betas: [evil], headers: { 'x-evil': '1' }, 'anthropic-beta': evil };
        expect((await site.post({ model, provider_options: { anthropic: beta } })).status).toBeLessThan(500);
      }
      for (const headers of seenHeaders()) expect(headers['x-evil']).toBeUndefined();
      expect(site.log.text).not.toContain('x-evil');
    });
  });

  test.each([
    ['length and chunks', ['content-length: 5', 'transfer-encoding: chunked']],
    ['two lengths', ['content-length: 5', 'content-length: 6']],
    ['chunks that are not last', ['transfer-encoding: chunked, identity']],
    ['a space before the colon', ['x : b', 'content-length: 0']],
  ])('31 · a request that two servers read differently: %s', async (_name, head) => {
    await withSite({}, async (site) => {
      expect(statusOf(await site.raw(bytesOf(site, head, '0\r\n\r\n')))).toBe(400);
      expectUntouched(site);
    });
  });

  test('33 · a body that comes slowly holds no money', async () => {
    await withSite({}, async (site) => {
      const client = connect(site.port, '127.0.0.1');
      client.on('error', () => {});
      client.write(bytesOf(site, ['content-type: application/json', 'content-length: 500'], '{"model":"small"'));
      await eventually(() => site.runtime.inFlight.size === 1);
      expect(site.meter.balance('user_1').held).toBe(0n);
      client.destroy();
      await site.over();
      expectUntouched(site);
    });
  });

  test('34 · path tricks reach no other route', async () => {
    await withSite({}, async (site) => {
      const paths = [
        '/v1/../admin',
        '/v1/%2e%2e/admin',
        '//evil.example/x',
        '/v1/chat\\completions',
        '/v1/chat/completions;x=1',
        '/v1/chat/completions%00',
        '/v1/chat/completions/..',
        '/v1/chat%2Fcompletions',
        '/V1/CHAT/COMPLETIONS',
        '/v1/models/%ff',
        '/v1/models/%2e%2e%2f%2e%2e',
        '*',
        'http://evil.example/admin',
      ];
      for (const path of paths) {
        const start = `GET ${path} HTTP/1.1`;
        const status = statusOf(await site.raw(bytesOf(site, ['connection: close'], '', start)));
        expect([400, 404], path).toContain(status);
      }
      const head = ['connection: close', 'content-type: application/json', 'content-length: 2'];
      const absolute = 'POST http://evil.example/v1/chat/completions HTTP/1.1';
      expect(statusOf(await site.raw(bytesOf(site, head, '{}', absolute)))).toBe(400);
      expectUntouched(site);
    });
  });

  test('35 · another method or media type', async () => {
    await withSite({}, async (site) => {
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
        const start = `${method} /v1/chat/completions HTTP/1.1`;
        expect(statusOf(await site.raw(bytesOf(site, ['connection: close'], '', start)))).toBe(405);
      }
      for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'json'])
        expect((await site.post(CHAT, { 'content-type': type })).status).toBe(415);
      expectUntouched(site);
    });
  });

  test('36 · texts made for slow patterns', async () => {
    await withSite({}, async (site) => {
      const start = process.cpuUsage();
      expect((await site.post({ model: 'a'.repeat(50_000) })).status).toBe(400);
      expect((await site.post({ model: '%'.repeat(200) })).status).toBe(404);
      expect((await site.post(CHAT, { 'content-type': `application/${'a+'.repeat(5_000)}` })).status).toBe(415);
      expect((await site.post(CHAT, { 'content-type': `application/json${' '.repeat(10_000)}x` })).status).toBe(415);
      expect((await site.post(CHAT, { authorization: `Bearer ${' '.repeat(10_000)}x y` })).status).toBe(401);
      expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_000);
      expectUntouched(site);
    });
  });

  test('37 · addresses in a request are never called', async () => {
    let calls = 0;
    const trap = await listen((_, response) => {
      calls += 1;
      response.end();
    });
    const url = trap.origin;
    await withProviders(async (site, models) => {
      for (const model of models) {
        for (const address of [
          url,
          url.replace('127.0.0.1', '2130706433'),
          url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
        ]) {
          const content = [{ type: 'image_url', image_url: { url: `${address}/cat.png` } }];
          const { status } = await site.post({ model, messages: [{ role: 'user', content }] });
          expect([200, 400]).toContain(status);
        }
      }
      expect(calls).toBe(0);
    });
    await trap.close();
  });

  test('38 · the provider is never the client’s choice', async () => {
    let calls = 0;
    const trap = await listen((_, response) => {
      calls += 1;
      response.end();
    });
    const url = trap.origin;
    await withSite({}, async (site) => {
      const headers = { 'x-base-url': url, 'x-portkey-custom-host': url, 'x-forwarded-host': 'evil.example' };
      const seen = await site.post({ api_base: url, base_url: url, baseURL: url, api_key: 'sk-other' }, headers);
      expect(seen.status).toBe(200);
      expect(site.upstream.exchanges[0]?.headers['x-base-url']).toBeUndefined();
      expect(calls).toBe(0);
    });
    await trap.close();
  });

  test('39 · 40 · routes without a price do not exist', async () => {
    await withSite({}, async (site) => {
      const paths = ['responses/resp_a', 'responses/resp_a/cancel', 'files/file_a', 'batches'];
      for (const path of paths) {
        for (const method of ['GET', 'POST']) {
          const start = `${method} /v1/${path} HTTP/1.1`;
          const head = ['connection: close', 'content-type: application/json', 'content-length: 2'];
          expect(statusOf(await site.raw(bytesOf(site, head, '{}', start))), path).toBe(404);
        }
      }
      // a route that is there for one method says so to the others, and a body without a model reaches no provider
      const head = ['connection: close', 'content-type: application/json', 'content-length: 2'];
      for (const path of ['messages/count_tokens', 'moderations']) {
        const asked = async (method: string) =>
          statusOf(await site.raw(bytesOf(site, head, '{}', `${method} /v1/${path} HTTP/1.1`)));
        expect([path, await asked('GET'), await asked('POST')]).toEqual([path, 405, 400]);
      }
      expectUntouched(site);
    });
  });
});

/** A site whose models are served by all three dialects. */
async function withProviders(
  run: (site: FaultSite, models: readonly string[], seenHeaders: () => Record<string, unknown>[]) => Promise<void>,
): Promise<void> {
  const fake = await fakeUpstream();
  const price = { input: 1, output: 2 };
  const providers = { two: openai(fake.openai), three: anthropic(fake.anthropic), four: google(fake.google) };
  const models = {
    small: { provider: 'two', price },
    'claude-small': { provider: 'three', price },
    'gemini-small': { provider: 'four', price },
  };
  try {
    await withSite({ providers, models, plans: { prepaid: { models: '*' } } }, (site) =>
      run(site, Object.keys(models), () => fake.requests.map(({ headers }) => headers)),
    );
  } finally {
    await fake.close();
  }
}

test('a request that is in order is served, so that refusals mean something', async () => {
  await withSite({}, async (site) => {
    expect((await site.post(CHAT, JSON_TYPE)).status).toBe(200);
    expect(site.charged()).toBe(STANDARD);
  });
});
