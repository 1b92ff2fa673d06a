import { LOST, PDF, PNG, SCHEMA, type Turns, user } from './turns.js';

const LONG = `mcp__${'a'.repeat(110)}`;

const uses = (...content: object[]) => ({ role: 'assistant', content });
const use = (id: string, name = 'w') => ({ type: 'tool_use', id, name, input: { city: 'Bern' } });
const result = (id: string, content: unknown) => ({ type: 'tool_result', tool_use_id: id, content });
/** A picture in Anthropic's format. */
export const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };

export const MESSAGES: Readonly<Record<string, Turns>> = {
  'a picture in the result of a tool': {
    kept: [PNG, 'Look.'],
    except: ['deepseek'],
    body: {
      tools: [{ name: 'w', input_schema: SCHEMA }],
      messages: [
        user('Go.'),
        uses(use('toolu_1')),
        user([result('toolu_1', [{ type: 'text', text: 'Look.' }, image]), { type: 'text', text: 'And?' }]),
      ],
    },
  },
  'results whose call is gone, that come late, and twice': {
    kept: LOST,
    body: {
      tools: [{ name: 'w', input_schema: SCHEMA }],
      messages: [
        user([result('toolu_gone', 'Gone.'), { type: 'text', text: 'Go.' }]),
        uses(use('toolu_1')),
        user('Wait.'),
        uses({ type: 'text', text: 'I wait.' }),
        user([result('toolu_1', 'Late.'), result('toolu_1', 'Again.'), { type: 'text', text: 'And?' }]),
      ],
    },
  },
  'results of parallel calls in another order, one of them a failure': {
    kept: ['First.', 'Second.'],
    body: {
      tools: [{ name: 'w', input_schema: SCHEMA }],
      messages: [
        user('Go.'),
        uses({ type: 'text', text: 'Both.' }, use('toolu_1'), use('toolu_2')),
        user([{ ...result('toolu_2', 'Second.'), is_error: true }, result('toolu_1', 'First.')]),
      ],
    },
  },
  'a search that Anthropic ran, with citations': {
    kept: ['Found.', 'More?'],
    except: ['claude', 'claude-opus'],
    body: {
      messages: [
        user('Go.'),
        uses(
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
          {
            type: 'text',
            text: 'Found.',
            citations: [{ type: 'web_search_result_location', url: 'https://x.test', cited_text: 'c' }],
          },
        ),
        user('More?'),
      ],
    },
  },
  'nothing but a search that Anthropic ran': {
    kept: ['Go.', 'More?'],
    except: ['claude', 'claude-opus'],
    body: {
      messages: [
        user('Go.'),
        uses({ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } }),
        user('More?'),
      ],
    },
  },
  'the summary of a compaction': {
    kept: ['It was about bees.', 'More?'],
    except: ['claude', 'claude-opus'],
    body: {
      messages: [user('Go.'), uses({ type: 'compaction', content: 'It was about bees.' }), user('More?')],
    },
  },
  'marks for the cache': {
    kept: ['Rules.', 'Go.'],
    body: {
      system: [{ type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral' } }],
      tools: [{ name: 'w', input_schema: SCHEMA, cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [user([{ type: 'text', text: 'Go.', cache_control: { type: 'ephemeral' } }])],
    },
  },
  'calls whose ids come again, as some servers number each answer anew': {
    kept: ['First.', 'Second.', 'Third.'],
    body: {
      tools: [{ name: 'w', input_schema: SCHEMA }],
      messages: [
        user('Go.'),
        uses(use('call_0')),
        user([result('call_0', 'First.')]),
        uses(use('call_0'), use('call_1')),
        user([result('call_0', 'Second.'), result('call_1', 'Third.')]),
      ],
    },
  },
  'a turn and a result without content': {
    kept: ['Go.', 'More?'],
    body: {
      tools: [{ name: 'w', input_schema: SCHEMA }],
      messages: [
        user('Go.'),
        uses(use('toolu_1')),
        user([result('toolu_1', '')]),
        uses({ type: 'text', text: 'x' }),
        user('More?'),
      ],
    },
  },
  'a tool with a name that others find too long': {
    kept: ['Sunny.'],
    body: {
      tools: [{ name: LONG, input_schema: SCHEMA }],
      messages: [user('Go.'), uses(use('toolu_1', LONG)), user([result('toolu_1', 'Sunny.')])],
    },
  },
  'more stop sequences than others take': {
    kept: ['Go.'],
    body: { stop_sequences: ['a', 'b', 'c', 'd', 'e', 'f'], messages: [user('Go.')] },
  },
  'a PDF': {
    kept: [PDF],
    except: ['deepseek'],
    body: {
      messages: [
        user([{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF }, title: 'T' }]),
      ],
    },
  },
};
