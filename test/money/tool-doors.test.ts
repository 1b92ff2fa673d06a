import { afterEach, describe, expect, test } from 'vitest';
import { anthropic, createGateway, type Gateway, google, memoryStore, openai } from '../../src/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { type RawUpstream, rawUpstream } from '../helpers/raw-upstream.js';
import { testLogger } from '../helpers/test-logger.js';

let upstream: RawUpstream | undefined;
let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.close();
  await upstream?.close();
});

/** What each provider answers after it has searched: Claude says three times, OpenAI twice, Gemini by two queries. */
function answerTo(path: string): object {
  if (path.includes('/messages'))
    return {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      stop_reason: 'end_turn',
      stop_sequence: null,
      content: [{ type: 'text', text: 'Found.' }],
      usage: { input_tokens: 5, output_tokens: 5, server_tool_use: { web_search_requests: 3 } },
    };
  if (path.includes('/responses')) {
    const search = (id: string) => ({
      type: 'web_search_call',
      id,
      status: 'completed',
      action: { type: 'search', query: 'q' },
    });
    const content = [{ type: 'output_text', text: 'Found.', annotations: [] }];
    return {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model: 'm',
      output: [search('a'), search('b'), { type: 'message', id: 'c', role: 'assistant', status: 'completed', content }],
      usage: {
        input_tokens: 5,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 10,
      },
    };
  }
  if (path.includes('generateContent'))
    return {
      candidates: [
        {
          content: { role: 'model', parts: [{ text: 'Found.' }] },
          finishReason: 'STOP',
          groundingMetadata: { webSearchQueries: ['one', 'two'] },
        },
      ],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 5, totalTokenCount: 10 },
    };
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Found.', refusal: null }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
  };
}

async function start(price: { units?: Record<string, string> }) {
  const sent: string[] = [];
  const provider = await rawUpstream(({ path, text }) => {
    sent.push(text);
    return { body: answerTo(path) };
  });
  upstream = provider;
  const store = memoryStore();
  const model = (name: string) => ({ provider: name, price: { input: 0, output: 0, ...price } });
  const shop = createGateway({
    providers: {
      anthropic: anthropic({ apiKey: 'sk-upstream', baseURL: provider.url }),
      openai: openai({ apiKey: 'sk-upstream', baseURL: `${provider.url}/v1` }),
      google: google({ apiKey: 'sk-upstream', baseURL: `${provider.url}/v1beta` }),
    },
    models: { anthropic: model('anthropic'), openai: model('openai'), google: model('google') },
    plans: { app: { models: '*', billing: 'prepaid', tools: '*', toolLimits: { maxUses: 4 } } },
    defaultPlan: 'app',
    store,
    logger: testLogger,
  });
  gateway = shop;
  const { key } = await shop.keys.create({ accountId: 'ann', name: 'app' });
  const ask = async ({ path, body }: Pick<Door, 'path' | 'body'>, inProcess: boolean) => {
    const send = inProcess ? shop.fetchFor({ accountId: 'ann' }) : (request: Request) => shop.fetch(request);
    const headers: Record<string, string> = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
    if (!inProcess) headers['authorization'] = `Bearer ${key}`;
    const url = `http://gateway.test/${path.startsWith('models/') ? 'v1beta' : 'v1'}/${path}`;
    const response = await send(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { shop, store, sent, ask };
}

interface Door {
  readonly path: string;
  readonly body: object;
  /** Searches that are held for, and those that the provider reports. */
  readonly held: number;
  readonly used: number;
  /** True: it is asked for by itself, so that it is refused where it may not run. */
  readonly asked?: boolean;
}

const CLAUDE_SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const CHAT = { messages: [{ role: 'user', content: 'Hi.' }], max_tokens: 10 };
const RESPONSE = { input: 'Hi.', max_output_tokens: 16 };

const DOORS: readonly (readonly [string, Door])[] = [
  [
    'messages to Claude',
    { path: 'messages', body: { model: 'anthropic', ...CHAT, tools: [CLAUDE_SEARCH] }, held: 4, used: 3 },
  ],
  [
    'messages to Claude with a limit of its own',
    {
      path: 'messages',
      body: { model: 'anthropic', ...CHAT, tools: [{ ...CLAUDE_SEARCH, max_uses: 3 }] },
      held: 3,
      used: 3,
    },
  ],
  [
    'chat to Claude by native options',
    {
      path: 'chat/completions',
      body: { model: 'anthropic', ...CHAT, provider_options: { anthropic: { tools: [CLAUDE_SEARCH] } } },
      held: 4,
      used: 3,
      asked: true,
    },
  ],
  [
    'responses to OpenAI',
    { path: 'responses', body: { model: 'openai', ...RESPONSE, tools: [{ type: 'web_search' }] }, held: 4, used: 2 },
  ],
  [
    'responses to OpenAI with a limit of its own',
    {
      path: 'responses',
      body: { model: 'openai', ...RESPONSE, tools: [{ type: 'web_search' }], max_tool_calls: 2 },
      held: 2,
      used: 2,
    },
  ],
  [
    'chat to OpenAI, which reports no count: one per request',
    {
      path: 'chat/completions',
      body: { model: 'openai', ...CHAT, web_search_options: {} },
      held: 1,
      used: 1,
      asked: true,
    },
  ],
  [
    'generateContent to Gemini',
    {
      path: 'models/google:generateContent',
      body: { contents: [{ role: 'user', parts: [{ text: 'Hi.' }] }], tools: [{ googleSearch: {} }] },
      held: 16,
      used: 2,
    },
  ],
  [
    'generateContent to Gemini, by the only entry without its list',
    {
      path: 'models/google:generateContent',
      body: { contents: { parts: { text: 'Hi.' } }, tools: { googleSearch: {} } },
      held: 16,
      used: 2,
    },
  ],
  [
    'chat to Gemini by native options',
    {
      path: 'chat/completions',
      body: { model: 'google', ...CHAT, provider_options: { google: { tools: [{ googleSearch: {} }] } } },
      held: 16,
      used: 2,
      asked: true,
    },
  ],
];

const CALLERS = [
  ['by a key', false],
  ['in the process', true],
] as const;
const CASES = DOORS.flatMap(([name, door]) =>
  CALLERS.map(([caller, inProcess]) => [`${name}, ${caller}`, door, inProcess] as const),
);

describe('a search that the provider runs', () => {
  test.each(CASES)('on %s is held for by its limit and charged by its report', async (_, door, inProcess) => {
    const { shop, store, sent, ask } = await start({ units: { web_search: '0.01' } });
    const dollars = (searches: number) => (searches / 100).toFixed(2);
    if (door.held > 1)
      await shop.credits.topUp({ accountId: 'ann', amount: dollars(door.held - 1), idempotencyKey: 'too little' });
    expect((await ask(door, inProcess)).status).toBe(403);
    expect(sent).toEqual([]);
    await shop.credits.topUp({ accountId: 'ann', amount: '0.01', idempotencyKey: 'enough' });
    const answer = await ask(door, inProcess);
    expect(answer.status, answer.text).toBe(200);
    expect(sent[0]).toMatch(/web_search|googleSearch|google_search/);
    const [event] = await shop.usage.events({ accountId: 'ann' });
    expect(event).toMatchObject({ cost: dollars(door.used), usage: { units: { web_search: door.used } }, flags: [] });
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });

  test.each(CASES)('on %s never runs without a price', async (_, door, inProcess) => {
    const { shop, sent, ask } = await start({});
    await shop.credits.topUp({ accountId: 'ann', amount: '1', idempotencyKey: 'card' });
    const answer = await ask(door, inProcess);
    for (const text of sent) expect(text).not.toMatch(/web_search|googleSearch|google_search/);
    if (door.asked) expect([answer.status, sent.length]).toEqual([400, 0]);
    else {
      expect(answer.status, answer.text).toBe(200);
      expect(answer.headers.get('x-gateway-dropped-params')).toContain('tools[0]');
    }
  });
});
