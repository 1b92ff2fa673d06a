import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FakeAnswer } from '../../src/testing/index.js';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { FORMATS } from '../helpers/conversations.js';
import { problemOf } from '../helpers/picky-provider.js';

let site: AgentGateway;
let next: FakeAnswer = {};
const problems: string[] = [];
beforeAll(async () => {
  const answer: (request: Parameters<typeof problemOf>[0]) => FakeAnswer = (request) => {
    const problem = problemOf(request);
    if (problem !== undefined) problems.push(`${request.provider} ${request.model}: ${problem}`);
    return next;
  };
  site = await startAgentGateway({}, { answer });
});
afterAll(() => site.close());

const words = fc.oneof(
  fc.constantFrom('', ' ', '\n', 'Hello.', '{"a":1}', '[x](https://a.example)', '</think>', '\u2028', '😀'),
  fc.string({ maxLength: 20 }),
);
const id = fc.oneof(
  fc.constantFrom('call_1', 'toolu_01AbCdEfGh', 'fc_123456789012345678901234567890', 'a.b:c', 'x'.repeat(80)),
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,60}$/),
);
const call = fc.record({
  id,
  name: fc.constant('weather'),
  arguments: fc.dictionary(fc.constantFrom('city', 'a b', '__proto_', ''), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 3,
  }),
});
const answers = fc.record(
  {
    thinking: words.filter((text) => text !== ''),
    text: words.map((text) => [text]),
    toolCalls: fc.uniqueArray(call, { maxLength: 3, selector: (each) => each.id }),
  },
  { requiredKeys: ['text'] },
);
const model = fc.constantFrom('claude', 'claude-opus', 'haiku', 'gemini', 'gemini-3', 'deepseek', 'gpt');

it('any answer that the gateway hands out is accepted when it comes back, at every provider and over every format', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(FORMATS)),
      fc.boolean(),
      fc.array(fc.tuple(model, answers, model), { minLength: 1, maxLength: 4 }),
      async (format, stream, turns) => {
        problems.length = 0;
        const conversation = FORMATS[format]?.(site, stream);
        for (const [first, answer, second] of turns) {
          next = answer as FakeAnswer;
          const calls = await conversation?.say(first, 'Go on.');
          next = { text: 'Done.' };
          if (calls && calls.length > 0) await conversation?.answer(second);
          else await conversation?.say(second, 'And?');
        }
        expect([...problems]).toEqual([]);
      },
    ),
    { numRuns: 40, seed: 20_261_128 },
  );
}, 120_000);
