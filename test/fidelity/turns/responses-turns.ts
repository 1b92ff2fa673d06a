import { LOST, PDF, SCHEMA, type Turns, user } from './turns.js';

const said = (content: object[]) => ({ type: 'message', role: 'assistant', content });
const fn = (id: string) => ({ type: 'function_call', call_id: id, name: 'w', arguments: '{}' });

export const RESPONSES: Readonly<Record<string, Turns>> = {
  'a file in the result of a tool': {
    kept: [PDF],
    except: ['deepseek'],
    body: {
      tools: [{ type: 'function', name: 'w', parameters: SCHEMA, strict: false }],
      input: [
        user('Go.'),
        fn('c1'),
        {
          type: 'function_call_output',
          call_id: 'c1',
          output: [{ type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` }],
        },
      ],
    },
  },
  'a long id of another provider, and what the clients of OpenAI add to an answer that they read': {
    kept: ['Sunny.', 'Done.'],
    body: {
      tools: [{ type: 'function', name: 'w', parameters: SCHEMA, strict: false }],
      input: [
        user('Go.'),
        { ...fn(`call_${'x'.repeat(80)}`), parsed_arguments: {} },
        { type: 'function_call_output', call_id: `call_${'x'.repeat(80)}`, output: 'Sunny.' },
        said([{ type: 'output_text', text: 'Done.', annotations: [], parsed: null }]),
        user('More?'),
      ],
    },
  },
  'results whose call is gone, that come late, and twice': {
    kept: LOST,
    body: {
      tools: [{ type: 'function', name: 'w', parameters: SCHEMA, strict: false }],
      input: [
        { type: 'function_call_output', call_id: 'gone', output: 'Gone.' },
        user('Go.'),
        fn('c1'),
        user('Wait.'),
        said([{ type: 'output_text', text: 'I wait.', annotations: [] }]),
        { type: 'function_call_output', call_id: 'c1', output: 'Late.' },
        { type: 'function_call_output', call_id: 'c1', output: 'Again.' },
        user('And?'),
      ],
    },
  },
  'thoughts of another provider between calls': {
    kept: ['First.', 'Second.'],
    body: {
      tools: [{ type: 'function', name: 'w', parameters: SCHEMA, strict: false }],
      input: [
        user('Go.'),
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Hm.' }],
          encrypted_content: 'foreign',
        },
        fn('c1'),
        { type: 'function_call_output', call_id: 'c1', output: 'First.' },
        { type: 'reasoning', id: 'rs_2', summary: [] },
        fn('c2'),
        { type: 'function_call_output', call_id: 'c2', output: 'Second.' },
      ],
    },
  },
  'a refusal, and a search that OpenAI ran, with citations': {
    kept: ['I must not.', 'Found.'],
    body: {
      input: [
        user('Go.'),
        said([{ type: 'refusal', refusal: 'I must not.' }]),
        user('Search.'),
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
        said([
          {
            type: 'output_text',
            text: 'Found.',
            annotations: [{ type: 'url_citation', url: 'https://x.test', title: 't', start_index: 0, end_index: 5 }],
          },
        ]),
        user('More?'),
      ],
    },
  },
};
