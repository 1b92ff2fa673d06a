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

test.each(['v1/chat//completions', '/v1/chat/completions', 'v1//chat/completions'])('%s is served', async (path) => {
  const body = { model: 'gpt', messages: [{ role: 'user', content: 'x' }] };
  expect((await site.post(path, body)).status).toBe(200);
});

test('HEAD of the mount is answered without a key', async () => {
  const response = await fetch(site.origin, { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([200, '']);
});
