import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_MODELS, type AgentGateway, startAgentGateway } from '../../helpers/agent-gateway.js';

let site: AgentGateway;
let client: Anthropic;

beforeAll(async () => {
  site = await startAgentGateway();
  client = new Anthropic({ baseURL: site.origin, apiKey: site.key, maxRetries: 0 });
});
afterAll(() => site.close());

const ASK = { max_tokens: 1_000, messages: [{ role: 'user', content: 'Say hello.' }] } as const;
const ask = (model: string) => ({ ...ASK, model, messages: [...ASK.messages] });
const WEATHER = {
  name: 'weather',
  description: 'Weather of a city.',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};

describe.each(Object.entries(AGENT_MODELS))('the official client on a model of %s', (_, model) => {
  test('gets a message with its usage', async () => {
    site.upstream.answer({ text: 'Hello there.', usage: { input: 12, output: 3 } });
    const message = await client.messages.create(ask(model));
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'Hello there.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 3 },
    });
    expect(message.id).toMatch(/^msg_/);
    expect(message._request_id).toMatch(/^req_/);
  });

  test('streams, and its helper puts the message together', async () => {
    site.upstream.answer({ text: ['Hel', 'lo', '.'], usage: { input: 12, output: 3 } });
    const said: string[] = [];
    const message = await client.messages
      .stream(ask(model))
      .on('text', (text) => said.push(text))
      .finalMessage();
    expect(said.join('')).toBe('Hello.');
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'Hello.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 3 },
    });
  });

  test('sends events in their order', async () => {
    site.upstream.answer({ text: ['Hi'] });
    const types: string[] = [];
    for await (const event of await client.messages.create({ ...ask(model), stream: true })) types.push(event.type);
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  test('calls tools and reads their results', async () => {
    site.upstream.answer({ text: ['Let me see.'], toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }] });
    const tools = [WEATHER];
    const first = await client.messages.stream({ ...ask(model), tools }).finalMessage();
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(first.stop_reason).toBe('tool_use');
    expect(call).toMatchObject({ name: 'weather', input: { city: 'Bern' } });
    site.upstream.answer({ text: 'Sunny.' });
    const second = await client.messages.create({
      ...ask(model),
      tools,
      messages: [
        ...ASK.messages,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: call?.id ?? '', content: 'sun' },
            { type: 'text', text: 'In short.' },
          ],
        },
      ],
    });
    expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny.' }]);
    expect(site.upstream.requests.at(-1)?.text).toContain('sun');
  });

  test('ends with max_tokens where the limit cut the answer', async () => {
    site.upstream.answer({ text: 'Hel', finish: 'length' });
    expect((await client.messages.create(ask(model))).stop_reason).toBe('max_tokens');
  });

  test('counts tokens for nothing', async () => {
    const before = await site.gateway.usage.query({ accountId: 'user_1' });
    const { input_tokens: tokens } = await client.messages.countTokens({ model, messages: [...ASK.messages] });
    expect(tokens).toBeGreaterThan(0);
    expect(await site.gateway.usage.query({ accountId: 'user_1' })).toEqual(before);
  });
});

describe('errors', () => {
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  test.each([
    ['no key', { apiKey: 'napi-wrong' }, {}, 401, Anthropic.AuthenticationError, 'authentication_error'],
    ['no such model', {}, { model: 'none' }, 404, Anthropic.NotFoundError, 'not_found_error'],
    ['a wrong field', {}, { max_tokens: 'many' }, 400, Anthropic.BadRequestError, 'invalid_request_error'],
  ])('%s', async (_, options, body, status, kind, type) => {
    const other = client.withOptions(options);
    const error = await failure(other.messages.create({ ...ask('gpt'), ...body } as Anthropic.MessageCreateParams));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, error: { type: 'error', error: { type } } });
    expect((error as InstanceType<typeof Anthropic.APIError>).requestID).toMatch(/^req_/);
  });

  test.each([
    [{ messages: undefined }, 'messages'],
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages.0.content.0.text'],
    [{ tools: [{ name: 'x' }] }, 'tools.0.input_schema'],
    [{ temperature: 2 }, 'temperature'],
  ])('name the field: %j', async (body, field) => {
    const response = await site.post('v1/messages', { ...ask('gpt'), ...body });
    const { error } = (await response.json()) as { error: { message: string } };
    expect(response.status).toBe(400);
    expect(error.message).toContain(field);
  });

  test.each(Object.values(AGENT_MODELS))('an overloaded provider is 529 on %s', async (model) => {
    site.upstream.answer({ status: 503 });
    const error = await failure(client.messages.create(ask(model)));
    expect(error).toMatchObject({ status: 529, error: { error: { type: 'overloaded_error' } } });
  });

  test.each(Object.values(AGENT_MODELS))('a stream that breaks off on %s raises', async (model) => {
    site.upstream.answer({ text: ['Hel', 'lo'], endWithoutTerminal: true });
    const error = await failure(client.messages.stream(ask(model)).finalMessage());
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ error: { type: 'error', error: { type: 'api_error' } } });
  });

  test('want of money is 403 and is not tried again', async () => {
    await site.gateway.accounts.setPlan('poor', 'prepaid');
    const { key } = await site.gateway.keys.create({ accountId: 'poor', name: 'laptop' });
    const before = site.upstream.requests.length;
    const error = await failure(client.withOptions({ apiKey: key, maxRetries: 2 }).messages.create(ask('claude')));
    expect(error).toMatchObject({ status: 403, error: { error: { type: 'permission_error' } } });
    expect((error as InstanceType<typeof Anthropic.APIError>).headers?.get('x-should-retry')).toBe('false');
    expect(site.upstream.requests.length).toBe(before);
  });
});

test('tells limits under the names of Anthropic, and refuses with a time to wait', async () => {
  await site.gateway.accounts.setPlan('limited', 'limited');
  const { key } = await site.gateway.keys.create({ accountId: 'limited', name: 'laptop' });
  const limited = client.withOptions({ apiKey: key });
  const { response } = await limited.messages.create(ask('claude')).withResponse();
  expect(response.headers.get('anthropic-ratelimit-requests-limit')).toBe('2');
  expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('1');
  expect(Date.parse(response.headers.get('anthropic-ratelimit-requests-reset') ?? '')).toBeGreaterThan(Date.now() - 1);
  await limited.messages.countTokens({ model: 'claude', messages: [...ASK.messages] });
  const refused = await limited.messages.create(ask('claude')).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(Anthropic.RateLimitError);
  expect((refused as InstanceType<typeof Anthropic.APIError>).headers?.get('retry-after')).toMatch(/^\d+$/);
});

test('lists and finds models in the form of Anthropic', async () => {
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 3 })) ids.push(model.id);
  expect(ids).toEqual(['gpt', 'gpt-5', 'claude', 'claude-opus', 'haiku', 'gemini', 'gemini-3', 'deepseek']);
  expect(await client.models.retrieve('claude-opus')).toMatchObject({ type: 'model', display_name: 'Claude Opus 4.8' });
  await expect(client.models.retrieve('none')).rejects.toMatchObject({ status: 404 });
});

test('charges what it answers, once', async () => {
  const { key } = await site.gateway.keys.create({ accountId: 'paying', name: 'laptop' });
  site.upstream.answer(
    { text: 'Hi.', usage: { input: 10, output: 5 } },
    { text: ['Hi.'], usage: { input: 10, output: 5 } },
  );
  const paying = client.withOptions({ apiKey: key });
  await paying.messages.create(ask('claude'));
  await paying.messages.stream(ask('gemini')).finalMessage();
  const [row] = await site.gateway.usage.query({ accountId: 'paying' });
  expect(row).toMatchObject({ requests: 2, inputTokens: 20, outputTokens: 10, cost: '0.00004' });
});
