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

const chat = { model: 'gpt', messages: [{ role: 'user', content: 'x' }] };

test.each([
  [{ type: 'function', function: { name: 'f' } }, 'name', 'function', '/chat/completions'],
  [{ type: 'custom', custom: { name: 'f' } }, 'name', 'custom', '/chat/completions'],
  [{ function: { name: 'f' } }, 'type', 'function', '/chat/completions'],
  [{ name: 'f', input_schema: {} }, 'type', 'input_schema', '/messages'],
  [{ functionDeclarations: [] }, 'type', 'functionDeclarations', '/models/{model}:generateContent'],
])('a tool of another API at /responses is told where it belongs: %j', async (tool, field, other, route) => {
  const response = await site.post('v1/responses', { model: 'gpt', input: 'x', tools: [tool] });
  const { error } = (await response.json()) as { error: { message: string; param: string } };
  expect([response.status, error.param]).toEqual([400, `tools[0].${field}`]);
  expect(error.message).toContain(`A tool with '${other}' is for POST ${route}.`);
});

test.each(['Bearer', 'Bearer undefined', 'bearer null'])(
  'an `authorization: %s` beside the key of another header is no second key',
  async (authorization) => {
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
