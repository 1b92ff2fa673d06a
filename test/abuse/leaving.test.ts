import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { gate } from '../../src/testing/index.js';
import { until } from '../helpers/money-gateway.js';
import { type AbuseSite, type Attacker, abuseSite, listPrice, type Model, PRICES } from './abuse-site.js';

let site: AbuseSite;

afterEach(() => site.close());

const REPORT = { input: 120_000, output: 30_010 };

/** A raw stream of OpenAI's chat format whose usage comes after a gate. */
function openaiStream(report: object, before: ReturnType<typeof gate>) {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const usage = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: report })}\n\n`;
  return [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'All of the words.' }),
    chunk({}, 'stop'),
    before,
    `${usage}data: [DONE]\n\n`,
  ];
}

/** Posts a body. */
function postRaw(attacker: Attacker, path: string, body: object): Socket {
  const { hostname, port } = new URL(site.url);
  const socket = connect(Number(port), hostname);
  const text = JSON.stringify(body);
  socket.write(
    `POST /v1/${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${attacker.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  socket.on('error', () => {});
  return socket;
}

/** Posts a body, reads until a piece of text is there, and closes the socket. */
async function leaveAt(attacker: Attacker, path: string, body: object, word: string): Promise<void> {
  const socket = postRaw(attacker, path, body);
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (piece) => {
      seen += String(piece);
      if (seen.includes(word)) resolve();
    });
    socket.on('close', () => reject(new Error(`closed before ${word}: ${seen}`)));
  });
  socket.removeAllListeners('close');
  socket.destroy();
}

const reportOf = ({ input, output }: typeof REPORT) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  completion_tokens_details: { reasoning_tokens: output - 10 },
});

const CHAT = { stream: true, stream_options: { include_usage: true }, max_tokens: 40_000 };
const TEXT = [{ role: 'user', content: 'hi' }];
const FILE = [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }];

async function settled(attacker: Attacker): Promise<void> {
  for (;;) {
    const { held } = await site.gateway.accounts.get(attacker.id);
    if (Number(held) === 0 && (await attacker.charged()) > 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a client that leaves with the whole answer', () => {
  test.each([
    ['cancel', TEXT],
    ['cancel', FILE],
    ['drain', FILE],
  ] as const)('pays what is reported afterwards, under the policy %s', async (onClientAbort, messages) => {
    const before = gate();
    site = await abuseSite(
      { body: openaiStream(reportOf(REPORT), before) },
      { onClientAbort, drain: { maxStreams: 0 } },
    );
    const attacker = await site.attacker('5');
    await leaveAt(attacker, 'chat/completions', { model: 'gpt', ...CHAT, messages }, '"finish_reason":"stop"');
    before.open();
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
  });

  test('pays what is reported on a metered plan, too', async () => {
    const before = gate();
    site = await abuseSite({ body: openaiStream(reportOf(REPORT), before) });
    const attacker = await site.attacker('0', { plan: 'metered' });
    await leaveAt(attacker, 'chat/completions', { model: 'gpt', ...CHAT, messages: TEXT }, '"finish_reason":"stop"');
    before.open();
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
  });

  test('takes no place from others, and has no more than its own', async () => {
    const before = gate();
    site = await abuseSite(
      { body: openaiStream(reportOf(REPORT), before) },
      { lateReports: { maxPerAccount: 2, maxStreams: 3 } },
    );
    const body = { model: 'gpt', ...CHAT, messages: TEXT };
    const first = await site.attacker('9');
    for (let i = 0; i < 4; i += 1) await leaveAt(first, 'chat/completions', body, '"finish_reason":"stop"');
    // Two wait for their report; the others are charged the most that the answer can have used.
    await until(() => true);
    const other = await site.attacker('5');
    await leaveAt(other, 'chat/completions', body, '"finish_reason":"stop"');
    before.open();
    await settled(other);
    await settled(first);
    expect(await other.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
    expect(await first.charged()).toBeGreaterThanOrEqual(4 * listPrice('gpt', { input: 0, output: 30_010 }));
    expect(await first.balance()).toBeGreaterThanOrEqual(0);
  });

  test('of a stream that never reports pays the most that it can have used', async () => {
    const before = gate();
    site = await abuseSite({ body: openaiStream(reportOf(REPORT), before) }, { lateReports: { maxMs: 50 } });
    const attacker = await site.attacker('5');
    await leaveAt(attacker, 'chat/completions', { model: 'gpt', ...CHAT, messages: TEXT }, '"finish_reason":"stop"');
    await settled(attacker);
    expect(await attacker.charged()).toBeGreaterThanOrEqual(listPrice('gpt', { input: 0, output: 40_000 }));
    expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
  });
});

test('a client that leaves a large request in its middle pays what is reported', async () => {
  const before = gate();
  site = await abuseSite({ text: ['One ', before, 'two.'], usage: REPORT });
  const attacker = await site.attacker('5');
  const body = { model: 'gpt', ...CHAT, messages: FILE };
  await leaveAt(attacker, 'chat/completions', body, 'One ');
  before.open();
  await settled(attacker);
  expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
});

test('a client that leaves a small request in its middle pays its input and what it was sent', async () => {
  const before = gate();
  site = await abuseSite({ text: ['One ', before, 'two.'], usage: REPORT });
  const attacker = await site.attacker('5');
  await leaveAt(attacker, 'chat/completions', { model: 'mini', ...CHAT, max_tokens: 100, messages: TEXT }, 'One ');
  await settled(attacker);
  expect(await attacker.charged()).toBeLessThan(0.0001);
});

describe("an answer above the gateway's own limits", () => {
  const whole = (model: Model, fields: object = {}) => ({ model, messages: TEXT, ...fields });

  test('is charged, hurts no target, and nobody else', async () => {
    const padding = ' '.repeat(1024 * 1024);
    const answer = JSON.stringify({ id: 'c', object: 'chat.completion', choices: [], usage: reportOf(REPORT) });
    site = await abuseSite((request) =>
      request.body?.['max_tokens'] === 10 ? {} : { body: [...Array.from({ length: 66 }, () => padding), answer] },
    );
    const attacker = await site.attacker('50');
    for (let i = 0; i < 6; i += 1) {
      const { status, text } = await attacker.post('chat/completions', whole('gpt', { max_tokens: 30_010 }));
      expect([status, JSON.parse(text).error.code]).toEqual([502, 'upstream_error']);
    }
    expect(await attacker.charged()).toBeGreaterThanOrEqual(6 * listPrice('gpt', { input: 0, output: 30_010 }));
    expect(site.gateway.health().every(({ state }) => state === 'closed')).toBe(true);
    const other = await site.attacker('1');
    expect((await other.post('chat/completions', whole('gpt', { max_tokens: 10 }))).status).toBe(200);
  }, 60_000);

  test('that ends in a report too long to read is charged in full', async () => {
    const large = 'x'.repeat(17 * 1024 * 1024);
    const event = (type: string, fields: object) => `data: ${JSON.stringify({ type, ...fields })}\n\n`;
    site = await abuseSite({
      body: [
        event('response.created', { response: { id: 'r', object: 'response', output: [] } }),
        event('response.output_text.delta', { item_id: 'm', output_index: 0, content_index: 0, delta: 'All words.' }),
        event('response.completed', { response: { id: 'r', object: 'response', output: [], large } }),
      ],
    });
    const attacker = await site.attacker('5');
    const { text } = await attacker.post('responses', {
      model: 'gpt',
      input: 'hi',
      stream: true,
      max_output_tokens: 30_010,
    });
    expect(text).toContain('All words.');
    expect(text).toContain('larger than the gateway passes on');
    expect(await attacker.charged()).toBeGreaterThanOrEqual(listPrice('gpt', { input: 0, output: 30_010 }));
    expect(site.gateway.health().every(({ state }) => state === 'closed')).toBe(true);
  });

  test('in one event of many is charged as reported', async () => {
    const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
    const usage = { input_tokens: 300_000, output_tokens: 5 };
    site = await abuseSite({
      body: [
        event('message_start', {
          message: { id: 'm', role: 'assistant', content: [], usage: { input_tokens: 5, output_tokens: 1 } },
        }),
        event('content_block_start', {
          index: 0,
          content_block: { type: 'web_fetch_tool_result', content: 'x'.repeat(2 * 1024 * 1024) },
        }),
        event('content_block_stop', { index: 0 }),
        event('message_delta', { delta: { stop_reason: 'end_turn' }, usage }),
        event('message_stop', {}),
      ],
    });
    const attacker = await site.attacker('5');
    await attacker.post('chat/completions', { ...whole('haiku'), stream: true, max_tokens: 100 });
    expect(await attacker.charged()).toBeCloseTo(listPrice('haiku', { input: 300_000, output: 5 }), 6);
  });

  test('is refused where it is asked for', async () => {
    site = await abuseSite({});
    const { post } = await site.attacker('50');
    const fields = { n: 16, max_tokens: 2_048, logprobs: true, top_logprobs: 20 };
    const { status, text } = await post('chat/completions', whole('gpt', fields));
    expect([status, JSON.parse(text).error.param]).toEqual([400, 'top_logprobs']);
    expect((await post('chat/completions', whole('gpt', { ...fields, n: 1 }))).status).toBe(200);
  });
});

test('a target that fails for one account alone still serves the others', async () => {
  site = await abuseSite(
    (request) => (String(request.prompt).includes('break') ? { status: 500 } : { usage: { input: 1, output: 1 } }),
    {
      models: {
        two: {
          targets: [
            { provider: 'openai', model: 'cheap', price: PRICES.mini },
            { provider: 'copy', model: 'dear', price: PRICES.gpt },
          ],
          price: PRICES.gpt,
        },
      },
    },
  );
  const attacker = await site.attacker('5');
  const ask = (content: string) => ({ model: 'two', max_tokens: 5, messages: [{ role: 'user', content }] });
  for (let i = 0; i < 8; i += 1) await attacker.post('chat/completions', ask('break'));
  const other = await site.attacker('1');
  await other.post('chat/completions', ask('hi'));
  expect(site.upstream.requests.at(-1)?.model).toBe('cheap');
});

describe('what is charged where no report comes', () => {
  const WORD = 'eightchr';
  const LONG = [{ role: 'user', content: 'word '.repeat(40_000) }];
  const whole = (model: Model, maxTokens: number, messages: object[] = TEXT) => ({
    model,
    messages,
    max_tokens: maxTokens,
  });
  const bytes = (body: object) => JSON.stringify(body).length;

  test('a client that leaves before a large whole answer pays what is reported then', async () => {
    const before = gate();
    site = await abuseSite({ before, usage: REPORT });
    const attacker = await site.attacker('5');
    const socket = postRaw(attacker, 'chat/completions', whole('gpt', 40_000));
    await before.reached;
    socket.destroy();
    before.open();
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
  });

  test('a client that leaves before a small one pays the most that it can have cost, and the provider is canceled', async () => {
    const before = gate();
    site = await abuseSite({ before, usage: REPORT });
    const attacker = await site.attacker('5');
    const body = whole('mini', 100);
    const socket = postRaw(attacker, 'chat/completions', body);
    await before.reached;
    socket.destroy();
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('mini', { input: bytes(body), output: 100 }), 8);
    before.open();
  });

  test('a client that leaves a long prompt pays what is reported, however small its price', async () => {
    const before = gate();
    const usage = { input: 40_003, output: 12 };
    site = await abuseSite({ text: [WORD, before, 'two.'], usage });
    const attacker = await site.attacker('5');
    await leaveAt(attacker, 'chat/completions', { ...whole('mini', 100, LONG), stream: true }, WORD);
    before.open();
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('mini', usage), 8);
  });

  test('each letter may have been a token, and each byte of the request', async () => {
    const before = gate();
    site = await abuseSite({ text: [WORD, before, 'two.'], usage: REPORT });
    const attacker = await site.attacker('5');
    const body = { ...whole('mini', 100), stream: true };
    await leaveAt(attacker, 'chat/completions', body, WORD);
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('mini', { input: bytes(body), output: WORD.length }), 8);
    before.open();
  });

  test('a model that reasons may have thought up to its limit', async () => {
    const before = gate();
    site = await abuseSite(
      { text: [WORD, before, 'two.'], usage: REPORT },
      { models: { mini: { provider: 'openai', model: 'o3-mini', price: PRICES.mini } } },
    );
    const attacker = await site.attacker('5');
    const body = { ...whole('mini', 1_000), stream: true };
    await leaveAt(attacker, 'chat/completions', body, WORD);
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('mini', { input: bytes(body), output: 1_000 }), 8);
    before.open();
  });

  test('a report that came with the words counts in place of their letters', async () => {
    const before = gate();
    const event = (text: string, usageMetadata: object) =>
      `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] } }], usageMetadata })}\r\n\r\n`;
    const counts = { promptTokenCount: 9, candidatesTokenCount: 3, thoughtsTokenCount: 40, totalTokenCount: 52 };
    site = await abuseSite({ body: [event(WORD, counts), before] });
    const attacker = await site.attacker('1');
    await leaveAt(attacker, 'chat/completions', { ...whole('gemini', 1_000), stream: true }, WORD);
    await settled(attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gemini', { input: 9, output: 43 }), 8);
    before.open();
  });

  test.each([true, false])('a complete answer of a server that reports none, streamed: %s', async (stream) => {
    const text = '\u{1f701}'.repeat(50);
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const answer = {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    };
    site = await abuseSite({
      body: stream ? [chunk({ content: text }), chunk({}, 'stop'), 'data: [DONE]\n\n'] : [JSON.stringify(answer)],
    });
    const customer = await site.attacker('1');
    const body = { ...whole('copy', 1_000), stream };
    expect((await customer.post('chat/completions', body)).status).toBe(200);
    const least = { input: bytes(body), output: Buffer.byteLength(text) };
    expect(await customer.charged()).toBeGreaterThanOrEqual(listPrice('copy', least));
    expect(await customer.charged()).toBeLessThanOrEqual(listPrice('copy', { ...least, output: 1_000 }));
    const metered = await site.attacker('0', { plan: 'metered' });
    await metered.post('chat/completions', body);
    expect(await metered.charged()).toBeLessThan(await customer.charged());
  });
});
