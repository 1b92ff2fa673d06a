import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openai } from '../../src/index.js';
import { gate } from '../../src/testing/gate.js';
import { TransportError } from '../../src/upstream/transport.js';
import { eventually } from '../helpers/eventually.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { CHAT, type FaultSite, mostOf, partial, readAll, readUntil, STANDARD, withSite } from './fault-site.js';
import {
  COMPLETION,
  DONE,
  faultUpstream,
  healthy,
  json,
  type Play,
  refusal,
  silence,
  stream,
  TAIL,
  WORD,
  words,
} from './fault-upstream.js';

const STREAM = { stream: true };

/** A client that can do what HTTP clients are too polite for. */
async function rawClient({ port, key }: FaultSite, body: object): Promise<Socket> {
  const text = JSON.stringify({ ...CHAT, ...body });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  );
  return socket;
}

/** Reads until so many words have come. */
function wordsOn(socket: Socket, count: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (piece) => {
      text += String(piece);
      if (text.split(WORD).length > count) resolve(text);
    });
  });
}

describe('a client that leaves', () => {
  test.each([{}, STREAM])('67 · before the provider answers: %j', async (body) => {
    await withSite({ play: silence }, async (site) => {
      const arrival = site.upstream.arrival();
      const client = await rawClient(site, body);
      const exchange = await arrival;
      const start = performance.now();
      client.resetAndDestroy();
      expect((await exchange.over) - start).toBeLessThan(PROMPTLY_MS);
      await site.over();
      expect(site.charged()).toBe('stream' in body ? partial(0) : mostOf());
    });
  });

  test('67 · before the provider answers: nothing was sent yet, nothing is charged', async () => {
    const models = { small: { provider: 'far', price: { input: 1, output: 2 } } };
    const asked = gate();
    const transport = {
      send: ({ signal }: { signal: AbortSignal }) =>
        new Promise<never>((_, reject) => {
          asked.open();
          signal.addEventListener('abort', () => reject(new TransportError('connect', new Error('aborted'))));
        }),
    };
    const providers = { far: openai({ apiKey: 'sk-far', baseURL: 'http://far.invalid/v1' }) };
    await withSite({ models, providers, transport }, async (site) => {
      const client = await rawClient(site, STREAM);
      await asked.pass();
      client.resetAndDestroy();
      await site.over();
      expect(site.charged()).toBe(0n);
    });
  });

  test('68 · in the middle of a stream: it is canceled, and what came is charged', async () => {
    await withSite({ play: stream(words(5), 'stall') }, async (site) => {
      const client = await rawClient(site, STREAM);
      await wordsOn(client, 5);
      const start = performance.now();
      client.resetAndDestroy();
      expect(((await site.upstream.exchanges[0]?.over) ?? Number.POSITIVE_INFINITY) - start).toBeLessThan(PROMPTLY_MS);
      await site.over();
      expect(site.charged()).toBe(partial(5));
      expect(site.meter.events({ accountId: 'user_1' }, { limit: 1 })[0]).toMatchObject({
        outcome: 'aborted',
        usage: { source: 'estimated' },
      });
    });
  });

  test('69 · in the middle of a stream that is drained: what it used is charged', async () => {
    const rest = gate();
    await withSite({ play: stream([...words(5), rest.pass(), ...TAIL]), onClientAbort: 'drain' }, async (site) => {
      const client = await rawClient(site, STREAM);
      await wordsOn(client, 5);
      client.resetAndDestroy();
      await new Promise((resolve) => client.once('close', resolve));
      rest.open();
      await site.over();
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('69 · in the middle of a stream that is drained: not for longer than allowed', async () => {
    const drain = { maxMs: 40 };
    await withSite({ play: stream(words(5), 'stall'), onClientAbort: 'drain', drain }, async (site) => {
      const client = await rawClient(site, STREAM);
      await wordsOn(client, 5);
      client.resetAndDestroy();
      await site.over();
      expect(site.charged()).toBe(partial(5));
    });
  });

  test('69 · in the middle of a stream that is drained: one that breaks is charged for what came', async () => {
    const rest = gate();
    const play = stream([...words(5), rest.pass()], 'cut');
    await withSite({ play, onClientAbort: 'drain' }, async (site) => {
      const client = await rawClient(site, STREAM);
      await wordsOn(client, 5);
      client.resetAndDestroy();
      await new Promise((resolve) => client.once('close', resolve));
      rest.open();
      await site.over();
      expect(site.charged()).toBe(partial(5));
    });
  });

  test('70 · more than may be drained at once: the others are cancelled', async () => {
    const rest = gate();
    const play = stream([...words(5), rest.pass(), ...TAIL]);
    const drain = { maxStreams: 10 };
    await withSite({ play, onClientAbort: 'drain', drain }, async (site) => {
      const clients = await Promise.all(Array.from({ length: 100 }, () => rawClient(site, STREAM)));
      await Promise.all(clients.map((client) => wordsOn(client, 5)));
      for (const client of clients) client.resetAndDestroy();
      await eventually(() => site.runtime.inFlight.size === 10);
      rest.open();
      await site.over();
      expect(site.charged()).toBe(10n * STANDARD + 90n * partial(5));
    });
  });

  test('72 · right after the last byte: the answer was complete', async () => {
    await withSite({}, async (site) => {
      for (let i = 0; i < 20; i += 1) {
        const client = await rawClient(site, STREAM);
        await new Promise<void>((resolve) => {
          let text = '';
          client.on('data', (piece) => {
            text += String(piece);
            if (!text.includes(DONE)) return;
            client.resetAndDestroy();
            resolve();
          });
        });
      }
      await site.over();
      const events = site.meter.events({ accountId: 'user_1' }, { limit: 100 });
      expect(events.map(({ outcome }) => outcome)).toEqual(Array(20).fill('completed'));
      expect(site.charged()).toBe(20n * STANDARD);
    });
  });

  test('73 · while a whole answer is made: all that it may use is charged, or what is reported where it is drained', async () => {
    await withSite({ play: silence }, async (site) => {
      const arrival = site.upstream.arrival();
      const client = await rawClient(site, {});
      await arrival;
      client.resetAndDestroy();
      await site.over();
      expect(site.charged()).toBe(mostOf());
    });
    const rest = gate();
    const play: Play = async (exchange) => {
      await rest.pass();
      json(COMPLETION)(exchange);
    };
    await withSite({ play, onClientAbort: 'drain' }, async (site) => {
      const arrival = site.upstream.arrival();
      const client = await rawClient(site, {});
      await arrival;
      client.resetAndDestroy();
      await new Promise((resolve) => client.once('close', resolve));
      rest.open();
      await site.over();
      expect(site.charged()).toBe(STANDARD);
    });
  });

  test('75 · during the pause before a retry: it costs nothing and no attempt follows', async () => {
    const retries = { maxAttempts: 3, maxRetryAfterMs: 60_000 };
    await withSite({ play: refusal(429, { 'retry-after': '30' }), retries }, async (site) => {
      const client = await rawClient(site, STREAM);
      await eventually(() => site.log.text.includes('an attempt at a provider failed'));
      client.resetAndDestroy();
      await site.over();
      expect(site.upstream.exchanges).toHaveLength(1);
      expect(site.charged()).toBe(0n);
    });
  });

  test('76 · a storm of 1,000 connects and aborts', { timeout: 120_000 }, async () => {
    await withSite({ play: stream(words(2), 'stall') }, async (site) => {
      const baseline = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
      let charged = 0n;
      for (let round = 0; round < 20; round += 1) {
        await Promise.all(
          Array.from({ length: 50 }, async (_, i) => {
            const client = await rawClient(site, STREAM);
            if (i % 3 === 0) await wordsOn(client, 2);
            client.resetAndDestroy();
            await new Promise((resolve) => client.once('close', resolve));
          }),
        );
      }
      await site.over();
      await eventually(() => site.upstream.sockets === 0);
      for (const { cost } of site.meter.events({ accountId: 'user_1' }, { limit: 1_000 })) charged += cost;
      expect(site.charged()).toBe(charged);
      expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(
        baseline + 5,
      );
      site.upstream.play(healthy);
      expect((await site.post()).status).toBe(200);
    });
  });
});

describe('a client without a signal, as in web runtimes', () => {
  const ask = (site: FaultSite) =>
    site.gateway.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${site.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...CHAT, ...STREAM }),
      }),
    );

  test('cancels the body in the middle', async () => {
    await withSite({ play: stream(words(5), 'stall') }, async (site) => {
      const reader = (await ask(site)).body?.getReader();
      let text = '';
      while (text.split(WORD).length <= 5) text += new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
      await site.over();
      expect(site.charged()).toBe(partial(5));
    });
  });

  test('never reads the body: it is given up', async () => {
    await withSite({ play: stream(words(5), 'stall'), timeouts: { clientStallMs: 40 } }, async (site) => {
      const response = await ask(site);
      await site.over();
      expect(site.charged()).toBe(partial(0));
      await expect(response.text()).rejects.toThrow();
    });
  });
});

test('a provider and a client that both go on are not affected by others that leave', async () => {
  const other = await faultUpstream(healthy);
  await withSite({ play: stream(words(2), 'stall') }, async (site) => {
    const leaving = await site.open(STREAM);
    await readUntil(leaving, WORD, 2);
    site.upstream.play(healthy);
    const staying = await site.open(STREAM);
    leaving.body.on('error', () => {}).destroy();
    expect((await readAll(staying)).text.endsWith(DONE)).toBe(true);
    await site.over();
    expect(site.charged()).toBe(STANDARD + partial(2));
  });
  await other.close();
});
