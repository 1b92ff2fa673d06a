import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chatAnswer, HI, PRICE, type Reported, reported, tool } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
beforeEach(() => site.answers(chatAnswer()));
afterAll(() => site.close());

const OWN = tool('f');
const ANTHROPIC = { type: 'web_search_20250305', name: 'web_search' };

describe('a tool that the provider would have to run, in the list of a chat request', () => {
  it.each(['gpt', 'claude', 'gem', 'mistral', 'deepseek', 'cerebras', 'vllm'])(
    'is left out and reported at %s',
    async (model) => {
      const tools = [{ type: 'browser_search' }, OWN, ANTHROPIC, { google_search: {} }];
      const { status, dropped, sent } = await site.ask({ model, tools, tool_choice: 'auto', messages: [HI] });
      expect({ status, dropped }).toEqual({ status: 200, dropped: ['tools[0]', 'tools[2]', 'tools[3]'] });
      const text = JSON.stringify(sent[0]);
      expect(text).toContain('"name":"f"');
      expect(text).not.toMatch(/search/i);
    },
  );

  it('leaves neither list nor choice where nothing else was in it', async () => {
    for (const model of ['gpt', 'claude', 'gem', 'mistral', 'vllm']) {
      const { dropped, sent } = await site.ask({
        model,
        tools: [{ type: 'browser_search' }],
        tool_choice: 'auto',
        parallel_tool_calls: true,
        messages: [HI],
      });
      expect(dropped).toEqual(['tools[0]']);
      expect(Object.keys(sent[0] ?? {}).filter((name) => /tool/i.test(name))).toEqual([]);
    }
  });

  it.each([
    ['groq', { type: 'browser_search' }],
    ['groq', { type: 'code_interpreter' }],
    ['mistral', { type: 'web_search' }],
    ['openrouter', { type: 'openrouter:web_search', parameters: { max_results: 3 } }],
    ['litellm', { type: 'anything_new' }],
  ])('runs at %s, which has it: %j', async (model, offered) => {
    const { status, dropped, sent } = await site.ask({ model, tools: [offered, OWN], messages: [HI] });
    expect({ status, dropped }).toEqual({ status: 200, dropped: [] });
    expect(sent[0]?.['tools']).toMatchObject([offered, OWN]);
  });

  it.each(['gpt', 'claude', 'gem', 'mistral', 'litellm'])('is refused at %s when it is the choice', async (model) => {
    const site = await reported({ plans: { free: { models: '*', tools: [] } } });
    try {
      for (const [tools, choice] of [
        [[{ type: 'browser_search' }], 'required'],
        [[{ type: 'browser_search' }, OWN], { type: 'browser_search' }],
        [[ANTHROPIC, OWN], { type: 'function', function: { name: 'web_search' } }],
        [[ANTHROPIC, OWN], { type: 'tool', name: 'web_search' }],
      ] as const) {
        const { status, body, sent } = await site.ask({ model, tools, tool_choice: choice, messages: [HI] });
        expect({ status, error: body['error'], sent: sent.length }).toMatchObject({
          status: 400,
          error: { param: 'tool_choice', code: 'unsupported_parameter' },
          sent: 0,
        });
      }
    } finally {
      await site.close();
    }
  });

  it('is refused by name where the operator wants that', async () => {
    const strict = await reported({ unsupported: 'error' });
    try {
      for (const model of ['gpt', 'claude', 'gem', 'mistral']) {
        const { status, body } = await strict.ask({ model, tools: [OWN, { type: 'browser_search' }], messages: [HI] });
        expect({ status, error: body['error'] }).toMatchObject({
          status: 400,
          error: { param: 'tools[1]', code: 'unsupported_parameter' },
        });
      }
    } finally {
      await strict.close();
    }
  });
});

describe('what no plan pays for', () => {
  /** A prepaid account with money, at models of which one has a price for searches. */
  async function prepaid(): Promise<Reported> {
    const site = await reported({
      plans: { free: { models: '*', billing: 'prepaid', tools: ['web_search'] } },
    });
    await site.gateway.credits.topUp({ accountId: 'user_1', amount: '1000', idempotencyKey: 'card' });
    return site;
  }

  it.each([
    ['groq', { tools: [{ type: 'browser_search' }, OWN] }, ['tools[0]']],
    ['openrouter', { tools: [{ type: 'openrouter:web_search' }, OWN] }, ['tools[0]']],
    ['openrouter', { plugins: [{ id: 'web' }], tools: [OWN] }, ['plugins[0]']],
    ['gpt', { tools: [{ type: 'web_search' }, OWN] }, ['tools[0]']],
    ['claude', { tools: [ANTHROPIC, OWN] }, ['tools[0]']],
    ['gem', { tools: [{ google_search: {} }, OWN] }, ['tools[0]']],
  ])('an unpriced tool at %s is left out and reported: %j', async (model, more, paths) => {
    const site = await prepaid();
    try {
      const { status, dropped, sent } = await site.ask({ model, max_tokens: 10, messages: [HI], ...more });
      expect({ status, dropped }).toEqual({ status: 200, dropped: paths });
      expect(JSON.stringify(sent[0])).not.toMatch(/search|plugins/);
    } finally {
      await site.close();
    }
  });

  it.each([
    ['openrouter', { web_search_options: {} }, 'web_search_options'],
    ['groq', { search_parameters: { mode: 'auto' } }, 'search_parameters'],
    ['gpt', { web_search_options: {} }, 'web_search_options'],
    [
      'openrouter',
      { provider_options: { openrouter: { plugins: [{ id: 'web' }] } } },
      'provider_options.openrouter.plugins[0]',
    ],
  ])('what asks for it by itself at %s is refused: %j', async (model, more, param) => {
    const site = await prepaid();
    try {
      const { status, body, sent } = await site.ask({ model, max_tokens: 10, messages: [HI], ...more });
      expect({ status, error: body['error'], sent }).toMatchObject({
        status: 400,
        error: { param, code: 'unsupported_parameter' },
        sent: [],
      });
    } finally {
      await site.close();
    }
  });
});

describe('a search that is asked for by itself', () => {
  it.each(['groq', 'mistral', 'deepseek', 'cerebras'])(
    'is refused at %s, whose schema does not have it',
    async (model) => {
      for (const field of ['web_search_options', 'search_parameters']) {
        const { status, body, sent } = await site.ask({ model, [field]: {}, messages: [HI] });
        expect({ status, error: body['error'], sent }).toMatchObject({
          status: 400,
          error: { param: field },
          sent: [],
        });
      }
    },
  );

  it('that asks for nothing is left out', async () => {
    const { status, dropped, sent } = await site.ask({
      model: 'groq',
      search_parameters: { mode: 'off' },
      messages: [HI],
    });
    expect({ status, dropped }).toEqual({ status: 200, dropped: [] });
    expect(sent[0]).not.toHaveProperty('search_parameters');
  });

  it('runs at OpenRouter, as a field and as a plugin', async () => {
    const asked = { web_search_options: { search_context_size: 'low' }, plugins: [{ id: 'web', max_results: 2 }] };
    const { status, dropped, sent } = await site.ask({ model: 'openrouter', messages: [HI], ...asked });
    expect({ status, dropped }).toEqual({ status: 200, dropped: [] });
    expect(sent[0]).toMatchObject(asked);
  });

  it('has a price of its own where one is set', async () => {
    const site = await reported({
      models: {
        groq: { provider: 'groq', price: { ...PRICE, units: { web_search: '0.01' } }, contextWindow: 1000 },
      },
      plans: { free: { models: '*', billing: 'prepaid', tools: ['web_search'] } },
    });
    try {
      await site.gateway.credits.topUp({ accountId: 'user_1', amount: '10', idempotencyKey: 'card' });
      site.answers(chatAnswer({ role: 'assistant', content: 'Hi', executed_tools: [{ type: 'browser_search' }] }));
      const { status, sent } = await site.ask({ model: 'groq', tools: [{ type: 'browser_search' }], messages: [HI] });
      expect(status).toBe(200);
      expect(sent[0]?.['tools']).toEqual([{ type: 'browser_search' }]);
      expect(await site.lastUsage()).toMatchObject({ usage: { units: { web_search: 1 } } });
    } finally {
      await site.close();
    }
  });
});
