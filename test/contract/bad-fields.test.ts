import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgentGateway } from '../helpers/agent-gateway.js';
import { problemOf } from '../helpers/picky-provider.js';
import { type ContractGateway, HELLO, OPENAI_ANSWER, startContractGateway } from './contract-gateway.js';

let site: ContractGateway;
let key: string;

beforeAll(async () => {
  site = await startContractGateway();
  key = await site.newKey('user_1');
});
afterAll(() => site.close());

const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });

/** Each bad body with the field that its error must name. */
const mistakes: readonly [unknown, string][] = [
  [{ messages: HELLO.messages }, 'model'],
  [{ ...HELLO, model: 7 }, 'model'],
  [{ ...HELLO, model: '' }, 'model'],
  [{ model: 'gpt-small' }, 'messages'],
  [{ ...HELLO, messages: [] }, 'messages'],
  [{ ...HELLO, messages: 'Hello' }, 'messages'],
  [{ ...HELLO, messages: ['Hello'] }, 'messages[0]'],
  [{ ...HELLO, messages: [{ content: 'x' }] }, 'messages[0].role'],
  [{ ...HELLO, messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
  [{ ...HELLO, messages: [{ role: 'user' }] }, 'messages[0].content'],
  [{ ...HELLO, ...user(7) }, 'messages[0].content'],
  [{ ...HELLO, ...user([]) }, 'messages[0].content'],
  [{ ...HELLO, ...user([{ type: 'hologram' }]) }, 'messages[0].content[0].type'],
  [{ ...HELLO, ...user([{ type: 'text' }]) }, 'messages[0].content[0].text'],
  [{ ...HELLO, ...user([{ type: 'image_url', image_url: {} }]) }, 'messages[0].content[0].image_url.url'],
  [{ ...HELLO, messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
  [{ ...HELLO, messages: [{ role: 'assistant', tool_calls: [{}] }] }, 'messages[0].tool_calls[0].id'],
  [{ ...HELLO, stream: 'yes' }, 'stream'],
  [{ ...HELLO, stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
  [{ ...HELLO, max_tokens: -1 }, 'max_tokens'],
  [{ ...HELLO, max_tokens: 1.5 }, 'max_tokens'],
  [{ ...HELLO, max_completion_tokens: '100' }, 'max_completion_tokens'],
  [{ ...HELLO, temperature: 3 }, 'temperature'],
  [{ ...HELLO, top_p: -0.1 }, 'top_p'],
  [{ ...HELLO, n: 0 }, 'n'],
  [{ ...HELLO, n: 129 }, 'n'],
  [{ ...HELLO, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
  [{ ...HELLO, stop: [1] }, 'stop[0]'],
  [{ ...HELLO, frequency_penalty: 9 }, 'frequency_penalty'],
  [{ ...HELLO, logit_bias: { 50256: 101 } }, 'logit_bias.50256'],
  [{ ...HELLO, top_logprobs: 21 }, 'top_logprobs'],
  [{ ...HELLO, tools: [{ type: 'function' }] }, 'tools[0].function'],
  [{ ...HELLO, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
  [{ ...HELLO, tool_choice: 'maybe' }, 'tool_choice'],
  [{ ...HELLO, tool_choice: { type: 'function' } }, 'tool_choice.function'],
  [{ ...HELLO, response_format: { type: 'xml' } }, 'response_format.type'],
  [{ ...HELLO, response_format: { type: 'json_schema' } }, 'response_format.json_schema'],
  [{ ...HELLO, reasoning_effort: 'extreme' }, 'reasoning_effort'],
  [{ ...HELLO, metadata: { a: 1 } }, 'metadata.a'],
  [{ ...HELLO, user: {} }, 'user'],
  [[HELLO], 'body'],
  ['"text"', 'body'],
];

describe('400', () => {
  it.each(mistakes)('%j names %s', async (body, param) => {
    const response = await site.post(key, body);
    const { error } = (await response.json()) as { error: { type: string; param: string } };
    expect(error).toMatchObject({ param, type: 'invalid_request_error' });
    expect(response.status).toBe(400);
    expect(site.upstream.seen).toEqual([]);
  });

  it.each([
    ['{', 'invalid_json'],
    ['{"a":1,}', 'invalid_json'],
    ['', 'invalid_json'],
    [`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'json_too_deep'],
  ])('a body that is no plain JSON: %.20s', async (body, code) => {
    const response = await site.post(key, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('keeps nulls and unknown fields apart from mistakes', async () => {
    site.upstream.play(OPENAI_ANSWER);
    const response = await site.post(key, { ...HELLO, tools: null, temperature: null, brand_new_field: { a: 1 } });
    expect(response.status).toBe(200);
    const sent = JSON.parse(site.upstream.seen[0]?.text ?? '{}') as Record<string, unknown>;
    expect(sent['brand_new_field']).toEqual({ a: 1 });
    expect('tools' in sent).toBe(false);
    site.upstream.seen.length = 0;
  });
});

describe('nulls inside a request', () => {
  it.each([
    [
      'chat/completions',
      {
        messages: HELLO.messages,
        tools: [{ type: 'function', function: { name: 'f', description: null, parameters: null, strict: null } }],
      },
    ],
    [
      'models/claude:generateContent',
      {
        contents: [
          { role: null, parts: [{ text: 'Hi', inlineData: null, thoughtSignature: null }] },
          { role: 'user', parts: null },
        ],
        generationConfig: { topK: null },
      },
    ],
  ])('say as much as no field at %s', async (route, body) => {
    const agents = await startAgentGateway();
    const response = await agents.post(route.startsWith('models') ? `v1beta/${route}` : `v1/${route}`, {
      ...body,
      model: 'claude',
    });
    expect(response.status).toBe(200);
    const sent = agents.upstream.requests.at(-1);
    expect(sent && problemOf(sent)).toBeUndefined();
    await agents.close();
  });
});

it('415 for another media type, 413 for a body above the limit', async () => {
  const text = await site.post(key, HELLO, { 'content-type': 'text/plain' });
  expect(text.status).toBe(415);
  const small = await startContractGateway({ maxBodyBytes: 1_000 });
  const large = await small.post(await small.newKey('a'), { ...HELLO, padding: 'x'.repeat(2_000) });
  expect(large.status).toBe(413);
  expect(await large.json()).toMatchObject({ error: { code: 'request_too_large' } });
  await small.close();
});
