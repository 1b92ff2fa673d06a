import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAKE_SIGNATURES } from '../../src/testing/fake-wire.js';
import type { FakeAnswer, FakeRequest } from '../../src/testing/index.js';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { type Conversation, FORMATS } from '../helpers/conversations.js';
import { problemOf } from '../helpers/picky-provider.js';

let site: AgentGateway;
const problems: string[] = [];
let turn = 0;

/** Thinks and calls a tool when the user speaks, and says something when the tool has answered. */
function model(request: FakeRequest): FakeAnswer {
  const problem = problemOf(request);
  if (problem !== undefined) problems.push(`${request.provider} ${request.model}: ${problem}`);
  turn += 1;
  const thinking = `Thought ${turn}.`;
  if (isResult(request)) return { thinking, text: [`Said ${turn}.`] };
  const id = request.provider === 'anthropic' ? `toolu_${turn}` : `call_${turn}`;
  return { thinking, text: [`Called ${turn}.`], toolCalls: [{ id, name: 'weather', arguments: { city: 'Bern' } }] };
}

function isResult({ body }: FakeRequest): boolean {
  const list = (body?.['messages'] ?? body?.['contents'] ?? body?.['input']) as readonly object[];
  return /"tool_result"|"functionResponse"|"role":"tool"|"function_call_output"/.test(JSON.stringify(list.at(-1)));
}

beforeAll(async () => {
  site = await startAgentGateway({}, { answer: model });
});
afterAll(() => site.close());

/** What a model's provider has of its first turn when the conversation comes back to it. */
const KEPT: Readonly<Record<string, string>> = {
  claude: `"signature":"${FAKE_SIGNATURES.anthropic}"`,
  'claude-opus': `"signature":"${FAKE_SIGNATURES.anthropic}"`,
  'gemini-3': `"thoughtSignature":"${FAKE_SIGNATURES.google}"`,
  deepseek: '"reasoning_content":"Thought',
};

/** A picture in every third turn, but for the model that reads text alone. */
function pictureFor(model: string, index: number): string | undefined {
  return index % 3 === 0 && model !== 'deepseek' ? PICTURE : undefined;
}

const PICTURE = 'iVBORw0KGgo=';

const MODELS = ['claude', 'gemini-3', 'gemini', 'deepseek', 'gpt', 'claude-opus'];

describe.each(Object.keys(FORMATS))('a conversation over %s', (format) => {
  describe.each([
    ['whole answers', false],
    ['streams', true],
  ])('%s', (_, stream) => {
    test.each(MODELS)('goes on from %s to every other model, between turns and within them', async (start) => {
      const at = MODELS.indexOf(start);
      const order = [...MODELS.slice(at), ...MODELS.slice(0, at), start];
      const conversation = FORMATS[format]?.(site, stream) as Conversation;
      problems.length = 0;
      for (const [index, model] of order.entries()) {
        expect(await conversation.say(model, `Question ${index}.`, pictureFor(model, index)), model).toEqual([
          'weather',
        ]);
        // Every other turn goes on at the next provider before the tool has answered.
        const next = index % 2 === 0 ? model : (order[index + 1] ?? model);
        expect(await conversation.answer(next), next).toMatch(/^Said \d+\.$/);
      }
      expect(problems).toEqual([]);
      const own = KEPT[start];
      if (own !== undefined) expect(site.upstream.requests.at(-1)?.text).toContain(own);
    });
  });
});
