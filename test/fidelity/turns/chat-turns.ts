import { LOST, SCHEMA, type Turns, user } from './turns.js';

const called = (id: string, name = 'w', args = '{}') => ({ id, type: 'function', function: { name, arguments: args } });
const tool = (name = 'w') => ({ type: 'function', function: { name, parameters: SCHEMA } });

export const CHAT: Readonly<Record<string, Turns>> = {
  'a refusal': {
    kept: ['I must not.', 'Why?'],
    body: { messages: [user('Go.'), { role: 'assistant', content: null, refusal: 'I must not.' }, user('Why?')] },
  },
  citations: {
    kept: ['Found.'],
    body: {
      messages: [
        user('Go.'),
        {
          role: 'assistant',
          content: 'Found.',
          annotations: [
            { type: 'url_citation', url_citation: { url: 'https://x.test', start_index: 0, end_index: 5 } },
          ],
        },
        user('More?'),
      ],
    },
  },
  'arguments that were cut off': {
    kept: ['No JSON.', 'Ber'],
    body: {
      tools: [tool()],
      messages: [
        user('Go.'),
        { role: 'assistant', content: null, tool_calls: [called('c1', 'w', '{"city":"Ber')] },
        { role: 'tool', tool_call_id: 'c1', content: 'No JSON.' },
      ],
    },
  },
  'an answer without a word, two turns of one role, and a start by the assistant': {
    kept: ['Hello.', 'One.', 'Two.'],
    body: {
      messages: [
        { role: 'assistant', content: 'Hello.' },
        user('One.'),
        { role: 'assistant', content: '' },
        user('Two.'),
        user('Three.'),
      ],
    },
  },
  'results whose call is gone, that come late, and twice': {
    kept: LOST,

    body: {
      tools: [tool()],
      messages: [
        { role: 'tool', tool_call_id: 'gone', content: 'Gone.' },
        user('Go.'),
        { role: 'assistant', content: null, tool_calls: [called('c1')] },
        user('Wait.'),
        { role: 'assistant', content: 'I wait.' },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'Late.' }] },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'Again.' }] },
        user('And?'),
      ],
    },
  },
  'calls of two messages in a row, and an id that comes again': {
    kept: ['First.', 'Second.', 'Third.', 'There is no result.'],

    body: {
      tools: [tool()],
      messages: [
        user('Go.'),
        { role: 'assistant', content: 'One.', tool_calls: [called('c1')] },
        { role: 'assistant', content: null, tool_calls: [called('c2')] },
        { role: 'tool', tool_call_id: 'c2', content: 'Second.' },
        { role: 'tool', tool_call_id: 'c1', content: 'First.' },
        { role: 'assistant', content: null, tool_calls: [called('c1')] },
        { role: 'assistant', content: 'Again.' },
        user('Once more.'),
        { role: 'assistant', content: null, tool_calls: [called('c1')] },
        { role: 'tool', tool_call_id: 'c1', content: 'Third.' },
      ],
    },
  },
  'ids of calls that others find odd': {
    kept: ['Sunny.'],

    body: {
      tools: [tool()],
      messages: [
        user('Go.'),
        { role: 'assistant', content: null, tool_calls: [called(`a.b:c/${'x'.repeat(80)}`)] },
        { role: 'tool', tool_call_id: `a.b:c/${'x'.repeat(80)}`, content: 'Sunny.' },
      ],
    },
  },
};
