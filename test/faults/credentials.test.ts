import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createGateway, type KeyStore, memoryKeyStore, memoryMeter, openai } from '../../src/index.js';
import { createKey } from '../../src/keys/key-format.js';
import { gate } from '../../src/testing/gate.js';
import { CHAT, type FaultSite, readAll, STANDARD, withSite } from './fault-site.js';
import { DONE, stream, TAIL, words } from './fault-upstream.js';

const STREAM = { stream: true };

/** Sends header lines as they are. */
function raw(site: FaultSite, lines: readonly string[]): Promise<string> {
  const body = JSON.stringify(CHAT);
  const head = ['POST /v1/chat/completions HTTP/1.1', 'host: x', 'connection: close', 'content-type: application/json'];
  return site.raw(`${[...head, `content-length: ${body.length}`, ...lines].join('\r\n')}\r\n\r\n${body}`);
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** A store that notes what it was asked for. */
function watched(): KeyStore & { readonly asked: string[] } {
  const store = memoryKeyStore();
  const asked: string[] = [];
  const findKey = store.findKey.bind(store);
  return Object.assign(store, {
    asked,
    findKey(hash: string) {
      asked.push(hash);
      return findKey(hash);
    },
  });
}

function expectUntouched(site: FaultSite): void {
  expect(site.upstream.exchanges).toHaveLength(0);
  expect(site.charged()).toBe(0n);
}

describe('a key that is none', () => {
  test('1 · no key', async () => {
    await withSite({}, async (site) => {
      const answer = await raw(site, []);
      expect(statusOf(answer)).toBe(401);
      expect(answer.toLowerCase()).toContain('www-authenticate: bearer');
      expectUntouched(site);
    });
  });

  test('2 · 3 · an unknown key and a mistyped one look the same, and the mistyped one costs no look-up', async () => {
    const keyStore = watched();
    await withSite({ keyStore }, async (site) => {
      const unknown = createKey('napi-');
      const mistyped = unknown.slice(0, -1) + (unknown.endsWith('a') ? 'b' : 'a');
      const first = await raw(site, [`authorization: Bearer ${mistyped}`]);
      expect(keyStore.asked).toEqual([]);
      const second = await raw(site, [`authorization: Bearer ${unknown}`]);
      await raw(site, [`authorization: Bearer ${unknown}`]);
      expect(keyStore.asked).toEqual([createHash('sha256').update(unknown).digest('hex')]);
      expect([statusOf(first), statusOf(second)]).toEqual([401, 401]);
      expect(bodyOf(first)).toBe(bodyOf(second));
      expect(second).not.toContain(unknown);
      expectUntouched(site);
    });
  });

  test.each([
    ['SQL', "' OR '1'='1"],
    ['a NUL', 'napi-\u0000'],
    ['an emoji', 'napi-\u{1f511}'],
    ['15 kB', `napi-${'a'.repeat(15_000)}`],
    ['another scheme', 'Basic dTpw'],
  ])('4 · a key made of anything: %s', async (_name, key) => {
    const keyStore = watched();
    await withSite({ keyStore }, async (site) => {
      expect([400, 401]).toContain(statusOf(await raw(site, [`authorization: Bearer ${key}`])));
      expect(keyStore.asked).toEqual([]);
      expectUntouched(site);
    });
  });

  test('5 · 6 · 7 · two credentials: the same one twice will do, two that differ never', async () => {
    await withSite({}, async (site) => {
      const other = createKey('napi-');
      const headers = ['authorization: Bearer ', 'x-api-key: ', 'api-key: '];
      for (const first of headers) {
        for (const second of headers) {
          expect(statusOf(await raw(site, [first + site.key, second + other])), first + second).toBe(400);
          expect(statusOf(await raw(site, [first + other, second + site.key])), first + second).toBe(400);
        }
      }
      expectUntouched(site);
      expect(statusOf(await raw(site, [`authorization: Bearer ${site.key}`, `x-api-key: ${site.key}`]))).toBe(200);
    });
  });
});

describe('a key that ends', () => {
  test('8 · revoked: the next request is refused', async () => {
    await withSite({}, async (site) => {
      expect((await site.post()).status).toBe(200);
      await site.gateway.keys.revoke(site.keyId);
      expect(await site.post()).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } });
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('9 · revoked by another process: refused within ten seconds', async () => {
    let now = 1_000_000;
    const store = { keyStore: memoryKeyStore(), meter: memoryMeter() };
    await withSite({ now: () => now, keyStore: store.keyStore }, async (site) => {
      const other = createGateway({
        providers: { one: openai({ apiKey: 'sk-x' }) },
        models: { small: { provider: 'one', price: { input: 1, output: 2 } } },
        plans: { prepaid: { models: '*' } },
        now: () => now,
        store,
      });
      expect((await site.post()).status).toBe(200);
      await other.keys.revoke(site.keyId);
      now += 10_001;
      expect((await site.post()).status).toBe(401);
      expect(site.charged()).toBe(STANDARD);
      await other.close();
    });
  });

  test('10 · revoked during a stream: the stream finishes', async () => {
    const rest = gate();
    await withSite({ play: stream([...words(3), rest.pass(), ...TAIL]) }, async (site) => {
      const response = await site.open(STREAM);
      await site.gateway.keys.revoke(site.keyId);
      rest.open();
      expect((await readAll(response)).text.endsWith(DONE)).toBe(true);
      expect((await site.post()).status).toBe(401);
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('11 · expired during a stream: the stream finishes', async () => {
    let now = 1_000_000;
    const rest = gate();
    const play = stream([...words(3), rest.pass(), ...TAIL]);
    await withSite({ play, now: () => now, keyOptions: { expiresAt: 1_001_000 } }, async (site) => {
      const response = await site.open(STREAM);
      now += 1_000;
      rest.open();
      expect((await readAll(response)).text.endsWith(DONE)).toBe(true);
      expect((await site.post()).status).toBe(401);
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('12 · a model off the plan', async () => {
    await withSite({ plans: { prepaid: { models: [], billing: 'prepaid' } } }, async (site) => {
      const seen = await site.post();
      expect(seen).toMatchObject({ status: 403, error: { code: 'model_not_allowed', param: 'model' } });
      expectUntouched(site);
    });
  });

  test('14 · created after it was refused as unknown', async () => {
    await withSite({}, async (site) => {
      const { key } = await site.gateway.keys.create({ accountId: 'user_1', name: 'second' });
      expect((await site.post({}, bearer(createKey('napi-')))).status).toBe(401);
      expect((await site.post({}, bearer(key))).status).toBe(200);
      expect(site.charged()).toBe(STANDARD);
    });
  });
});
