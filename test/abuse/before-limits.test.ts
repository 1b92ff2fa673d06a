import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { GatewayOptions } from '../../src/index.js';
import { eventually } from '../helpers/eventually.js';
import { type AbuseSite, type Attacker, abuseSite } from './abuse-site.js';

let site: AbuseSite;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await site.close();
});

const CHAT = { model: 'mini', messages: [{ role: 'user', content: 'hi' }], max_tokens: 16 };

function planned(limits: object, options: Partial<GatewayOptions> = {}): Promise<AbuseSite> {
  return abuseSite({ text: 'Hello.' }, { plans: { p: { models: '*', limits } }, defaultPlan: 'p', ...options });
}

interface Upload {
  /** The status that came back so far. */
  readonly status: number | undefined;
  readonly text: string;
  /** Sends the rest. */
  finish(): void;
  readonly socket: Socket;
}

/** Sends a request but for its last bytes. @param announced adds a `content-length`; undefined: the body is chunked. */
function slowly({ key }: Attacker, body: string, left: number, path = 'chat/completions', announced = true): Upload {
  const { hostname, port } = new URL(site.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  const length = announced ? `content-length: ${body.length}` : 'transfer-encoding: chunked';
  const head = `POST /v1/${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n${length}\r\n\r\n`;
  const sent = body.slice(0, body.length - left);
  const chunk = (piece: string) => (announced ? piece : `${piece.length.toString(16)}\r\n${piece}\r\n`);
  socket.write(head + chunk(sent));
  return {
    get status() {
      const found = /^HTTP\/1\.1 (\d+)/.exec(text);
      return found ? Number(found[1]) : undefined;
    },
    get text() {
      return text;
    },
    finish: () => socket.write(chunk(body.slice(body.length - left)) + (announced ? '' : '0\r\n\r\n')),
    socket,
  };
}

const padded = (bytes: number) => JSON.stringify({ ...CHAT, user: 'u'.repeat(100) }).padEnd(bytes);

const ROUTES: readonly (readonly [path: string, body: object])[] = [
  ['chat/completions', CHAT],
  ['responses', { model: 'mini', input: 'hi', max_output_tokens: 16 }],
  ['completions', { model: 'copy', prompt: 'hi', max_tokens: 16 }],
  ['messages', { ...CHAT, model: 'haiku' }],
  ['embeddings', { model: 'embed', input: 'hi' }],
  ['models/gemini:generateContent', { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }],
  ['moderations', { model: 'mini', input: 'hi' }],
];

describe('limits are taken from the headers', () => {
  test.each(ROUTES)('a body that comes slowly holds a place among those that run at once: %s', async (path, body) => {
    site = await planned({ concurrentRequests: 2 });
    const attacker = await site.attacker('0', { plan: 'p' });
    const text = JSON.stringify(body);
    const slow = Array.from({ length: 20 }, () => slowly(attacker, text, 5, path));
    await eventually(() => slow.filter(({ status }) => status === 429).length === 18);
    const waiting = slow.filter(({ status }) => status === undefined);
    for (const { finish } of waiting) finish();
    await eventually(() => waiting.every(({ status }) => status !== undefined));
    expect(waiting).toHaveLength(2);
    expect((await attacker.post(path, body)).status).toBe(waiting[0]?.status);
  });

  test('a request counts when its headers are there, and a client that leaves gives it back', async () => {
    site = await planned({ requestsPerMinute: 3, concurrentRequests: 10 });
    const attacker = await site.attacker('0', { plan: 'p' });
    const slow = Array.from({ length: 10 }, () => slowly(attacker, JSON.stringify(CHAT), 5));
    await eventually(() => slow.filter(({ status }) => status === 429).length === 7);
    for (const { socket } of slow) socket.destroy();
    await eventually(async () => (await attacker.post('chat/completions', CHAT)).status === 200);
  });

  test('a refusal for tokens spends no request', async () => {
    const at = Date.now();
    site = await planned({ requestsPerMinute: 2, tokensPerMinute: 1_000 }, { now: () => at });
    const attacker = await site.attacker('0', { plan: 'p' });
    expect((await attacker.post('chat/completions', { ...CHAT, max_tokens: 900 })).status).toBe(200);
    for (let i = 0; i < 5; i++) {
      const { status, text } = await attacker.post('chat/completions', { ...CHAT, max_tokens: 1_000 - 20 });
      expect([status, JSON.parse(text).error.type]).toEqual([429, 'tokens']);
    }
    expect((await attacker.post('chat/completions', CHAT)).status).toBe(200);
  });
});

describe('refused requests have a limit of their own', () => {
  const WRONG: readonly (readonly [name: string, path: string, body: object | string, status: number])[] = [
    ['no JSON', 'chat/completions', '{"model":', 400],
    ['cut nesting', 'chat/completions', '[[[[[[[[{},{},', 400],
    ['an unknown model', 'chat/completions', { ...CHAT, model: 'none' }, 404],
    ['a wrong field', 'messages', { ...CHAT, model: 'haiku', max_tokens: 'x' }, 400],
  ];

  test.each(WRONG)('%s', async (_name, path, body, status) => {
    const at = Date.now();
    site = await planned({ requestsPerMinute: 5 }, { now: () => at });
    const attacker = await site.attacker('0', { plan: 'p' });
    const answers: number[] = [];
    for (let i = 0; i < 6; i++) {
      const batch = await Promise.all(Array.from({ length: 50 }, () => attacker.post(path, body)));
      answers.push(...batch.map((answer) => answer.status));
    }
    expect(answers.filter((answer) => answer === status).length).toBeLessThanOrEqual(60);
    expect(answers.filter((answer) => answer === status).length).toBeGreaterThanOrEqual(5);
    expect(new Set(answers)).toEqual(new Set([status, 429]));
    expect((await attacker.post('chat/completions', CHAT)).status).toBe(429);
    const bystander = await site.attacker('0', { plan: 'p' });
    expect((await bystander.post('chat/completions', CHAT)).status).toBe(200);
  });

  test('a few mistakes take nothing of the request limit', async () => {
    site = await planned({ requestsPerMinute: 5 });
    const user = await site.attacker('0', { plan: 'p' });
    for (let i = 0; i < 15; i++) expect((await user.post('chat/completions', { ...CHAT, n: 'x' })).status).toBe(400);
    for (let i = 0; i < 5; i++) expect((await user.post('chat/completions', CHAT)).status).toBe(200);
    expect((await user.post('chat/completions', CHAT)).status).toBe(429);
  });

  test('the number is an option', async () => {
    site = await planned({}, { refusedPerMinute: 3 });
    const user = await site.attacker('0', { plan: 'p' });
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push((await user.post('chat/completions', { model: 'none' })).status);
    expect(answers).toEqual([400, 400, 400, 429, 429]);
  });
});

describe('bodies in flight are bounded', () => {
  const MIB = 1024 * 1024;

  test('of one account, with the defaults: the first is read, others are refused unread', async () => {
    site = await planned({});
    const attacker = await site.attacker('0', { plan: 'p' });
    const slow = Array.from({ length: 30 }, () => slowly(attacker, padded(10 * MIB), 10 * MIB - 300));
    await eventually(() => slow.filter(({ status }) => status === 429).length === 27);
    const refused = slow.find(({ status }) => status === 429)?.text ?? '';
    expect(refused).toContain('"type":"concurrency"');
    expect(refused).toMatch(/retry-after: 1\r\n/i);
    const bystander = await site.attacker('0', { plan: 'p' });
    expect((await bystander.post('chat/completions', CHAT)).status).toBe(200);
  });

  test('a body whose length is not announced counts as it comes', async () => {
    site = await planned({}, { maxBodyBytesInFlight: { perKey: 50_000 } });
    const attacker = await site.attacker('0', { plan: 'p' });
    const first = slowly(attacker, padded(40_000), 10, 'chat/completions', false);
    await eventually(async () => (await attacker.post('chat/completions', padded(20_000))).status === 429);
    const second = slowly(attacker, padded(40_000), 10, 'chat/completions', false);
    second.finish();
    await eventually(() => second.status === 429);
    first.finish();
    await eventually(() => first.status === 200);
    expect((await attacker.post('chat/completions', padded(40_000))).status).toBe(200);
  });

  test.each([
    ['a key', { perKey: 30_000 }, 429, 200],
    ['an account', { perAccount: 30_000 }, 429, 200],
    ['the process', { total: 30_000 }, 503, 503],
    ['everything', 30_000, 429, 503],
  ])('%s', async (_name, maxBodyBytesInFlight, own, others) => {
    site = await planned({}, { maxBodyBytesInFlight });
    const [attacker, other] = [await site.attacker('0', { plan: 'p' }), await site.attacker('0', { plan: 'p' })];
    const slow = slowly(attacker, padded(20_000), 10);
    await eventually(async () => (await attacker.post('chat/completions', padded(15_000))).status === own);
    expect((await other.post('chat/completions', padded(15_000))).status).toBe(others);
    slow.finish();
    await eventually(() => slow.status === 200);
    expect((await attacker.post('chat/completions', padded(15_000))).status).toBe(200);
    expect((await other.post('chat/completions', padded(15_000))).status).toBe(200);
  });
});

test.each([401, 429, 413])(
  'a refused request (%i) whose body never ends does not keep its connection',
  async (status) => {
    site = await planned({ concurrentRequests: 1 }, { maxBodyBytes: 1_000 });
    const attacker = await site.attacker('0', { plan: 'p' });
    const first = slowly(attacker, JSON.stringify(CHAT), 5);
    if (status === 429) await eventually(async () => (await attacker.post('chat/completions', CHAT)).status === 429);
    const key = status === 401 ? 'napi-wrong' : attacker.key;
    if (status === 413) first.socket.destroy();
    const { socket, ...upload } = slowly({ ...attacker, key }, '{"model":"mini","x":"', 0, 'chat/completions', false);
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    let open = true;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    void closed.then(() => {
      open = false;
    });
    while (open) {
      if (!socket.write(piece)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
    // All that was written and lost counts as well: what the system keeps for a connection that is gone.
    expect(socket.bytesWritten).toBeLessThan(128 * 1024 * 1024);
    expect(upload.text === '' || upload.text.includes(` ${status} `)).toBe(true);
  },
);
