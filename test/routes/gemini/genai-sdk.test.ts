import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT_MODELS, type AgentGateway, startAgentGateway } from '../../helpers/agent-gateway.js';

let site: AgentGateway;
let client: GoogleGenAI;

beforeAll(async () => {
  site = await startAgentGateway();
  client = new GoogleGenAI({ apiKey: site.key, httpOptions: { baseUrl: site.origin } });
});
afterAll(() => site.close());

const WEATHER = {
  name: 'weather',
  description: 'Weather of a city.',
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING, nullable: true } }, required: ['city'] },
};
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(Object.entries(AGENT_MODELS))('the official client on a model of %s', (_, model) => {
  test('gets an answer with its usage', async () => {
    site.upstream.answer({ text: 'Hello there.', usage: { input: 12, output: 3 } });
    const answer = await client.models.generateContent({ model, contents: 'Say hello.' });
    expect(answer.text).toBe('Hello there.');
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 12, candidatesTokenCount: 3, totalTokenCount: 15 });
  });

  test('streams events', async () => {
    site.upstream.answer({ text: ['Hel', 'lo', '.'], usage: { input: 12, output: 3 } });
    let text = '';
    let last: { finishReason?: string | undefined; total?: number | undefined } = {};
    for await (const event of await client.models.generateContentStream({ model, contents: 'Say hello.' })) {
      text += event.text ?? '';
      last = { finishReason: event.candidates?.[0]?.finishReason, total: event.usageMetadata?.totalTokenCount };
    }
    expect(text).toBe('Hello.');
    expect(last).toEqual({ finishReason: 'STOP', total: 15 });
  });

  test('streams a JSON array where no events were asked for', async () => {
    site.upstream.answer({ text: ['Hel', 'lo'], usage: { input: 12, output: 3 } });
    const body = { contents: [{ parts: [{ text: 'Say hello.' }] }] };
    const response = await site.post(`v1beta/models/${model}:streamGenerateContent`, body);
    expect(response.headers.get('content-type')).toContain('application/json');
    const events = (await response.json()) as { candidates: { content: { parts: { text?: string }[] } }[] }[];
    const texts = events.flatMap(({ candidates }) => candidates[0]?.content.parts.map(({ text }) => text ?? '') ?? []);
    expect(texts.join('')).toBe('Hello');
  });

  test('calls functions in a chat and reads their results', async () => {
    site.upstream.answer({ text: ['Let me see.'], toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }] });
    const config = { tools: [{ functionDeclarations: [WEATHER] }] };
    const chat = client.chats.create({ model, config });
    const first = await chat.sendMessage({ message: 'The weather in Bern?' });
    const [call] = first.functionCalls ?? [];
    expect(call).toMatchObject({ name: 'weather', args: { city: 'Bern' } });
    site.upstream.answer({ text: 'Sunny.' });
    const result = { ...(call?.id && { id: call.id }), name: 'weather', response: { output: 'a clear sky' } };
    const second = await chat.sendMessage({ message: [{ functionResponse: result }] });
    expect(second.text).toBe('Sunny.');
    const sent = site.upstream.requests.at(-1);
    expect(sent?.text).toContain('a clear sky');
    // The types of Gemini's own schemas are in capitals.
    if (sent?.provider !== 'google') expect(sent?.text).not.toContain('"STRING"');
  });

  test('forces a function', async () => {
    site.upstream.answer({ toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }] });
    const functionCallingConfig = { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['weather'] };
    const config = { tools: [{ functionDeclarations: [WEATHER] }], toolConfig: { functionCallingConfig } };
    const answer = await client.models.generateContent({ model, contents: 'The weather?', config });
    expect(answer.functionCalls).toHaveLength(1);
    expect(site.upstream.requests.at(-1)?.text).toMatch(/"tool_choice"|"functionCallingConfig"/);
  });

  test('counts tokens for nothing', async () => {
    const before = await site.gateway.usage.query({ accountId: 'user_1' });
    expect((await client.models.countTokens({ model, contents: 'Say hello.' })).totalTokens).toBeGreaterThan(0);
    expect(await site.gateway.usage.query({ accountId: 'user_1' })).toEqual(before);
  });

  test('an overloaded provider is an ApiError', async () => {
    site.upstream.answer({ status: 503 });
    const error = await failure(
      client.models.generateContent({
        model,
        contents: 'x',
        config: { httpOptions: { retryOptions: { attempts: 1 } } },
      }),
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(JSON.parse((error as ApiError).message)).toMatchObject({ error: { code: 503, status: 'UNAVAILABLE' } });
  });

  test('a stream that breaks off raises', async () => {
    site.upstream.answer({ text: ['Hel', 'lo'], endWithoutTerminal: true });
    const read = async () => {
      for await (const _ of await client.models.generateContentStream({ model, contents: 'x' }));
    };
    expect(await failure(read())).toBeInstanceOf(ApiError);
  });
});

describe('errors', () => {
  test.each([
    [{ contents: [] }, 'contents'],
    [{ contents: [{ role: 'robot', parts: [] }] }, 'contents[0].role'],
    [{ contents: [{ parts: [{ text: 7 }] }] }, 'contents[0].parts[0].text'],
    [
      { contents: [{ parts: [{ text: 'x' }] }], generation_config: { max_output_tokens: 0 } },
      'generationConfig.maxOutputTokens',
    ],
    [{ messages: [] }, 'contents'],
  ])('name the field: %j', async (body, field) => {
    const response = await site.post('v1beta/models/gpt:generateContent', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ fieldViolations: [{ field }] }] },
    });
  });

  test('of an unknown model and of a wrong key', async () => {
    const retryOptions = { attempts: 1 };
    const config = { httpOptions: { retryOptions } };
    expect(await failure(client.models.generateContent({ model: 'none', contents: 'x', config }))).toMatchObject({
      status: 404,
    });
    const stranger = new GoogleGenAI({ apiKey: 'napi-wrong', httpOptions: { baseUrl: site.origin } });
    expect(await failure(stranger.models.generateContent({ model: 'gpt', contents: 'x', config }))).toMatchObject({
      status: 401,
    });
  });
});

test('the key may stand in the query', async () => {
  const url = `${site.origin}/v1beta/models/gemini:generateContent?key=${site.key}`;
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
  expect(
    (await fetch(`${site.origin}/v1/chat/completions?key=${site.key}`, { method: 'POST', headers, body })).status,
  ).toBe(401);
});

test('Google gets the bytes of the client where nothing must change', async () => {
  const text =
    '{"contents": [ {"role":"user","parts":[{"text":"H\\u00e9llo"}]} ], "generationConfig":{"temperature":1.0}}';
  await site.post('v1beta/models/gemini:generateContent', text);
  expect(site.upstream.requests.at(-1)?.text).toBe(text);
});

test.each(Object.entries(AGENT_MODELS))(
  'a list of one entry may be written as the entry, as in the docs of Google: %s',
  async (_, model) => {
    const body = {
      system_instruction: { parts: { text: 'Speak like a cat.' } },
      contents: { parts: { text: 'Good morning.' } },
      tools: { function_declarations: WEATHER },
    };
    const response = await site.post(`v1beta/models/${model}:generateContent`, body);
    expect(response.status).toBe(200);
    const sent = site.upstream.requests.at(-1)?.text;
    for (const said of ['Speak like a cat.', 'Good morning.', 'Weather of a city.']) expect(sent).toContain(said);
  },
);

test('an entry of a list is named by its place in it, also where it stands alone', async () => {
  const response = await site.post('v1beta/models/gpt:generateContent', { contents: { parts: { text: 7 } } });
  expect(await response.json()).toMatchObject({
    error: { details: [{ fieldViolations: [{ field: 'contents[0].parts[0].text' }] }] },
  });
});

test('tools that Google runs are sent to Gemini on a plan without limits, and left out and reported elsewhere', async () => {
  const tools = [{ functionDeclarations: [WEATHER] }, { googleSearch: {} }];
  for (const model of Object.values(AGENT_MODELS)) {
    const body = { contents: [{ parts: [{ text: 'x' }] }], tools };
    const response = await site.post(`v1beta/models/${model}:generateContent`, body);
    expect(response.status).toBe(200);
    const isGoogles = model === AGENT_MODELS.Gemini;
    expect(response.headers.get('x-gateway-dropped-params')).toBe(isGoogles ? null : 'tools[1]');
    const sent = site.upstream.requests.at(-1)?.text;
    if (isGoogles) expect(sent).toContain('"googleSearch":{}');
    else expect(sent).not.toMatch(/google_?search/i);
  }
});

test('lists models in the form of the Gemini API', async () => {
  const names: (string | undefined)[] = [];
  for await (const { name } of await client.models.list({ config: { pageSize: 3 } })) names.push(name);
  expect(names).toContain('models/claude-opus');
  expect(names).toHaveLength(8);
  expect(await client.models.get({ model: 'gemini-3' })).toMatchObject({ name: 'models/gemini-3' });
});
