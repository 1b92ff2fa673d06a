import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ANTHROPIC_ANSWER,
  ANTHROPIC_STREAM,
  type ContractGateway,
  GEMINI_ANSWER,
  GEMINI_STREAM,
  OPENAI_ANSWER,
  OPENAI_STREAM,
  startContractGateway,
} from './contract-gateway.js';

let site: ContractGateway;
let key: string;

beforeAll(async () => {
  site = await startContractGateway();
  key = await site.newKey('user_1');
});
afterAll(() => site.close());

const providers = [
  {
    model: 'gpt-small',
    answer: OPENAI_ANSWER,
    stream: OPENAI_STREAM,
    provider: 'openai',
    path: '/v1/chat/completions',
  },
  {
    model: 'claude-small',
    answer: ANTHROPIC_ANSWER,
    stream: ANTHROPIC_STREAM,
    provider: 'anthropic',
    path: '/v1/messages',
  },
  {
    model: 'gemini/small',
    answer: GEMINI_ANSWER,
    stream: GEMINI_STREAM,
    provider: 'google',
    path: '/v1beta/models/gemini-2.5-flash:generateContent',
  },
];

describe.each(providers)('the openai client on Express with $model', ({ model, answer, stream, provider, path }) => {
  const messages = [{ role: 'user' as const, content: 'Hello!' }];

  it('gets a whole answer', async () => {
    site.upstream.play(answer);
    const { data, response } = await site.client(key).chat.completions.create({ model, messages }).withResponse();
    expect(data.choices[0]?.message.content).toBe('Hi.');
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 });
    expect(site.upstream.seen[0]?.path).toBe(path);
    expect(response.headers.get('x-gateway-provider')).toBe(provider);
    expect(response.headers.get('x-gateway-attempts')).toBe('1');
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it('gets a stream with the usage it asked for', async () => {
    site.upstream.play(stream);
    const chunks = await site
      .client(key)
      .chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
    let text = '';
    let total: number | undefined;
    for await (const chunk of chunks) {
      text += chunk.choices[0]?.delta.content ?? '';
      total = chunk.usage?.total_tokens ?? total;
    }
    expect(text).toBe('Hi.');
    expect(total).toBe(30);
  });

  it('finds the model', async () => {
    const client = site.client(key);
    expect((await client.models.retrieve(model)).id).toBe(model);
    const listed = await client.models.list();
    expect(listed.data.map(({ id }) => id)).toContain(model);
  });

  it('raises its own error classes', async () => {
    site.upstream.play({ status: 500, body: '{}' });
    await expect(site.client(key).chat.completions.create({ model, messages })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_error',
      type: 'server_error',
    });
    await expect(site.client(`${key}x`).chat.completions.create({ model, messages })).rejects.toMatchObject({
      status: 401,
    });
  });
});

it('shows the model object of the OpenAI API', async () => {
  expect(await site.client(key).models.retrieve('gpt-small')).toMatchObject({
    id: 'gpt-small',
    object: 'model',
    created: 1_721_172_741,
    owned_by: 'openai',
  });
});
