import { afterEach, describe, expect, test } from 'vitest';
import { type AbuseSite, abuseSite, listPrice, type Model, PRICES } from './abuse-site.js';
import { REPORT, reportOf, TEXT } from './leaving-clients.js';

let site: AbuseSite;

afterEach(() => site.close());

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
