import { readFileSync, writeFileSync } from 'node:fs';
import OpenAI from 'openai';
import * as parser from 'openai/lib/parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientGateway, clientGateway, MODELS } from './client-gateway.js';
import { type Checked, runPython, runScenario, whyNoClients, whyNoPython } from './run-client.js';
import { openaiScenario } from './scenarios/openai.mjs';
import { type ClientResults, tableOf } from './table.js';

/** The clients that run in a process of their own, on the Node that they need. */
const CLIENTS: Readonly<Record<string, string>> = {
  'openai-newest': '`openai`',
  'ai-sdk-openai': '`ai` with `@ai-sdk/openai`',
  'ai-sdk-openai-compatible': '`ai` with `@ai-sdk/openai-compatible`',
  langchain: '`@langchain/openai`',
  'openai-agents': '`@openai/agents`',
  instructor: '`@instructor-ai/instructor`',
};
const PROVIDERS = Object.keys(MODELS) as (keyof typeof MODELS)[];
/** Routes that a provider's API does not have; the gateway refuses them by name. */
const LACKS: Readonly<Record<string, readonly string[]>> = {
  OpenAI: [],
  Anthropic: ['embeddings', 'completions'],
  Gemini: ['completions'],
};

let gateway: ClientGateway;
const results: ClientResults = new Map();

beforeAll(async () => {
  gateway = await clientGateway();
});
afterAll(() => gateway.close());

/** Every check must have passed, but for the routes that the provider lacks. */
function expectPassed(checked: readonly Checked[], provider: string): void {
  expect(checked.length).toBeGreaterThan(0);
  for (const { route, feature, error } of checked) {
    if (LACKS[provider]?.includes(route)) expect(error).toContain(`does not support ${route}`);
    else expect([route, feature, error]).toEqual([route, feature, undefined]);
  }
}

function record(client: string, provider: string, checked: readonly Checked[]): void {
  const byProvider = results.get(client) ?? new Map<string, readonly Checked[]>();
  results.set(client, byProvider.set(provider, checked));
}

describe.each(PROVIDERS)('in front of %s', (provider) => {
  it('the openai client that this package is developed with does all it can', async () => {
    const client = new OpenAI({ baseURL: gateway.baseURL, apiKey: gateway.apiKey, maxRetries: 0 });
    const checked: Checked[] = [];
    const check = async (route: string, feature: string, work: () => Promise<void>) => {
      try {
        await work();
        checked.push({ route, feature });
      } catch (error) {
        checked.push({ route, feature, error: String(error) });
      }
    };
    await openaiScenario({ client, parser, model: MODELS[provider], check });
    expectPassed(checked, provider);
  });

  it.for(Object.keys(CLIENTS))('%s does all it can', async (scenario, context) => {
    const reason = whyNoClients();
    if (reason !== undefined) return context.skip(reason);
    const checked = await runScenario(scenario, gateway, MODELS[provider]);
    expectPassed(checked, provider);
    record(CLIENTS[scenario] ?? scenario, provider, checked);
  });

  it('the Python client does all it can', async (context) => {
    const reason = whyNoPython();
    if (reason !== undefined) return context.skip(reason);
    const checked = await runPython('openai_client.py', [gateway.baseURL, gateway.apiKey, MODELS[provider]]);
    expectPassed(checked, provider);
    record('`openai` (Python)', provider, checked);
  });
});

const START = '<!-- table -->\n';
const END = '<!-- end of table -->';

describe('docs/clients.md', () => {
  it('says what has been run: no more and no less', (context) => {
    const reason = whyNoClients() ?? whyNoPython();
    if (reason !== undefined) return context.skip(reason);
    const file = new URL('../../docs/clients.md', import.meta.url);
    const page = readFileSync(file, 'utf8');
    const start = page.indexOf(START) + START.length;
    const told = page.slice(0, start) + tableOf(results, PROVIDERS) + page.slice(page.indexOf(END));
    if (process.env['UPDATE_TABLE']) return writeFileSync(file, told);
    expect(page).toBe(told);
  });
});
