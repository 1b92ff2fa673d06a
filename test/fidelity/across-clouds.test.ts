import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toNodeHandler } from '../../src/http/node.js';
import { anthropic, azureOpenAI, createGateway, type Gateway, openai } from '../../src/index.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { vertex } from '../../src/providers/vertex/index.js';
import { type FakeAnswer, type FakeRequest, type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { type Conversation, FORMATS } from '../helpers/conversations.js';
import { problemOf } from '../helpers/picky-provider.js';
import { closed, listening } from '../helpers/replay-server.js';
import { testLogger } from '../helpers/test-logger.js';
import { converseProblem } from '../providers/bedrock/converse-schema.js';
import { hostedProblem } from '../providers/hosted-schema.js';

const problems: string[] = [];
/** The forms that requests were checked in. */
const forms = new Set<string>();
let turn = 0;

/** What a cloud would refuse in a request; undefined: nothing. */
function cloudProblem(request: FakeRequest): string | undefined {
  const { path, body = {} } = request;
  forms.add(path.replace(/[^/]*%3A0|gpt-4o-mini|gemini-2.5-pro|claude[^:]*/, 'MODEL').replace(/^.*\/models/, ''));
  if (/\/converse(?:-stream)?$/.test(path)) return converseProblem({ ...body });
  if (/[rR]awPredict$|\/invoke/.test(path)) {
    const { anthropic_version: _, anthropic_beta: __, ...messages } = body;
    const asked = { ...request, provider: 'anthropic' as const, body: { ...messages, model: 'claude-sonnet-4-5' } };
    return hostedProblem(body) ?? problemOf(asked);
  }
  if (path.includes('enerateContent')) return problemOf({ ...request, provider: 'google' });
  return problemOf(request);
}

/** Calls a tool when the user speaks, and says something when the tool has answered. */
function model(request: FakeRequest): FakeAnswer {
  const problem = cloudProblem(request);
  if (problem !== undefined) problems.push(`${request.path}: ${problem}`);
  turn += 1;
  const list = (request.body?.['messages'] ??
    request.body?.['contents'] ??
    request.body?.['input']) as readonly object[];
  const last = JSON.stringify(list.at(-1));
  if (/"tool_result"|"functionResponse"|"role":"tool"|"function_call_output"|"toolResult"/.test(last)) {
    return { text: [`Said ${turn}.`] };
  }
  return {
    text: [`Called ${turn}.`],
    toolCalls: [{ id: `call_${turn}`, name: 'weather', arguments: { city: 'Bern' } }],
  };
}

const TARGETS: Readonly<Record<string, readonly [provider: string, model: string]>> = {
  'claude-on-bedrock': ['bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  nova: ['bedrock', 'amazon.nova-pro-v1:0'],
  'claude-on-vertex': ['vertex', 'claude-sonnet-4-5@20250929'],
  'gemini-on-vertex': ['vertex', 'gemini-2.5-pro'],
  azure: ['azure', 'gpt-4o-mini'],
  'azure-dated': ['dated', 'gpt-4o-mini'],
  claude: ['anthropic', 'claude-sonnet-4-5'],
  gpt: ['openai', 'gpt-4o-mini'],
};
const MODELS = Object.keys(TARGETS);
const PICTURE = 'iVBORw0KGgo=';

let upstream: FakeUpstream;
let gateway: Gateway;
let site: { readonly origin: string; readonly key: string };
const server = createServer((request, response) => toNodeHandler(gateway)(request, response));

beforeAll(async () => {
  upstream = await fakeUpstream({ answer: model });
  gateway = createGateway({
    providers: {
      bedrock: bedrock(upstream.bedrock),
      vertex: vertex(upstream.vertex),
      azure: azureOpenAI(upstream.azure),
      dated: azureOpenAI({ ...upstream.azure, apiVersion: '2025-04-01-preview' }),
      anthropic: anthropic(upstream.anthropic),
      openai: openai(upstream.openai),
    },
    models: Object.fromEntries(
      Object.entries(TARGETS).map(([name, [provider, id]]) => [
        name,
        { targets: [{ provider, model: id }], price: { input: 1, output: 2, cacheWrite: 1 } },
      ]),
    ),
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  site = { origin: await listening(server), key };
});
afterAll(async () => {
  await closed(server);
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

describe.each(Object.keys(FORMATS))('a conversation over %s', (format) => {
  test.each([
    ['whole', false],
    ['streamed', true],
  ])('goes from each cloud to each other, between turns and within them: %s', async (_, stream) => {
    problems.length = 0;
    for (const start of MODELS.keys()) {
      const order = [...MODELS.slice(start), ...MODELS.slice(0, start)];
      const conversation = FORMATS[format]?.(site, stream) as Conversation;
      for (const [index, name] of order.entries()) {
        expect(await conversation.say(name, `Question ${index}.`, index % 3 === 0 ? PICTURE : undefined), name).toEqual(
          ['weather'],
        );
        const next = index % 2 === 0 ? name : (order[index + 1] ?? name);
        expect(await conversation.answer(next), next).toMatch(/^Said \d+\.$/);
      }
    }
    expect(problems).toEqual([]);
  });
});

test('every cloud was asked in its own forms', () => {
  expect([...forms].sort()).toEqual([
    '/MODEL:generateContent',
    '/MODEL:rawPredict',
    '/MODEL:streamGenerateContent?alt=sse',
    '/MODEL:streamRawPredict',
    '/model/MODEL/converse',
    '/model/MODEL/converse-stream',
    '/model/MODEL/invoke',
    '/model/MODEL/invoke-with-response-stream',
    '/openai/deployments/MODEL/chat/completions?api-version=2025-04-01-preview',
    '/openai/responses?api-version=2025-04-01-preview',
    '/openai/v1/chat/completions',
    '/openai/v1/responses',
    '/v1/chat/completions',
    '/v1/messages',
    '/v1/responses',
  ]);
});
