import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromAiSdk } from '../../src/ai-sdk/index.js';
import { azureOpenAI } from '../../src/index.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { vertex } from '../../src/providers/vertex/index.js';
import { FULL_REQUESTS } from '../helpers/full-requests.js';
import { type FakedGateway, fakedGateway } from '../helpers/test-gateway.js';
import { askFaked, expectRefusedByName } from '../helpers/wrong-values.js';

/** As `wrong-values.slow.test.ts`, at the clouds and through providers of the AI SDK. */

const TARGETS: Readonly<Record<string, readonly [provider: string, model: string]>> = {
  'claude-on-bedrock': ['bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  nova: ['bedrock', 'amazon.nova-pro-v1:0'],
  'claude-on-vertex': ['vertex', 'claude-sonnet-4-5@20250929'],
  'gemini-on-vertex': ['vertex', 'gemini-2.5-pro'],
  azure: ['azure', 'gpt-4o-mini'],
  'ai-sdk-openai': ['ai-openai', 'gpt-4o-mini'],
  'ai-sdk-anthropic': ['ai-anthropic', 'claude-sonnet-4-5'],
  'ai-sdk-google': ['ai-google', 'gemini-2.5-flash'],
};

let site: FakedGateway;
beforeAll(async () => {
  const apiKey = 'sk-fake';
  site = await fakedGateway(
    (upstream) => ({
      providers: {
        bedrock: bedrock(upstream.bedrock),
        vertex: vertex(upstream.vertex),
        azure: azureOpenAI(upstream.azure),
        'ai-openai': fromAiSdk(createOpenAI({ apiKey, baseURL: `${upstream.url}/v1` })),
        'ai-anthropic': fromAiSdk(createAnthropic({ apiKey, baseURL: `${upstream.url}/v1` })),
        'ai-google': fromAiSdk(createGoogleGenerativeAI({ apiKey, baseURL: `${upstream.url}/v1beta` })),
      },
      models: Object.fromEntries(
        Object.entries(TARGETS).map(([name, [provider, model]]) => [
          name,
          { provider, model, price: { input: 1, output: 2, cacheWrite: 1 } },
        ]),
      ),
      refusedPerMinute: 1_000_000,
    }),
    { fake: { answer: () => ({ text: 'Yes.' }) } },
  );
});
afterAll(() => site.close());

/** The AI SDK has no choice among some tools, which is Gemini's `allowedFunctionNames`. */
function bodyFor(model: string, body: object): object {
  const { toolConfig, ...rest } = body as { toolConfig?: object };
  return model.startsWith('ai-sdk') ? rest : body;
}

describe.each(Object.entries(FULL_REQUESTS))('a wrong value at %s', (route, body) => {
  it.each(Object.keys(TARGETS))(
    'is refused by its name for %s, or means what is left',
    async (model) => {
      const known = bodyFor(model, body);
      const ask = (sent: object) => askFaked(site, route, model, sent);
      const whole = await ask(known);
      expect(whole, whole.text).toMatchObject({ status: 200, wasSent: true });
      await expectRefusedByName(ask, known, {
        // The SDK of Google breaks on a schema whose values are no list, by an error that a lost connection has as well.
        isPassedOver: (path) => model === 'ai-sdk-google' && path.at(-1) === 'enum',
        // The SDK says what it can't send, not where that stands.
        saysItself: (text) => text.includes('The model does not support this request: '),
      });
    },
    300_000,
  );
});
