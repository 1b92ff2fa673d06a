import { createOpenAI } from '@ai-sdk/openai';
import { generateText, type ModelMessage, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createGateway, type Gateway } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { redisItems } from '../../src/stores/redis/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';
import { buildGatewayProcess, type GatewayProcess } from './gateway-processes.js';

const missing = postgresMissing() ?? redisMissing();

let postgres: PostgresServer;
let redis: RedisServer;
let upstream: FakeUpstream;
let program: Awaited<ReturnType<typeof buildGatewayProcess>>;

beforeAll(async () => {
  if (missing) return;
  [postgres, redis, program, upstream] = await Promise.all([
    startPostgres(),
    startRedis(),
    buildGatewayProcess(),
    fakeUpstream({ answer: ({ text }) => (isAnswered(text) ? { thinking: 'So it is.', text: 'Sunny.' } : CALL) }),
  ]);
});

afterAll(async () => {
  if (missing) return;
  await upstream.close();
  await Promise.all([postgres.stop(), redis.stop()]);
  program.remove();
});

const CALL = { thinking: 'Hm.', text: 'Let me see.', toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }] };

/** The last turn is the result of the tool. */
function isAnswered(text: string): boolean {
  return /(sun over Bern)(?!.*And now\?)/s.test(text);
}

describe.each(['PostgreSQL', 'Redis'] as const)('two processes over %s, behind a load balancer', (place) => {
  let processes: GatewayProcess[];
  let admin: Gateway;
  let key: string;
  let accountId: string;

  beforeAll(async () => {
    if (missing) return;
    const settings = {
      postgres: postgres.config,
      redis: redis.socket,
      fakes: upstream.url,
      ...(place === 'Redis' && { items: 'redis' as const }),
    };
    processes = await Promise.all([program.start(settings), program.start(settings)]);
    admin = createGateway({
      providers: { quick: echoProvider() },
      models: { quick: { provider: 'quick', price: { input: 1, output: 2 } } },
      plans: { limited: { models: '*' }, prepaid: { models: '*', billing: 'prepaid' } },
      defaultPlan: 'limited',
      store: postgresStore(postgres.pool()),
      ...(place === 'Redis' && { items: { store: redisItems(redis.client(), { commandTimeoutMs: 10_000 }) } }),
    });
    accountId = `user of ${place}`;
    await admin.accounts.setPlan(accountId, 'limited');
    key = (await admin.keys.create({ accountId, name: 'app' })).key;
  });

  afterAll(async () => {
    if (missing) return;
    await Promise.all(processes.map((each) => each.kill()));
    await admin.close();
  });

  /** Sends each request to the next process. */
  function balanced(): typeof fetch {
    let turn = 0;
    return (input, init) => {
      const { origin } = processes[turn++ % processes.length] as GatewayProcess;
      return fetch(String(input).replace('http://balancer', origin), init);
    };
  }

  const aiSdk = () => createOpenAI({ baseURL: 'http://balancer/v1', apiKey: key, fetch: balanced() });
  const weather = tool({
    description: 'Weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `sun over ${city}`,
  });

  test.each(['gpt-5', 'claude', 'gemini-3', 'deepseek'])(
    'the AI SDK with its defaults goes on with %s',
    async (model) => {
      if (missing) return;
      const first = upstream.requests.length;
      const ask = { model: aiSdk()(model), tools: { weather }, stopWhen: stepCountIs(4), maxRetries: 0 };
      const messages: ModelMessage[] = [{ role: 'user', content: 'Weather?' }];
      const whole = await generateText({ ...ask, messages });
      expect(whole.text).toBe('Sunny.');
      messages.push(...whole.response.messages, { role: 'user', content: 'And now?' });
      const stream = streamText({ ...ask, messages });
      expect(await stream.text).toBe('Sunny.');
      const sent = upstream.requests.slice(first);
      expect(sent).toHaveLength(4);
      // what the client only named is there again
      expect(sent[1]?.text).toContain('sun over Bern');
      expect(sent[2]?.text).toContain('Sunny.');
    },
  );

  test.each([
    ['gemini-3', /thoughtSignature":"(?!Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv)/],
    ['deepseek', /"reasoning_content":"Hm\."/],
  ])('a chat client that loses what %s wants back is helped by the other process', async (model, wanted) => {
    if (missing) return;
    const client = new OpenAI({ baseURL: 'http://balancer/v1', apiKey: key, fetch: balanced(), maxRetries: 0 });
    const first = upstream.requests.length;
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const ask = {
      model,
      messages: [{ role: 'user' as const, content: 'Weather?' }],
      tools: [{ type: 'function' as const, function: { name: 'weather', parameters } }],
    };
    const { choices } = await client.chat.completions.create(ask);
    const call = choices[0]?.message.tool_calls?.[0];
    if (call?.type !== 'function') throw new Error('no call');
    const { id, type, function: called } = call;
    await client.chat.completions.create({
      ...ask,
      messages: [
        ...ask.messages,
        { role: 'assistant', content: null, tool_calls: [{ id, type, function: called }] },
        { role: 'tool', tool_call_id: id, content: 'sun over Bern' },
      ],
    });
    expect(upstream.requests[first + 1]?.text).toMatch(wanted);
  });

  test('nothing is found by another account, nor after the account was erased', async () => {
    if (missing) return;
    const { key: stranger } = await admin.keys.create({ accountId: `other of ${place}`, name: 'app' });
    const { origin } = processes[0] as GatewayProcess;
    const post = (secret: string, input: unknown) =>
      fetch(`${origin}/v1/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'claude', input }),
      });
    const { output } = (await (await post(key, 'sun over Bern')).json()) as { output: { id: string; type: string }[] };
    const { id } = output.find(({ type }) => type === 'message') ?? { id: '' };
    const naming = [
      { type: 'item_reference', id },
      { role: 'user', content: 'sun over Bern' },
    ];
    expect((await post(key, naming)).status).toBe(200);
    const refused = await post(stranger, naming);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: { code: 'item_not_found', param: 'input[0].id' } },
    ]);
    await admin.accounts.erase(accountId);
    const again = await admin.keys.create({ accountId, name: 'app' });
    expect((await post(again.key, naming)).status).toBe(400);
  });
});
