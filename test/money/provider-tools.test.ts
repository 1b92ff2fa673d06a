import { afterEach, describe, expect, test } from 'vitest';
import { anthropic, createGateway, type Gateway, type GatewayOptions, memoryStore } from '../../src/index.js';
import { policeTools } from '../../src/pipeline/provider-tools.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { type RawUpstream, rawUpstream } from '../helpers/raw-upstream.js';
import { testLogger } from '../helpers/test-logger.js';

let upstream: RawUpstream | undefined;
let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.close();
  await upstream?.close();
});

const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const OWN = { name: 'weather', input_schema: { type: 'object' } };

/** A gateway before a Claude that searched three times; tokens cost nothing. */
async function startSearching(options: Partial<GatewayOptions>) {
  const sent: { tools?: unknown[] }[] = [];
  const provider = await rawUpstream(({ json }) => {
    sent.push(json as { tools?: unknown[] });
    const usage = { input_tokens: 5, output_tokens: 5, server_tool_use: { web_search_requests: 3 } };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', stop_reason: 'end_turn' };
    return { body: { ...message, content: [{ type: 'text', text: 'Found.' }], stop_sequence: null, usage } };
  });
  upstream = provider;
  const store = memoryStore();
  const shop = createGateway({
    providers: { anthropic: anthropic({ apiKey: 'sk-upstream', baseURL: provider.url }) },
    models: { claude: { provider: 'anthropic', price: { input: 0, output: 0, units: { web_search: '0.01' } } } },
    plans: { app: { models: '*', billing: 'prepaid', tools: ['web_search'] } },
    defaultPlan: 'app',
    store,
    logger: testLogger,
    ...options,
  });
  gateway = shop;
  const { key } = await shop.keys.create({ accountId: 'ann', name: 'app' });
  const ask = async (more: object) => {
    const response = await shop.fetch(
      new Request('http://gateway.test/v1/messages', {
        method: 'POST',
        headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'claude',
          max_tokens: 10,
          messages: [{ role: 'user', content: 'Hi.' }],
          ...more,
        }),
      }),
    );
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { shop, store, sent, ask };
}

describe('a tool of the provider on a prepaid plan', () => {
  test('is held for by its limit, and charged by its uses', async () => {
    const { shop, store, sent, ask } = await startSearching({});
    expect((await ask({ tools: [SEARCH] })).status).toBe(403);
    await shop.credits.topUp({ accountId: 'ann', amount: '0.05', idempotencyKey: 'card' });
    expect((await ask({ tools: [{ ...SEARCH, max_uses: 6 }] })).status).toBe(403);
    expect((await ask({ tools: [SEARCH, OWN] })).status).toBe(200);
    expect(sent[0]?.tools).toMatchObject([{ ...SEARCH, max_uses: 5 }, OWN]);
    expect(await shop.accounts.get('ann')).toMatchObject({ balance: '0.02' });
    const [event] = await shop.usage.events({ accountId: 'ann' });
    expect(event).toMatchObject({ cost: '0.03', usage: { units: { web_search: 3 } }, flags: [] });
    expect(await shop.usage.query({ accountId: 'ann' })).toMatchObject([{ units: { web_search: 3 }, cost: '0.03' }]);
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });

  test.each([
    ['the plan does not allow', { plans: { app: { models: '*', billing: 'prepaid' } } }],
    ['has no price', { models: { claude: { provider: 'anthropic', price: { input: 0, output: 0 } } } }],
  ] as [string, Partial<GatewayOptions>][])(
    'that %s is left out and reported, and refused where it is forced',
    async (_name, options) => {
      const { sent, ask } = await startSearching(options);
      const answer = await ask({ tools: [OWN, SEARCH] });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-gateway-dropped-params')).toBe('tools[1]');
      expect(sent[0]?.tools).toMatchObject([OWN]);
      const forced = await ask({ tools: [OWN, SEARCH], tool_choice: { type: 'tool', name: 'web_search' } });
      expect(forced.status).toBe(400);
      expect(sent).toHaveLength(1);
    },
  );

  test('runs on a metered plan without a budget, and is counted', async () => {
    const { shop, sent, ask } = await startSearching({ plans: { app: { models: '*' } } });
    expect((await ask({ tools: [SEARCH] })).status).toBe(200);
    expect(sent[0]?.tools).toMatchObject([SEARCH]);
    expect(await shop.usage.query({ accountId: 'ann' })).toMatchObject([{ units: { web_search: 3 }, cost: '0.03' }]);
  });
});

describe('the rule for tools', () => {
  const rules = { allows: (unit: string) => unit === 'maps', maxUses: 5, unsupported: 'warn' } as const;

  test('knows every spelling of a tool, and leaves those of the client alone', () => {
    const tools = [
      { type: 'function', function: { name: 'f' } },
      { type: 'web_search_preview_2025_03_11' },
      { type: 'code_interpreter', container: { type: 'auto' } },
      { googleSearch: {} },
      { google_maps: {} },
      { functionDeclarations: [] },
      { type: 'bash_20250124', name: 'bash' },
      { type: 'shell', environment: { type: 'container_auto' } },
    ];
    const policed = policeTools({ tools }, 'chat/completions', rules);
    expect(policed.dropped).toEqual(['tools[1]', 'tools[2]', 'tools[3]', 'tools[7]']);
    expect(policed.uses).toEqual({ maps: 5 });
    expect(policed.body?.['tools']).toEqual([tools[0], tools[4], tools[5], tools[6]]);
  });

  test.each([
    ['web_search_options', { web_search_options: {} }],
    ['mcp_servers', { mcp_servers: [{ url: 'https://mcp.test' }] }],
    ['provider_options.google.tools[0]', { provider_options: { google: { tools: [{ googleSearch: {} }] } } }],
    ['tool_choice', { tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } }],
    ['tool_choice', { tools: [{ type: 'web_search' }], tool_choice: 'required' }],
  ])('refuses %s, which asks for one by itself', (param, body) => {
    expect(() => policeTools(body, 'responses', rules)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param }),
    );
  });

  test('looks into namespaces and into input that brings tools of its own', () => {
    const search = { type: 'web_search' };
    const own = { type: 'function', name: 'f' };
    const body = {
      tools: [{ type: 'namespace', name: 'n', tools: [own, search] }],
      input: [
        { type: 'message', role: 'user', content: 'Hi.' },
        { type: 'additional_tools', tools: [search, own] },
      ],
    };
    const policed = policeTools(body, 'responses', rules);
    expect(policed.dropped).toEqual(['tools[0].tools[1]', 'input[1].tools[0]']);
    expect(policed.body).toEqual({
      tools: [{ type: 'namespace', name: 'n', tools: [own] }],
      input: [body.input[0], { type: 'additional_tools', tools: [own] }],
    });
  });

  test('refuses an entry of a list where the operator wants everything unsupported refused', () => {
    const strict = { ...rules, unsupported: 'error' } as const;
    expect(() => policeTools({ tools: [{ type: 'web_search' }] }, 'responses', strict)).toThrow(
      expect.objectContaining({ param: 'tools[0]' }),
    );
  });
});
