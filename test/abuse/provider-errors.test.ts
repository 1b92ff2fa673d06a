import { afterEach, expect, test } from 'vitest';
import { type AbuseSite, abuseSite } from './abuse-site.js';

let site: AbuseSite;

afterEach(() => site.close());

const CHAT = { model: 'copy', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] };

test.each(['mini', 'copy'])('a secret in the code or the field of an error reaches no client of %s', async (model) => {
  const secret = 'sk-fake-openai';
  site = await abuseSite({
    status: 400,
    body: JSON.stringify({ error: { message: 'no', code: secret, param: `x ${secret}` } }),
  });
  const { post } = await site.attacker('1');
  const { status, text } = await post('chat/completions', { ...CHAT, model });
  expect(status).toBe(400);
  expect(text).not.toContain(secret);
  expect(JSON.parse(text).error).toMatchObject({ code: null, param: null });
});

test('a code that is no code does not hide what the provider said', async () => {
  site = await abuseSite({ status: 429, body: '{"error":{"message":"slow","code":{"toString":1}}}' });
  const { post } = await site.attacker('1');
  expect((await post('chat/completions', CHAT)).status).toBe(503);
});

test('an answer that no translator expects is the fault of the provider', async () => {
  site = await abuseSite({ body: '{"choices":[{"text":{"toString":1},"index":0}],"usage":{}}' });
  const { post } = await site.attacker('1');
  expect((await post('completions', { model: 'copy', prompt: 'a', max_tokens: 5 })).status).toBe(502);
});
