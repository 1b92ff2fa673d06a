import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownRecording } from '../helpers/recording-folders.js';
import { problemIn } from '../helpers/route-schemas.js';
import { errorOf, eventsIn, type RoutesGateway, routesGateway } from '../helpers/routes-gateway.js';

let site: RoutesGateway;
beforeAll(async () => {
  site = await routesGateway();
});
afterAll(() => site.close());

const TOOL = {
  type: 'function' as const,
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
};
const WEATHER = { toolCalls: [{ name: 'get_weather', arguments: { city: 'Bern' } }] };
const lastOf = (events: Record<string, unknown>[]) => (events.at(-1) as { response: { output: unknown[] } }).response;
const lastRequest = () => site.upstream.requests.at(-1)?.body as Record<string, unknown>;

describe.each(['gpt', 'claude', 'gemini', 'groq'])('POST /responses with %s', (model) => {
  it('answers a text', async () => {
    const { status, body } = await site.json('responses', { model, input: 'Hello!' });
    expect(status).toBe(200);
    expect(problemIn('Response', body)).toBe('');
    expect(body).toMatchObject({ object: 'response', status: 'completed', store: false, error: null });
    expect(body.output).toMatchObject([{ type: 'message', role: 'assistant', content: [{ type: 'output_text' }] }]);
  });

  it('calls a function', async () => {
    site.upstream.answer(WEATHER);
    const { body } = await site.json('responses', { model, input: 'Weather in Bern?', tools: [TOOL] });
    expect(problemIn('Response', body)).toBe('');
    const calls = (body.output as { type: string }[]).filter(({ type }) => type === 'function_call');
    expect(calls).toMatchObject([{ name: 'get_weather', arguments: '{"city":"Bern"}', status: 'completed' }]);
  });

  it('says that the limit of the output was reached', async () => {
    site.upstream.answer({ text: 'Once upon', finish: 'length' });
    const { body } = await site.json('responses', { model, input: 'A story.', max_output_tokens: 16 });
    expect(problemIn('Response', body)).toBe('');
    expect(body).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('streams text as numbered events that fit the schema', async () => {
    site.upstream.answer({ text: ['Hel', 'lo.'] });
    const events = await site.events('responses', { model, input: 'Hello!', stream: true });
    for (const event of events) expect(problemIn('ResponseStreamEvent', event)).toBe('');
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.at(-1)?.response).toMatchObject({ output: [{ content: [{ text: 'Hello.' }] }], usage: {} });
  });

  it('streams text and function calls', async () => {
    site.upstream.answer({ text: ['Let me see.'], ...WEATHER });
    const events = await site.events('responses', { model, input: 'Weather?', tools: [TOOL], stream: true });
    for (const event of events) expect(problemIn('ResponseStreamEvent', event)).toBe('');
    const args = events.find(({ type }) => type === 'response.function_call_arguments.done');
    expect(args).toMatchObject({ output_index: 1, name: 'get_weather', arguments: '{"city":"Bern"}' });
    const output = lastOf(events).output;
    expect(output).toMatchObject([
      { type: 'message', status: 'completed' },
      { type: 'function_call', status: 'completed' },
    ]);
  });

  it('serves the openai client: whole, streamed, and by its stream helper', async () => {
    const { client } = site;
    const answer = await client.responses.create({ model, input: 'Hello!' });
    expect(answer.output_text).toMatch(/^Hello from /);
    let text = '';
    for await (const event of await client.responses.create({ model, input: 'Hello!', stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe(answer.output_text);
    const final = await client.responses.stream({ model, input: 'Hello!' }).finalResponse();
    expect(final.output_text).toBe(text);
    expect(final.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('ends a stream that was cut with a failure that the client raises', async () => {
    site.upstream.answer({ text: ['Hel', 'lo'], endWithoutTerminal: true });
    const { text } = await site.post('responses', { model, input: 'Hello!', stream: true });
    expect(text).not.toContain('[DONE]');
    const events = eventsIn(text);
    for (const event of events) expect(problemIn('ResponseStreamEvent', event)).toBe('');
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.slice(-2)).toMatchObject([
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' } } },
      { type: 'error', code: 'upstream_truncated' },
    ]);
    site.upstream.answer({ text: ['Hel', 'lo'], endWithoutTerminal: true });
    const stream = await site.client.responses.create({ model, input: 'Hello!', stream: true });
    await expect(async () => {
      for await (const _ of stream);
    }).rejects.toThrow();
  });

  it('understands a whole conversation, function calls and their outputs included', async () => {
    const { status } = await site.json('responses', {
      model,
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'Weather in Bern and Basel?' },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Let me see.', annotations: [] }],
        },
        {
          type: 'function_call',
          id: 'fc_1',
          call_id: 'call_1',
          name: 'get_weather',
          arguments: '{"city":"Bern"}',
          status: 'completed',
        },
        { type: 'function_call', id: 'fc_2', call_id: 'call_2', name: 'get_weather', arguments: '{"city":"Basel"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
        { type: 'function_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: 'rain' }] },
      ],
      tools: [TOOL],
    });
    expect(status).toBe(200);
    const sent = JSON.stringify(lastRequest());
    for (const text of ['Be brief.', 'Let me see.', 'Basel', 'sunny', 'rain']) expect(sent).toContain(text);
  });
});

describe('what a provider that has the route is asked', () => {
  it('is to store nothing, whatever the client says', async () => {
    await site.json('responses', { model: 'gpt', input: 'x', store: true });
    expect(site.upstream.requests.at(-1)?.path).toBe('/v1/responses');
    expect(lastRequest()).toEqual({ model: 'gpt-4o-mini', input: 'x', store: false });
    await site.json('responses', { model: 'gpt', input: 'x' });
    expect(lastRequest().store).toBe(false);
  });

  it('holds no ids of items, and no reasoning that it could not read', async () => {
    await site.json('responses', {
      model: 'gpt',
      input: [
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAAAA==' },
        { type: 'reasoning', id: 'rs_3', summary: [], encrypted_content: 'mg1.eyJkZXRhaWxzIjpbXX0=' },
        { role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'a' }] },
        { role: 'user', content: 'b' },
      ],
    });
    expect(lastRequest().input).toEqual([
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gAAAAA==' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'a' }] },
      { role: 'user', content: 'b' },
    ]);
  });

  it('names no user of another account, and no field that nobody knows', async () => {
    const { headers } = await site.json('responses', {
      model: 'gpt',
      input: 'x',
      user: 'anna',
      prompt_cache_key: 'k',
      mood: 1,
    });
    expect(JSON.stringify(lastRequest())).not.toContain('anna');
    expect(lastRequest()).not.toHaveProperty('mood');
    expect(headers.get('x-gateway-dropped-params')).toBe('mood');
  });
});

describe('what other providers are asked', () => {
  it('is the same in chat', async () => {
    await site.json('responses', {
      model: 'groq',
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'Speak Latin.' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' },
          ],
        },
      ],
      tools: [TOOL],
      tool_choice: { type: 'function', name: 'get_weather' },
      parallel_tool_calls: false,
      text: { format: { type: 'json_schema', name: 'answer', schema: { type: 'object' }, strict: true } },
      reasoning: { effort: 'low' },
      max_output_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      store: true,
      metadata: { a: 'b' },
    });
    expect(site.upstream.requests.at(-1)?.path).toBe('/v1/chat/completions');
    const { type: _, ...definition } = TOOL;
    expect(lastRequest()).toEqual({
      model: 'llama-3.3-70b',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'system', content: 'Speak Latin.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
          ],
        },
      ],
      tools: [{ type: 'function', function: definition }],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      parallel_tool_calls: false,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
      },
      reasoning_effort: 'low',
      max_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
    });
  });

  it('is named by the field of the request where they refuse it', async () => {
    const strict = await routesGateway({ unsupported: 'error' });
    const answer = await strict.json('responses', { model: 'claude', input: 'x', text: { verbosity: 'low' } });
    if (answer.status === 400) expect(errorOf(answer).param).toBe('text.verbosity');
    const unknown = await strict.json('responses', { model: 'claude', input: 'x', mood: 1 });
    expect(errorOf(unknown)).toMatchObject({ code: 'unsupported_parameter', param: 'mood' });
    await strict.close();
  });
});

describe('reasoning', () => {
  const thinking = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [
      { type: 'thinking', thinking: 'Sunny, I guess.', signature: 'c2lnbmF0dXJl' },
      { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Bern' } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 7 },
  };
  const request = { model: 'claude', input: 'Weather?', tools: [TOOL], reasoning: { effort: 'low', summary: 'auto' } };

  it('comes back to its provider when the client asked for it and sends it again', async () => {
    site.upstream.answer({ body: JSON.stringify(thinking) });
    const { body } = await site.json('responses', { ...request, include: ['reasoning.encrypted_content'] });
    expect(problemIn('Response', body)).toBe('');
    const output = body.output as { type: string }[];
    expect(output[0]).toMatchObject({ type: 'reasoning', summary: [{ text: 'Sunny, I guess.' }] });
    await site.json('responses', {
      ...request,
      input: [
        { role: 'user', content: 'Weather?' },
        ...output,
        { type: 'function_call_output', call_id: 'toolu_1', output: 'sunny' },
      ],
    });
    expect((lastRequest().messages as { content: unknown }[])[1]?.content).toMatchObject([
      { type: 'thinking', thinking: 'Sunny, I guess.', signature: 'c2lnbmF0dXJl' },
      { type: 'tool_use', id: 'toolu_1' },
    ]);
  });

  it('is a summary alone where only that was asked for, and no item where nothing was', async () => {
    site.upstream.answer({ body: JSON.stringify(thinking) }, { body: JSON.stringify(thinking) });
    const { body } = await site.json('responses', request);
    const output = body.output as { type: string; encrypted_content?: string }[];
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    expect(output[0]).not.toHaveProperty('encrypted_content');
    const { reasoning: _, ...silent } = request;
    const { body: other } = await site.json('responses', silent);
    expect((other.output as { type: string }[]).map(({ type }) => type)).toEqual(['function_call']);
  });
});

describe('references to items of earlier answers', () => {
  it('are resolved for the account that received them', async () => {
    const { body } = await site.json('responses', { model: 'claude', input: 'Hello!' });
    const [{ id }] = body.output as [{ id: string }];
    const next = {
      model: 'groq',
      input: [
        { role: 'user', content: 'Hello!' },
        { type: 'item_reference', id },
        { role: 'user', content: 'Again!' },
      ],
    };
    expect((await site.json('responses', next)).status).toBe(200);
    expect(lastRequest().messages).toMatchObject([{}, { role: 'assistant', content: 'Hello from anthropic.' }, {}]);

    const stranger = await (await site.as('user_2'))('responses', next);
    expect(stranger.status).toBe(400);
    expect(errorOf(stranger)).toMatchObject({ code: 'item_not_found', param: 'input[1].id' });
    expect(errorOf(stranger).message).toContain("'store' to false");
  });

  it('are resolved after a stream, too', async () => {
    const events = await site.events('responses', { model: 'gemini', input: 'Hello!', stream: true });
    const [{ id }] = lastOf(events).output as [{ id: string }];
    const { status } = await site.json('responses', {
      model: 'gemini',
      input: [{ id }, { role: 'user', content: 'Go on.' }],
    });
    expect(status).toBe(200);
    expect(JSON.stringify(lastRequest())).toContain('Hello from google.');
  });

  it('to reasoning that is not known are left out', async () => {
    const input = [
      { type: 'item_reference', id: 'rs_1' },
      { role: 'user', content: 'x' },
    ];
    expect((await site.json('responses', { model: 'gpt', input })).status).toBe(200);
    expect(lastRequest().input).toEqual([{ role: 'user', content: 'x' }]);
  });
});

describe('what is refused', () => {
  const base = { model: 'claude', input: 'x' };
  it.each([
    [{ input: 'x' }, 'missing_required_parameter', 'model'],
    [{ model: 'claude' }, 'missing_required_parameter', 'input'],
    [{ ...base, input: [] }, 'empty_array', 'input'],
    [{ ...base, input: [{ role: 'robot', content: 'x' }] }, 'invalid_value', 'input[0].role'],
    [{ ...base, input: [{ role: 'user' }] }, 'missing_required_parameter', 'input[0].content'],
    [
      { ...base, input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] },
      'invalid_value',
      'input[0].content[0].type',
    ],
    [
      { ...base, input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      'missing_required_parameter',
      'input[0].content[0].image_url',
    ],
    [
      { ...base, input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }] },
      'unsupported_value',
      'input[0].content[0].file_id',
    ],
    [
      { ...base, input: [{ type: 'function_call', name: 'f', arguments: '{}' }] },
      'missing_required_parameter',
      'input[0].call_id',
    ],
    [{ ...base, input: [{ id: 7, type: 7 }] }, 'invalid_type', 'input[0].type'],
    [{ ...base, tools: [{}] }, 'missing_required_parameter', 'tools[0].type'],
    [{ ...base, tools: [{ type: 'namespace', name: 'x' }] }, 'missing_required_parameter', 'tools[0].tools'],
    [{ ...base, tools: [{ type: 'function' }] }, 'missing_required_parameter', 'tools[0].name'],
    [{ ...base, tools: [{ type: 'custom' }] }, 'missing_required_parameter', 'tools[0].name'],
    [{ ...base, tool_choice: { type: 'file_search' } }, 'unsupported_parameter', 'tool_choice'],
    [
      { ...base, text: { format: { type: 'json_schema', schema: {} } } },
      'missing_required_parameter',
      'text.format.name',
    ],
    [{ ...base, reasoning: { effort: 'huge' } }, 'invalid_value', 'reasoning.effort'],
    [{ ...base, max_output_tokens: 0 }, 'invalid_value', 'max_output_tokens'],
    [{ ...base, previous_response_id: 'resp_1' }, 'unsupported_parameter', 'previous_response_id'],
    [{ ...base, conversation: 'conv_1' }, 'unsupported_parameter', 'conversation'],
    [{ ...base, background: true }, 'unsupported_parameter', 'background'],
    [{ ...base, prompt: { id: 'pmpt_1' } }, 'unsupported_parameter', 'prompt'],
    [{ ...base, model: 'none' }, 'model_not_found', 'model'],
  ])('%j', async (request, code, param) => {
    const asked = site.upstream.requests.length;
    expect(errorOf(await site.json('responses', request))).toMatchObject({ code, param });
    expect(site.upstream.requests).toHaveLength(asked);
  });

  it.each(['gpt', 'claude', 'gemini', 'groq'])(
    'not tools that the provider of %s would run: they are left out',
    async (model) => {
      const tools = [
        { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } },
        { type: 'web_search' },
        { type: 'tool_of_tomorrow' },
      ];
      const { status, headers } = await site.json('responses', { model, input: 'x', tools });
      expect(status).toBe(200);
      expect(headers.get('x-gateway-dropped-params')).toBe('tools[1], tools[2]');
      expect(site.upstream.requests.at(-1)?.text).not.toMatch(/web_search|tomorrow/);
      const forced = { model, input: 'x', tools, tool_choice: { type: 'web_search' } };
      expect(errorOf(await site.json('responses', forced))).toMatchObject({
        code: 'unsupported_parameter',
        param: 'tool_choice',
      });
    },
  );

  it('by their place, where the operator wants such fields refused', async () => {
    const strict = await routesGateway({ unsupported: 'error' });
    for (const model of ['gpt', 'claude', 'gemini', 'groq']) {
      const refused = await strict.json('responses', { model, input: 'x', tools: [{ type: 'web_search' }] });
      expect(errorOf(refused)).toMatchObject({ code: 'unsupported_parameter', param: 'tools[0]' });
    }
    await strict.close();
  });

  it('never for a null, which stands for the default', async () => {
    const { status } = await site.json('responses', {
      ...base,
      previous_response_id: null,
      conversation: null,
      tools: null,
      background: false,
    });
    expect(status).toBe(200);
  });
});

describe('the charge', () => {
  it.each(['gpt', 'claude', 'gemini', 'groq'])('of %s is for what was reported, whole or streamed', async (model) => {
    const own = await routesGateway();
    await own.gateway.accounts.setPlan('user_1', 'prepaid');
    await own.gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'a' });
    own.upstream.answer({ usage: { input: 100, output: 50 } }, { usage: { input: 100, output: 50 } });
    const { body } = await own.json('responses', { model, input: 'Hello!' });
    expect(body.usage).toMatchObject({ input_tokens: 100, output_tokens: 50, total_tokens: 150 });
    const events = await own.events('responses', { model, input: 'Hello!', stream: true });
    expect(events.at(-1)).toMatchObject({ response: { usage: { input_tokens: 100, output_tokens: 50 } } });
    expect(await own.gateway.accounts.get('user_1')).toMatchObject({ balance: '0.9996', held: '0' });
    const sent = own.upstream.requests.at(-1)?.body as Record<string, never>;
    expect(JSON.stringify(sent)).toMatch(/max_\w*tokens|maxOutputTokens/);
    await own.close();
  });

  it('is nothing when the balance does not cover it', async () => {
    const own = await routesGateway();
    await own.gateway.accounts.setPlan('user_1', 'prepaid');
    expect(errorOf(await own.json('responses', { model: 'gpt', input: 'x' }))).toMatchObject({
      code: 'insufficient_balance',
    });
    expect(own.upstream.requests).toHaveLength(0);
    await own.close();
  });
});

describe('recorded streams', () => {
  it('are relayed with the same text, call and usage', async () => {
    const { interactions } = JSON.parse(ownRecording('openai/responses-stream.cassette.json')) as {
      interactions: { request: { body: object }; response: { sse: string } }[];
    };
    for (const { request, response } of interactions) {
      site.upstream.answer({ body: response.sse });
      const events = await site.events('responses', { ...request.body, model: 'gpt' });
      for (const event of events) expect(problemIn('ResponseStreamEvent', event)).toBe('');
      const last = events.at(-1) as { type: string; response: { usage: object } };
      expect(last.type).toBe('response.completed');
      expect(last.response.usage).toMatchObject({ input_tokens: expect.any(Number) as number });
      expect(events).toHaveLength(response.sse.split('\ndata: ').length - 1);
    }
  });
});
