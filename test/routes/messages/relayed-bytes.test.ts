import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../../helpers/agent-gateway.js';

let site: AgentGateway;
let own: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
  const price = { input: 1, output: 2, cacheWrite: 1 };
  own = await startAgentGateway({ models: { 'claude-sonnet-4-5': { provider: 'anthropic', price } } });
});
afterAll(() => Promise.all([site.close(), own.close()]));

/** As an agent writes it: odd spaces, escapes and order of fields included. */
function turn(count: number, model: string): string {
  const messages = Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? `{"content":[{"type":"text","text":"Question ${i}: \\u00fc/ü \\/","cache_control":{"type":"ephemeral"}}],  "role":"user"}`
      : `{"role":"assistant","content":[{"type":"text","text":"Answer ${i}"}]}`,
  );
  return `{"system":[ {"type":"text","text":"You are careful.","cache_control":{"type":"ephemeral"}} ],"tools":[{"name":"look","description":"Looks.","input_schema":{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"number"}}}}],"messages":[${messages.join(' , ')}],"max_tokens":1024,"model":"${model}","temperature":0.50}`;
}

const sent = async (body: string) => {
  const answer = await site.post('v1/messages', body);
  expect(answer.status).toBe(200);
  return { upstream: site.upstream.requests.at(-1)?.text ?? '', answer };
};

describe('what Anthropic is sent of a request for its own API', () => {
  test.each([1, 3, 9])('is the very bytes of the client but for the name of the model (turn %d)', async (count) => {
    const { upstream } = await sent(turn(count, 'claude'));
    expect(upstream).toBe(turn(count, 'claude-sonnet-4-5'));
  });

  test('is all of the bytes where the model has its own name', async () => {
    const body = `\n ${turn(3, 'claude-sonnet-4-5').replace('{', '{ ').replace('],"max', '] , "max')}\t`;
    expect((await own.post('v1/messages', body)).status).toBe(200);
    expect(own.upstream.requests.at(-1)?.text).toBe(body);
  });

  test('begins with the same bytes in each turn, so that prompt caches hit', async () => {
    const { upstream: first } = await sent(turn(1, 'claude'));
    const { upstream: second } = await sent(turn(3, 'claude'));
    const prefix = first.slice(0, first.indexOf('],"max_tokens"'));
    expect(prefix.length).toBeGreaterThan(300);
    expect(second.startsWith(prefix)).toBe(true);
  });

  test('is the same in each turn also where something must be written anew', async () => {
    const changed = (count: number) =>
      turn(count, 'claude').replace('"max_tokens":1024', '"max_tokens":1024,"metadata":{"user_id":"u"},"other":1');
    const { upstream: first } = await sent(changed(1));
    const { upstream: second } = await sent(changed(3));
    const prefix = first.slice(0, first.indexOf('],"max_tokens"'));
    expect(prefix.length).toBeGreaterThan(300);
    expect(second.startsWith(prefix)).toBe(true);
  });

  test('is answered with the very bytes of the provider', async () => {
    const body =
      '{"type": "message","content":[ {"type":"text","text":"\\u00fc"} ],"usage":{"output_tokens":1,"input_tokens":2},"new_field":[1.0]}';
    site.upstream.answer({ body });
    expect(await (await sent(turn(1, 'claude'))).answer.text()).toBe(body);
  });

  test('and streamed the same', async () => {
    const events = [
      'event: message_start\ndata: {"type": "message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":2,"output_tokens":1}}}\n\n',
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""},"new":1.0}\n\n',
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\u00fc"}}\n\n',
      'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
      'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}\n\n',
      'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ].join('');
    site.upstream.answer({ body: events });
    const { answer } = await sent(turn(1, 'claude').replace('"max_tokens"', '"stream":true,"max_tokens"'));
    expect(await answer.text()).toBe(events);
  });
});
