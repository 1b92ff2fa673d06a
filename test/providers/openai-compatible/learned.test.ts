import { describe, expect, it } from 'vitest';
import type { AssistantMessage } from '../../../src/openai-api/chat-request.js';
import { endpointFields } from '../../../src/providers/openai-compatible/allowed-fields.js';
import { UNKNOWN } from '../../../src/providers/openai-compatible/facts.js';
import { LearnedFields } from '../../../src/providers/openai-compatible/learned-fields.js';
import { reasoningMemory } from '../../../src/providers/openai-compatible/reasoning-memory.js';
import { toRequest } from '../../../src/providers/openai-compatible/to-request.js';
import { fakeCall } from '../../helpers/fake-call.js';

const model = 'qwen';

/** The answer of the history as a server is sent it that has used these names. */
function sentBack(names: readonly string[], answer: object): Record<string, unknown> {
  const learned = new LearnedFields();
  for (const name of names) learned.learn({ [name]: name === 'reasoning_details' ? [{}] : 'x' });
  const endpoint = { facts: UNKNOWN, fields: endpointFields(), learned, memory: reasoningMemory() };
  const messages = [{ role: 'assistant', content: 'Hello.', ...answer } as AssistantMessage];
  const native = toRequest(fakeCall({ request: { model, messages }, model, outputLimitAdded: false }), false, endpoint);
  return (JSON.parse(String(native.body)) as { messages: [Record<string, unknown>] }).messages[0];
}

describe('reasoning goes back', () => {
  const hello = { role: 'assistant', content: 'Hello.' };
  const details = [{ type: 'reasoning.text', text: 'thought' }];

  it.each([
    ['nowhere before the server has shown any', [], { reasoning_content: 'thought' }, {}],
    ['under the name that the server uses', ['reasoning'], { reasoning_content: 'thought' }, { reasoning: 'thought' }],
    [
      'where the client has it, of two names that the server uses',
      ['reasoning', 'reasoning_content'],
      { reasoning_content: 'thought' },
      { reasoning_content: 'thought' },
    ],
    [
      'once, beside another text of the client',
      ['reasoning', 'reasoning_content'],
      { reasoning: 'a', reasoning_content: 'thought' },
      { reasoning: 'a', reasoning_content: 'thought' },
    ],
    [
      'as a text where its parts are missing',
      ['reasoning_details'],
      { reasoning: 'thought' },
      { reasoning: 'thought' },
    ],
    [
      'in its parts and as a text, where the client has both',
      ['reasoning', 'reasoning_details'],
      { reasoning: 'thought', reasoning_details: details },
      { reasoning: 'thought', reasoning_details: details },
    ],
  ] as const)('%s', (_name, learned, answer, sent) => {
    expect(sentBack(learned, answer)).toEqual({ ...hello, ...sent });
  });
});
