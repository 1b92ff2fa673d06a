import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_MODELS, type AgentGateway, PRICE, startAgentGateway } from '../helpers/agent-gateway.js';
import { problemIn } from '../helpers/route-schemas.js';

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
});
afterAll(() => site.close());

const HISTORY = [
  { role: 'user' as const, content: 'Mend the roof.' },
  { type: 'function_call' as const, call_id: 'c1', name: 'look', arguments: '{"at":"roof"}' },
  { type: 'function_call_output' as const, call_id: 'c1', output: 'two tiles are gone' },
];
const LOOK = {
  type: 'function' as const,
  name: 'look',
  parameters: { type: 'object', properties: { at: { type: 'string' } } },
  strict: false,
};
const SUMMARY = 'Two tiles of the röof are gone.';
const lastRequest = () => site.upstream.requests.at(-1)?.text ?? '';
const client = () => new OpenAI({ baseURL: `${site.origin}/v1`, apiKey: site.key, maxRetries: 0 });

describe.each(Object.values(AGENT_MODELS))('compaction by %s', (model) => {
  it('is a summary beside what the user wrote, which any other model reads', async () => {
    site.upstream.answer({ text: SUMMARY, thinking: 'Long.' });
    const { data: compacted, response } = await client().responses.compact({ model, input: HISTORY }).withResponse();
    expect(compacted.object).toBe('response.compaction');
    expect(lastRequest()).toContain('two tiles are gone');
    expect(compacted.output.map(({ type }) => type)).toEqual(['message', 'compaction']);
    expect(compacted.output[0]).toMatchObject({
      role: 'user',
      content: [{ type: 'input_text', text: 'Mend the roof.' }],
    });
    expect(problemIn('CompactionBody', compacted.output[1])).toBe('');
    const { input_tokens: read, output_tokens: written } = compacted.usage;
    expect(Number(response.headers.get('x-gateway-cost'))).toBeCloseTo(
      (read * PRICE.input + written * PRICE.output) / 1e6,
      9,
    );
    for (const other of Object.values(AGENT_MODELS)) {
      const input = [
        ...(compacted.output as unknown as OpenAI.Responses.ResponseInput),
        { role: 'user' as const, content: 'And now?' },
      ];
      await client().responses.create({ model: other, input });
      expect(lastRequest()).toContain(SUMMARY);
      expect(lastRequest()).not.toContain('mgc1.');
    }
  });

  it.each([false, true])('answers a trigger with one item (stream: %s)', async (stream) => {
    site.upstream.answer({ text: SUMMARY });
    const input = [...HISTORY, { type: 'compaction_trigger' }];
    const answer = await site.post('v1/responses', { model, input, tools: [LOOK], stream, store: false });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    const last = stream ? eventsOf(text) : [{ response: JSON.parse(text) as unknown }];
    if (stream) {
      expect(last.map((event) => event['type'])).toEqual([
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.output_item.done',
        'response.completed',
      ]);
      for (const event of last) expect(problemIn('ResponseStreamEvent', event)).toBe('');
    }
    const response = last.at(-1)?.response as { output: unknown[]; usage: object };
    expect(problemIn('Response', response)).toBe('');
    expect(response.output).toMatchObject([{ type: 'compaction' }]);
    expect(response.usage).toMatchObject({ output_tokens: expect.any(Number) });
    expect(lastRequest()).not.toContain('compaction_trigger');
  });
});

describe('compaction', () => {
  it('that yields no text is a failure of the provider, in JSON and as a stream', async () => {
    for (const stream of [false, true]) {
      site.upstream.answer({ text: '' });
      const input = [...HISTORY, { type: 'compaction_trigger' }];
      const answer = await site.post('v1/responses', { model: 'claude', input, stream });
      expect(await answer.text()).toContain('upstream_error');
    }
  });

  it('names the field that is wrong', async () => {
    const answer = await site.post('v1/responses/compact', {
      model: 'gpt',
      previous_response_id: 'resp_1',
      input: 'x',
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param: 'previous_response_id' } }]);
  });

  it('costs what its answer costs, and needs money on a prepaid plan', async () => {
    await site.gateway.accounts.setPlan('prepaid', 'prepaid');
    const { key } = await site.gateway.keys.create({ accountId: 'prepaid', name: 'k' });
    const ask = () => site.post('v1/responses/compact', { model: 'claude', input: HISTORY }, { 'x-api-key': key });
    expect((await ask()).status).toBe(403);
    await site.gateway.credits.topUp({ accountId: 'prepaid', amount: '1', idempotencyKey: 'first' });
    site.upstream.answer({ text: SUMMARY, usage: { input: 1_000, output: 500 } });
    expect((await ask()).headers.get('x-gateway-cost')).toBe('0.002');
    expect((await site.gateway.accounts.overview('prepaid')).available).toBe('0.998');
  });
});

function eventsOf(text: string): Record<string, unknown>[] {
  const frames = text.split('\n\n').filter((frame) => frame.startsWith('data: {'));
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  return frames.map((frame) => JSON.parse(frame.slice('data: '.length)) as Record<string, unknown>);
}
