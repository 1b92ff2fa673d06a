import { afterEach, expect, test } from 'vitest';
import { anthropic, createGateway, type Gateway, memoryStore } from '../../src/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { type RawUpstream, rawUpstream } from '../helpers/raw-upstream.js';
import { testLogger } from '../helpers/test-logger.js';

let upstream: RawUpstream | undefined;
let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.close();
  await upstream?.close();
});

const MARK = { cache_control: { type: 'ephemeral', ttl: '1h' } };
const TEXT = { type: 'text', text: 'A long text. '.repeat(40) };
const MARKED = { ...TEXT, ...MARK };

/** A gateway before a Claude that writes its whole input to the cache for an hour; its model has no price for that. */
async function startCaching() {
  const provider = await rawUpstream(({ text }) => {
    const written = Buffer.byteLength(text) / 2;
    const usage = {
      input_tokens: 1,
      output_tokens: 1,
      cache_creation_input_tokens: written,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: written },
    };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', stop_reason: 'end_turn' };
    return { body: { ...message, content: [{ type: 'text', text: 'Kept.' }], stop_sequence: null, usage } };
  });
  upstream = provider;
  const store = memoryStore();
  const shop = createGateway({
    providers: { anthropic: anthropic({ apiKey: 'sk-upstream', baseURL: provider.url }) },
    models: { claude: { provider: 'anthropic', price: { input: 1_000, output: 1_000 } } },
    plans: { app: { models: '*', billing: 'prepaid' } },
    defaultPlan: 'app',
    store,
    logger: testLogger,
  });
  gateway = shop;
  const { key } = await shop.keys.create({ accountId: 'ann', name: 'app' });
  const ask = async (path: string, body: object) => {
    const response = await shop.fetch(
      new Request(`http://gateway.test/v1/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'claude', max_tokens: 10, ...body }),
      }),
    );
    await response.text();
    return response.status;
  };
  return { shop, store, ask };
}

const user = (content: unknown) => ({ role: 'user', content });
const own = { name: 'f', input_schema: { type: 'object' }, ...MARK };
const ownChat = { type: 'function', function: { name: 'f', parameters: { type: 'object' } }, ...MARK };

test.each([
  ['messages', 'a block', { messages: [user([MARKED])] }],
  ['messages', 'the system', { system: [MARKED], messages: [user('Hi.')] }],
  ['messages', 'the request', { messages: [user([TEXT])], ...MARK }],
  ['messages', 'a tool', { messages: [user([TEXT])], tools: [own] }],
  [
    'messages',
    'a result of a tool',
    {
      messages: [
        user('Hi.'),
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
        user([{ type: 'tool_result', tool_use_id: 't', content: [TEXT], ...MARK }]),
      ],
    },
  ],
  ['chat/completions', 'a part', { messages: [user([MARKED])] }],
  ['chat/completions', 'a tool', { messages: [user([TEXT])], tools: [ownChat] }],
])('on %s the hour-long cache of %s is held for, so that the balance covers it', async (path, _where, body) => {
  const { shop, store, ask } = await startCaching();
  await shop.credits.topUp({ accountId: 'ann', amount: '1.2', idempotencyKey: 'card' });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push(await ask(path, body));
  const { balance } = await shop.accounts.get('ann');
  expect(Number(balance)).toBeGreaterThanOrEqual(0);
  for (const event of await shop.usage.events({ accountId: 'ann' })) expect(event.flags).toEqual([]);
  expect(statuses).toContain(403);
  await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
});
