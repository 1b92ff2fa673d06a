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
])('a body of another API at %s is told where it belongs', async (path, body, field, route) => {
  const response = await site.post(path, body);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(response.status).toBe(400);
  expect(error.message).toContain(`'${field}'`);
  expect(error.message).toContain(route);
});

test.each([
  ['v1/chat/completion', 'POST /chat/completions'],
  ['v1/Chat/Completions', 'POST /chat/completions'],
  ['v1/chat%2Fcompletions', 'POST /chat/completions'],
  ['v1/chat/completions%20', 'POST /chat/completions'],
  ['v1/response', 'POST /responses'],
  ['v1/embedding', 'POST /embeddings'],
  ['v1/image/generations', 'POST /images/generations'],
])('%s is told which route was probably meant', async (path, route) => {
  const response = await site.post(path, {});
  const { error } = (await response.json()) as { error: { message: string; code: string } };
  expect([response.status, error.code]).toEqual([404, 'not_found']);
  expect(error.message).toContain(`Was ${route} meant?`);
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
