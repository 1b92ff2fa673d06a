import { expect, test } from 'vitest';
import { createGateway } from '../../src/index.js';
import { testClock } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';

test("the limits of the default limiter go by the gateway's own clock", async () => {
  const clock = testClock();
  const gateway = createGateway({
    providers: { echo: echoProvider() },
    models: { one: { provider: 'echo', price: { input: 1, output: 1 } } },
    plans: { free: { models: '*', limits: { requestsPerMinute: 1 } } },
    now: clock.now,
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'x' });
  const ask = async () => {
    const request = new Request('http://localhost/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'one', messages: [{ role: 'user', content: 'Hi.' }] }),
    });
    return (await gateway.fetch(request)).status;
  };
  expect([await ask(), await ask()]).toEqual([200, 429]);
  clock.advance(60_000);
  expect([await ask(), await ask()]).toEqual([200, 429]);
  await gateway.close();
});
