import { type ChildProcess, fork } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { gate } from '../../src/testing/gate.js';
import { eventually } from '../helpers/eventually.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { CHAT, partial, readAll, readUntil, STANDARD, withSite } from './fault-site.js';
import {
  chunk,
  DONE,
  type FaultUpstream,
  faultUpstream,
  healthy,
  type Play,
  silence,
  stream,
  TAIL,
  WORD,
  words,
  write,
} from './fault-upstream.js';

const STREAM = { stream: true };
const MEGABYTE = 1024 * 1024;

/** Sends about so many bytes as fast as they are taken, and counts them. */
function flood(bytes: number, sent: { bytes: number }): Play {
  const event = chunk({ content: 'x'.repeat(16_000) });
  return async ({ response, over }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let gone = false;
    void over.then(() => {
      gone = true;
    });
    while (sent.bytes < bytes && !gone) {
      sent.bytes += event.length;
      if (!response.write(event)) await Promise.race([new Promise((resolve) => response.once('drain', resolve)), over]);
    }
    if (!gone) response.end(TAIL.join(''));
  };
}

/** Sends a streamed request and reads nothing of the answer. */
async function idleClient(port: number, key: string): Promise<Socket> {
  const text = JSON.stringify({ ...CHAT, ...STREAM });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  );
  return socket;
}

/** Waits until the provider has been held back: a while without a byte taken. */
async function heldBack(sent: { bytes: number }, quietMs = 300): Promise<void> {
  let before = -1;
  let since = performance.now();
  await eventually(() => {
    if (sent.bytes !== before) since = performance.now();
    before = sent.bytes;
    return sent.bytes > 0 && performance.now() - since > quietMs;
  }, 20_000);
}

describe('a reader slower than the provider', () => {
  test('108 · a reader that stops in a stream of 200 MB', { timeout: 120_000 }, async () => {
    const sent = { bytes: 0 };
    const upstream = await faultUpstream(healthy);
    const child = await startChild(upstream);
    try {
      // what a process grows to by its first work is not what a slow reader costs
      upstream.play(flood(20 * MEGABYTE, { bytes: 0 }));
      const warm = await idleClient(child.port, child.key);
      const served = new Promise<void>((resolve) => {
        warm.on('data', (piece) => String(piece).includes('[DONE]') && resolve());
      });
      warm.resume();
      await served;
      warm.destroy();
      await eventually(() => upstream.running === 0);
      upstream.play(flood(200 * MEGABYTE, sent));
      const before = await child.rss();
      const client = await idleClient(child.port, child.key);
      await heldBack(sent);
      expect(sent.bytes).toBeLessThan(32 * MEGABYTE);
      expect((await child.rss()) - before).toBeLessThan(16 * MEGABYTE);
      let received = 0;
      client.on('data', (piece) => {
        received += piece.length;
      });
      client.resume();
      await eventually(() => received >= 200 * MEGABYTE, 60_000);
      expect((await child.rss()) - before).toBeLessThan(64 * MEGABYTE);
      client.destroy();
    } finally {
      child.process.kill('SIGKILL');
      await upstream.close();
    }
  });

  test('109 · clients that never read are given up', { timeout: 60_000 }, async () => {
    const sent = { bytes: 0 };
    const play = flood(4_000 * MEGABYTE, sent);
    await withSite({ play, timeouts: { clientStallMs: 500 } }, async (site) => {
      const clients = await Promise.all(Array.from({ length: 20 }, () => idleClient(site.port, site.key)));
      await eventually(() => site.upstream.exchanges.length === 20);
      await eventually(() => site.runtime.inFlight.size === 0, 30_000);
      await eventually(async () => (await site.connections()) === 0);
      for (const client of clients) {
        const closed = new Promise((resolve) => client.once('close', resolve));
        client.resume();
        await closed;
      }
      const events = site.meter.events({ accountId: 'user_1' }, { limit: 1_000 });
      expect(events.map(({ outcome }) => outcome)).toEqual(Array(20).fill('aborted'));
    });
  });

  test('109 · clients that never read are given up: also when only the last bytes wait', async () => {
    const sent = { bytes: 0 };
    const timeouts = { totalMs: 1_500, clientStallMs: 2_500 };
    await withSite({ play: flood(200 * MEGABYTE, sent), timeouts }, async (site) => {
      const client = await idleClient(site.port, site.key);
      await eventually(() => site.runtime.inFlight.size === 1);
      await eventually(() => site.runtime.inFlight.size === 0);
      expect(site.meter.events({ accountId: 'user_1' }, { limit: 1 })[0]?.outcome).toBe('timeout');
      await eventually(async () => (await site.connections()) === 0);
      client.destroy();
    });
  });

  test('109 · clients that never read are given up: the slowness of one is not its provider’s fault', async () => {
    const sent = { bytes: 0 };
    await withSite({ play: flood(8 * MEGABYTE, sent), timeouts: { idleMs: 800 } }, async (site) => {
      const client = await idleClient(site.port, site.key);
      await heldBack(sent, 1_200);
      let text = '';
      client.on('data', (piece) => {
        text = (text + String(piece)).slice(-2_000);
      });
      client.resume();
      await eventually(() => text.includes('[DONE]') || text.includes('"error"'));
      expect(text).toContain('[DONE]');
      expect(site.charged()).toBe(STANDARD);
      expect(site.gateway.health()[0]?.consecutiveFailures).toBe(0);
      client.destroy();
    });
  });

  test('110 · a client that dies while it is waited for', async () => {
    const sent = { bytes: 0 };
    await withSite({ play: flood(200 * MEGABYTE, sent) }, async (site) => {
      const client = await idleClient(site.port, site.key);
      await heldBack(sent);
      client.resetAndDestroy();
      await site.over();
      expect(site.meter.events({ accountId: 'user_1' }, { limit: 1 })[0]?.outcome).toBe('aborted');
    });
  });
});

describe('a stream on its way', () => {
  test('111 · headers and flushing: nothing in between holds it back', async () => {
    const rest = gate();
    await withSite({ play: stream([...words(1), rest.pass(), ...TAIL]) }, async (site) => {
      const response = await site.open(STREAM);
      expect(response.headers).toMatchObject({
        'content-type': expect.stringContaining('text/event-stream'),
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      expect(response.headers['content-length']).toBeUndefined();
      // the provider goes on only when the client has the first word
      await readUntil(response, WORD, 1);
      rest.open();
      expect((await readAll(response)).text.endsWith(DONE)).toBe(true);
    });
  });

  test.each(['before the first byte', 'in the middle'])(
    '112 · comments while the provider is silent: %s',
    async (when) => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
      const rest = gate();
      const play = when === 'in the middle' ? stream([...words(1), rest.pass(), ...TAIL]) : afterwards(rest.pass());
      await withSite({ play }, async (site) => {
        const arrival = site.upstream.arrival();
        const opened = site.open(STREAM);
        await arrival;
        let silent = true;
        const time = (async () => {
          while (silent) {
            await vi.advanceTimersByTimeAsync(1_000);
            await new Promise(setImmediate);
          }
        })();
        const answer = await opened;
        await readUntil(answer, ': keep-alive\n\n', 3);
        silent = false;
        await time;
        rest.open();
        vi.useRealTimers();
        const response = await readAll(answer);
        expect(response.text.endsWith(DONE)).toBe(true);
        expect(site.charged()).toBe(STANDARD);
      }).finally(() => vi.useRealTimers());
    },
  );
});

describe('shutdown', () => {
  test('113 · graceful: streams finish, new requests are refused', async () => {
    const rest = gate();
    await withSite({ play: stream([...words(1), rest.pass(), ...TAIL]) }, async (site) => {
      const open = await Promise.all(Array.from({ length: 50 }, () => site.open(STREAM)));
      const closing = site.gateway.close({ deadlineMs: 20_000 });
      const refused = await site.post();
      expect(refused).toMatchObject({ status: 503, error: { code: 'service_unavailable' } });
      expect(refused.headers['retry-after']).toBe('1');
      expect(refused.headers['connection']).toBe('close');
      rest.open();
      const seen = await Promise.all(open.map(readAll));
      expect(seen.every(({ text }) => text.endsWith(DONE))).toBe(true);
      await closing;
      expect(site.charged()).toBe(50n * STANDARD);
    });
  });

  test('113 · graceful: what takes too long ends with an error and is settled', async () => {
    await withSite({ play: stream(words(2), 'stall') }, async (site) => {
      const open = await site.open(STREAM);
      await readUntil(open, WORD, 2);
      site.upstream.play(silence);
      const waiting = site.upstream.arrival();
      const whole = site.post();
      await waiting;
      const [seen] = await Promise.all([readAll(open), site.gateway.close({ deadlineMs: 30 })]);
      expect(seen.error?.code).toBe('service_unavailable');
      expect(seen.text).not.toContain('[DONE]');
      expect(await whole).toMatchObject({ status: 503, error: { code: 'service_unavailable' } });
      expect(site.charged()).toBe(partial(2));
      expect(site.gateway.health()[0]?.consecutiveFailures).toBe(0);
    });
  });

  test('114 · a second close with a shorter deadline', async () => {
    const sent = { bytes: 0 };
    await withSite({ play: flood(200 * MEGABYTE, sent) }, async (site) => {
      const client = await idleClient(site.port, site.key);
      await heldBack(sent);
      const first = site.gateway.close();
      const start = performance.now();
      await site.gateway.close({ deadlineMs: 50 });
      await first;
      expect(performance.now() - start).toBeLessThan(PROMPTLY_MS);
      client.destroy();
    });
  });

  test('114 · a second close with a shorter deadline: a body that never comes does not keep it from ending', async () => {
    await withSite({}, async (site) => {
      const client = connect(site.port, '127.0.0.1');
      client.on('error', () => {});
      client.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${site.key}\r\ncontent-length: 100\r\n\r\n{`,
      );
      await eventually(() => site.runtime.inFlight.size === 1);
      const start = performance.now();
      await site.gateway.close({ deadlineMs: 20 });
      expect(performance.now() - start).toBeLessThan(PROMPTLY_MS);
      client.destroy();
    });
  });
});

/** A whole stream, once something has happened; not even a head before. */
function afterwards(happened: Promise<void>): Play {
  return async (exchange) => {
    await happened;
    for (const step of [...words(1), ...TAIL]) {
      if (!exchange.response.headersSent) exchange.response.writeHead(200, { 'content-type': 'text/event-stream' });
      await write(exchange.response, step);
    }
    exchange.response.end();
  };
}

interface Child {
  readonly process: ChildProcess;
  readonly port: number;
  readonly key: string;
  rss(): Promise<number>;
}

async function startChild(upstream: FaultUpstream): Promise<Child> {
  const path = fileURLToPath(new URL('./slow-reader-server.ts', import.meta.url));
  const child = fork(path, [`${upstream.origin}/v1`], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    stdio: 'inherit',
  });
  const { port, key } = await answerOf<{ port: number; key: string }>(child);
  return {
    process: child,
    port,
    key,
    async rss() {
      const answer = answerOf<{ rss: number }>(child);
      child.send('rss');
      return (await answer).rss;
    },
  };
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
  });
}
