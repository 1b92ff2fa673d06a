import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FakeAnswer } from '../../src/testing/index.js';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { type Conversation, FORMATS } from '../helpers/conversations.js';
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
const PICTURE = 'iVBORw0KGgo=';
const DOCUMENT = 'JVBERi0xLjQ=';
/** Formats whose answers the gateway writes itself for most models; chat is relayed with the ids of the model's server. */
const OWN_IDS = new Set(['messages', 'responses', 'gemini']);

interface Step {
  readonly asked: string;
  readonly answering: string;
  readonly answer: FakeAnswer;
  readonly shows: 'nothing' | 'a picture' | 'a document';
  readonly failed: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  asked: model,
  answering: model,
  answer: answers as fc.Arbitrary<FakeAnswer>,
  shows: fc.constantFrom('nothing', 'a picture', 'a document'),
  failed: fc.boolean(),
});

/** The three large providers give each call an id of its own; other servers may begin anew with each answer. */
function withFreshIds(answer: FakeAnswer, turn: number): FakeAnswer {
  const calls = answer.toolCalls?.map((call, index) => ({ ...call, id: `call_${turn}_${index}` }));
  return calls ? { ...answer, toolCalls: calls } : answer;
}

it('ten turns with pictures, documents, parallel calls and failures go on at any model, over every format', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(FORMATS)),
      fc.boolean(),
      fc.array(step, { minLength: 10, maxLength: 10 }),
      async (format, stream, steps) => {
        problems.length = 0;
        const conversation = FORMATS[format]?.(site, stream) as Conversation;
        for (const [index, { asked, answering, answer, shows, failed }] of steps.entries()) {
          next = asked === 'deepseek' ? answer : withFreshIds(answer, index);
          // It reads text alone, and says so where it is shown something; what was shown before it came, it goes without.
          const blind = asked === 'deepseek' || answering === 'deepseek';
          const picture = shows === 'a picture' && !blind ? PICTURE : undefined;
          const document = shows === 'a document' && !blind ? DOCUMENT : undefined;
          const calls = await conversation.say(asked, `Question ${index}.`, picture, document);
          next = { thinking: 'Well.', text: [`Said ${index}.`] };
          if (calls.length > 0) await conversation.answer(answering, failed);
          else await conversation.say(answering, 'And?');
          expect([...problems]).toEqual([]);
        }
        const sent = site.upstream.requests.at(-1)?.text ?? '';
        for (let index = 0; index < 9; index++) expect(sent).toContain(`Question ${index}.`);
        for (let index = 0; index < 9; index++) expect(sent).toContain(`Said ${index}.`);
        if (OWN_IDS.has(format)) expect(conversation.ids).toHaveLength(new Set(conversation.ids).size);
      },
    ),
    { numRuns: 25 },
  );
}, 180_000);
