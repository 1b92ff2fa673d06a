import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
});
afterAll(() => site.close());

test.each([
  ['v1/chat/completions', { model: 'gpt', prompt: 'x' }, 'messages', 'POST /completions'],
  ['v1/embeddings', { model: 'gpt', messages: [] }, 'input', 'POST /chat/completions'],
  ['v1/completions', { model: 'gpt', input: 'x' }, 'prompt', 'POST /responses'],
  ['v1/chat/completions', { model: 'gpt', contents: [] }, 'messages', ':generateContent'],
  ['v1/responses', { model: 'gpt', messages: [] }, 'input', 'POST /chat/completions'],
  ['v1/messages', { model: 'gpt', max_tokens: 1, input: 'x' }, 'messages', 'POST /responses'],
  ['v1beta/models/gpt:generateContent', { messages: [] }, 'contents', 'POST /chat/completions'],
  // also where it lacks what each of this API's bodies has
  ['v1/chat/completions', { contents: [] }, 'messages', ':generateContent'],
  ['v1/responses', { contents: [] }, 'input', ':generateContent'],
  ['v1/responses', { model: 'gpt', prompt: 'x' }, 'input', 'POST /completions'],
  ['v1/messages', { contents: [] }, 'messages', ':generateContent'],
  ['v1/messages', { model: 'gpt', input: 'x' }, 'messages', 'POST /responses'],
])('a body of another API at %s is told where it belongs', async (path, body, field, route) => {
  const response = await site.post(path, body);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(response.status).toBe(400);
  expect(error.message).toContain(`'${field}'`);
  expect(error.message).toContain(route);
});

const SAID = [{ role: 'user', content: 'x' }];
const BODIES: Readonly<Record<string, object>> = {
  'chat/completions': { model: 'gpt', messages: SAID },
  responses: { model: 'gpt', input: 'x' },
  messages: { model: 'gpt', max_tokens: 100, messages: SAID },
  'models/gpt:generateContent': { contents: [{ role: 'user', parts: [{ text: 'x' }] }] },
};

/** What a body with one field of another API's form is told. */
async function told(route: string, fields: object): Promise<{ status: number; message: string }> {
  const response = await site.post(`v1/${route}`, { ...BODIES[route], ...fields });
  const { error } = (await response.json()) as { error: { message: string } };
  return { status: response.status, message: error.message };
}

const FLAT = { type: 'function', name: 'f', parameters: {} };
const NESTED = { type: 'function', function: { name: 'f' } };
const BARE = { name: 'f', input_schema: { type: 'object' } };
const DECLARED = { functionDeclarations: [{ name: 'f' }] };

test.each([
  ['responses', NESTED, 'tools[0].name', 'function', 'POST /chat/completions'],
  ['responses', { type: 'custom', custom: { name: 'f' } }, 'tools[0].name', 'custom', 'POST /chat/completions'],
  ['responses', { function: { name: 'f' } }, 'tools[0].type', 'function', 'POST /chat/completions'],
  ['responses', BARE, 'tools[0].type', 'input_schema', 'POST /messages'],
  ['responses', DECLARED, 'tools[0].type', 'functionDeclarations', 'POST /models/{model}:generateContent'],
  ['chat/completions', FLAT, 'tools[0].function', 'parameters', 'POST /responses'],
  ['chat/completions', { type: 'custom', name: 'f' }, 'tools[0].custom', 'name', 'POST /responses or POST /messages'],
  ['chat/completions', BARE, 'tools[0].type', 'input_schema', 'POST /messages'],
  ['chat/completions', DECLARED, 'tools[0].type', 'functionDeclarations', 'POST /models/{model}:generateContent'],
  ['messages', NESTED, 'tools.0.input_schema', 'function', 'POST /chat/completions'],
  ['messages', FLAT, 'tools.0.input_schema', 'parameters', 'POST /responses'],
  ['messages', DECLARED, 'tools.0.input_schema', 'functionDeclarations', 'POST /models/{model}:generateContent'],
  ['models/gpt:generateContent', NESTED, 'tools[0].functionDeclarations', 'function', 'POST /chat/completions'],
  ['models/gpt:generateContent', FLAT, 'tools[0].functionDeclarations', 'parameters', 'POST /responses'],
  ['models/gpt:generateContent', BARE, 'tools[0].functionDeclarations', 'inputSchema', 'POST /messages'],
])('a tool of another API at %s is told where it belongs: %j', async (route, tool, field, other, where) => {
  expect(await told(route, { tools: [tool] })).toEqual({
    status: 400,
    message: `Missing required parameter: '${field}'. A tool with '${other}' is for ${where}.`,
  });
});

test.each([
  ['chat/completions', { type: 'function', name: 'f' }, 'function', 'name', 'POST /responses or POST /messages'],
  ['responses', { type: 'function', function: { name: 'f' } }, 'name', 'function', 'POST /chat/completions'],
  ['messages', { type: 'function', function: { name: 'f' } }, 'name', 'function', 'POST /chat/completions'],
])(
  'a choice of a tool in the form of another API at %s is told where it belongs',
  async (route, choice, field, other, where) => {
    expect(await told(route, { tool_choice: choice })).toEqual({
      status: 400,
      message: `Missing required parameter: 'tool_choice.${field}'. A tool choice with '${other}' is for ${where}.`,
    });
  },
);

test('a format of another API is told where it belongs', async () => {
  const schema = { type: 'object' };
  const flat = { type: 'json_schema', name: 'x', schema };
  expect((await told('chat/completions', { response_format: flat })).message).toBe(
    "Missing required parameter: 'response_format.json_schema'. A format with 'schema' is for POST /responses or POST /messages.",
  );
  const nested = { type: 'json_schema', json_schema: { name: 'x', schema } };
  expect((await told('responses', { text: { format: nested } })).message).toBe(
    "Missing required parameter: 'text.format.schema'. A format with 'json_schema' is for POST /chat/completions.",
  );
});

test.each([
  ['chat/completions', 'gpt', 'messages', { type: 'input_text', text: 'x' }, 'POST /responses'],
  ['chat/completions', 'claude', 'messages', { type: 'input_image', image_url: 'https://x/y.png' }, 'POST /responses'],
  ['chat/completions', 'gemini', 'messages', { type: 'image', source: {} }, 'POST /messages'],
  ['responses', 'gpt', 'input', { type: 'text', text: 'x' }, 'POST /chat/completions or POST /messages'],
  ['responses', 'claude', 'input', { type: 'image_url', image_url: { url: 'x' } }, 'POST /chat/completions'],
  ['messages', 'gpt', 'messages', { type: 'image_url', image_url: { url: 'x' } }, 'POST /chat/completions'],
  ['messages', 'gemini', 'messages', { type: 'input_text', text: 'x' }, 'POST /responses'],
])(
  'a part of another API at %s for %s is told where it belongs, never left out',
  async (route, model, list, part, where) => {
    const { status, message } = await told(route, { model, [list]: [{ role: 'user', content: [part] }] });
    expect(status).toBe(400);
    expect(message).toContain(`a part '${part.type}' is for ${where}`);
  },
);

test.each([
  [
    'chat/completions',
    'messages',
    { type: 'function_call_output', call_id: 'a', output: 'x' },
    'role',
    'call_id',
    'POST /responses',
  ],
  [
    'chat/completions',
    'messages',
    { role: 'user', parts: [{ text: 'x' }] },
    'content',
    'parts',
    'POST /models/{model}:generateContent',
  ],
  [
    'responses',
    'input',
    { role: 'assistant', content: null, tool_calls: [] },
    'content',
    'tool_calls',
    'POST /chat/completions',
  ],
  [
    'messages',
    'messages',
    { role: 'assistant', content: null, tool_calls: [] },
    'content',
    'tool_calls',
    'POST /chat/completions',
  ],
  [
    'models/gpt:generateContent',
    'contents',
    { role: 'user', content: 'x' },
    'parts',
    'content',
    'POST /chat/completions or POST /responses or POST /messages',
  ],
])('a message of another API at %s is told where it belongs', async (route, list, message, field, other, where) => {
  const at = route === 'messages' ? `${list}.0.${field}` : `${list}[0].${field}`;
  expect(await told(route, { [list]: [message] })).toEqual({
    status: 400,
    message: `Missing required parameter: '${at}'. A message with '${other}' is for ${where}.`,
  });
});

test.each(['Bearer', 'Bearer undefined', 'bearer null'])(
  'an `authorization: %s` beside the key of another header is no second key',
  async (authorization) => {
    const chat = BODIES['chat/completions'];
    expect((await site.post('v1/chat/completions', chat, { authorization })).status).toBe(200);
    const alone = await site.post('v1/chat/completions', chat, { authorization, 'x-api-key': '' });
    expect(alone.status).toBe(401);
  },
);

test.each([
  ['v1/chat/completion', 'POST /chat/completions'],
  ['v1/Chat/Completions', 'POST /chat/completions'],
  ['v1/chat%2Fcompletions', 'POST /chat/completions'],
  ['v1/chat/completions%20', 'POST /chat/completions'],
  ['v1/response', 'POST /responses'],
  ['v1/embedding', 'POST /embeddings'],
  ['v1/image/generations', 'POST /images/generations'],
  ['v1/models/gemini:generateContents', 'POST /models/{model}:generateContent'],
  ['v1beta/models/gemini/generateContent', 'POST /models/{model}:generateContent'],
])('%s is told which route was probably meant', async (path, route) => {
  const response = await site.post(path, {});
  const { error } = (await response.json()) as { error: { message: string; code: string } };
  expect([response.status, error.code]).toEqual([404, 'not_found']);
  expect(error.message).toContain(`Was ${route} meant?`);
});

test.each([
  ['Ollama', 'v1/api/chat', 'POST /chat/completions'],
  ['Ollama', 'v1/api/generate', 'POST /chat/completions'],
  ['Cohere', 'v1/v2/chat', 'POST /chat/completions'],
  ['Cohere', 'v1/embed', 'POST /embeddings'],
  ['Anthropic', 'v1/complete', 'POST /messages'],
  ['Bedrock', 'v1/model/anthropic.claude-v2%3A1/converse', 'POST /messages'],
  ['Bedrock', 'model/claude/invoke-with-response-stream', 'POST /messages'],
  ['Gemini', 'v1beta/models/gemini:embedContent', 'POST /embeddings'],
  ['Vertex AI', 'v1/publishers/google/models/gemini:predict', 'POST /models/{model}:generateContent'],
])("a path of %s's API, %s, is told which route does the same", async (_api, path, route) => {
  const response = await site.post(path, {});
  const { error } = (await response.json()) as { error: { message: string } };
  expect(response.status).toBe(404);
  expect(error.message).toContain(`Was ${route} meant?`);
});

test.each(['v1/api/tags', 'v1/engines', 'v1/openai/deployments'])('%s is told where the models are', async (path) => {
  const response = await fetch(new URL(path, site.origin));
  expect(await response.text()).toContain('Was GET /models meant?');
});

test.each([
  ['v1/openai/deployments/gpt/chat/completions?api-version=2024-10-21', { messages: [] }],
  ['v1/openai/deployments/gpt/embeddings?api-version=2024-10-21', { input: 'x' }],
  ['v1/engines/gpt/completions', { prompt: 'x' }],
])('a model that is only in the path of %s is asked for in the body', async (path, body) => {
  const response = await site.post(path, body);
  const { error } = (await response.json()) as { error: { message: string; param: string } };
  expect([response.status, error.param]).toEqual([400, 'model']);
  expect(error.message).toContain("The 'gpt' in the path is not read: send it as 'model' in the body.");
});

test("POST to a model's own address names its method", async () => {
  const response = await site.post('v1/models/gpt', {});
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
});

test('a route of another kind gets the list alone', async () => {
  const { error } = (await (await site.post('v1/threads', {})).json()) as { error: { message: string } };
  expect(error.message).toMatch(/^Unknown route\. The routes are: POST \/chat\/completions, /);
});

test.each(['v1/chat//completions', '/v1/chat/completions', 'v1//chat/completions'])('%s is served', async (path) => {
  const body = { model: 'gpt', messages: [{ role: 'user', content: 'x' }] };
  expect((await site.post(path, body)).status).toBe(200);
});

test('HEAD of the mount is answered without a key', async () => {
  const response = await fetch(site.origin, { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([200, '']);
});
