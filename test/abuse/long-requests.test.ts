import { afterEach, expect, test } from 'vitest';
import { memoryRateLimiter } from '../../src/index.js';
import { gate } from '../../src/testing/index.js';
import { type AbuseSite, abuseSite } from './abuse-site.js';

let site: AbuseSite;

afterEach(() => site.close());

test('a request keeps its place among those that run at once for as long as it may run', async () => {
  let now = 0;
  const rest = gate();
  site = await abuseSite(({ stream }) => (stream ? { text: ['One ', rest, 'two.'] } : {}), {
    rateLimiter: memoryRateLimiter({ now: () => now }),
    plans: { prepaid: { models: '*', billing: 'prepaid', limits: { concurrentRequests: 1 } } },
  });
  const attacker = await site.attacker('5');
  const body = { model: 'mini', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };
  const long = attacker.post('chat/completions', { ...body, stream: true });
  await rest.reached;
  for (const minutes of [1, 12, 60]) {
    now = minutes * 60_000;
    expect((await attacker.post('chat/completions', body)).status).toBe(429);
  }
  rest.open();
  expect((await long).text).toContain('[DONE]');
  expect((await attacker.post('chat/completions', body)).status).toBe(200);
});
