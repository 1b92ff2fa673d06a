import { afterEach, describe, expect, test } from 'vitest';
import { gate } from '../../src/testing/index.js';
import { type AbuseSite, abuseSite, listPrice, type Model, PRICES } from './abuse-site.js';
import { leaveAt, postRaw, REPORT, settled, TEXT } from './leaving-clients.js';

let site: AbuseSite;

afterEach(() => site.close());

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
    const socket = postRaw(site, attacker, 'chat/completions', whole('gpt', 40_000));
    await before.reached;
    socket.destroy();
    before.open();
    await settled(site, attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('gpt', REPORT), 6);
  });

  test('a client that leaves before a small one pays the most that it can have cost, and the provider is canceled', async () => {
    const before = gate();
    site = await abuseSite({ before, usage: REPORT });
    const attacker = await site.attacker('5');
    const body = whole('mini', 100);
    const socket = postRaw(site, attacker, 'chat/completions', body);
    await before.reached;
    socket.destroy();
    await settled(site, attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('mini', { input: bytes(body), output: 100 }), 8);
    before.open();
  });

  test('a client that leaves a long prompt pays what is reported, however small its price', async () => {
    const before = gate();
    const usage = { input: 40_003, output: 12 };
    site = await abuseSite({ text: [WORD, before, 'two.'], usage });
    const attacker = await site.attacker('5');
    await leaveAt(site, attacker, 'chat/completions', { ...whole('mini', 100, LONG), stream: true }, WORD);
    before.open();
    await settled(site, attacker);
    expect(await attacker.charged()).toBeCloseTo(listPrice('mini', usage), 8);
  });

  test('each letter may have been a token, and each byte of the request', async () => {
    const before = gate();
    site = await abuseSite({ text: [WORD, before, 'two.'], usage: REPORT });
    const attacker = await site.attacker('5');
    const body = { ...whole('mini', 100), stream: true };
    await leaveAt(site, attacker, 'chat/completions', body, WORD);
    await settled(site, attacker);
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
    await leaveAt(site, attacker, 'chat/completions', body, WORD);
    await settled(site, attacker);
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
    await leaveAt(site, attacker, 'chat/completions', { ...whole('gemini', 1_000), stream: true }, WORD);
    await settled(site, attacker);
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
