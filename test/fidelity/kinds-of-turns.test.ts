import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { problemOf } from '../helpers/picky-provider.js';
import { problemIn } from '../helpers/route-schemas.js';
import { anthropicProblem, geminiProblem } from '../helpers/sdk-schemas.js';

/** Turns that one provider or client makes and another has never seen, by the inbound format. */

let site: AgentGateway;
const problems: string[] = [];

beforeAll(async () => {
  const answer = (request: Parameters<typeof problemOf>[0]) => {
    const problem = problemOf(request);
    if (problem !== undefined) problems.push(problem);
    return { text: 'Yes.' };
  };
  site = await startAgentGateway({}, { answer });
});
afterAll(() => site.close());

const PNG = 'iVBORw0KGgo=';
const PDF = 'JVBERi0xLjQ=';
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
const LONG = `mcp__${'a'.repeat(110)}`;

/** What tools said whose calls are not there, or elsewhere. */
const LOST = ['Gone.', 'Late.', 'Again.', 'And?'];

interface Turns {
  /** What the model must still be told, in any form. */
  readonly kept: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  /** The models of the format's own API get the client's bytes, which may be made up here. */
  readonly except?: readonly string[];
}

const uses = (...content: object[]) => ({ role: 'assistant', content });
const use = (id: string, name = 'w') => ({ type: 'tool_use', id, name, input: { city: 'Bern' } });
const result = (id: string, content: unknown) => ({ type: 'tool_result', tool_use_id: id, content });
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
const user = (content: unknown) => ({ role: 'user', content });

const MESSAGES: Readonly<Record<string, Turns>> = {
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
    except: ['claude', 'claude-opus'],
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
  'marks for the cache': {
    kept: ['Rules.', 'Go.'],
    body: {
      system: [{ type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral' } }],
      tools: [{ name: 'w', input_schema: SCHEMA, cache_control: { type: 'ephemeral' } }],
      messages: [user([{ type: 'text', text: 'Go.', cache_control: { type: 'ephemeral', ttl: '1h' } }])],
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

const called = (id: string, name = 'w', args = '{}') => ({ id, type: 'function', function: { name, arguments: args } });
const tool = (name = 'w') => ({ type: 'function', function: { name, parameters: SCHEMA } });

const CHAT: Readonly<Record<string, Turns>> = {
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
    except: ['gpt', 'gpt-5'],
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
    except: ['gpt', 'gpt-5'],
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
    except: ['gpt', 'gpt-5'],
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

const said = (content: object[]) => ({ type: 'message', role: 'assistant', content });
const fn = (id: string) => ({ type: 'function_call', call_id: id, name: 'w', arguments: '{}' });

const RESPONSES: Readonly<Record<string, Turns>> = {
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

const base64 = (text: string) => Buffer.from(text).toString('base64');
const parts = (role: string, ...list: object[]) => ({ role, parts: list });

const GEMINI: Readonly<Record<string, Turns>> = {
  'a picture in the result of a function': {
    kept: [PNG, 'Look.'],
    except: ['deepseek'],
    body: {
      tools: [{ functionDeclarations: [{ name: 'w', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts('user', { text: 'Go.' }),
        parts('model', { functionCall: { name: 'w', args: {} } }),
        parts('user', {
          functionResponse: {
            name: 'w',
            response: { output: 'Look.' },
            parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }],
          },
        }),
      ],
    },
  },
  'results whose call is gone, that come late, and twice': {
    kept: LOST,
    except: ['gemini', 'gemini-3'],
    body: {
      tools: [{ functionDeclarations: [{ name: 'w', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts('user', { functionResponse: { name: 'v', response: { output: 'Gone.' } } }, { text: 'Go.' }),
        parts('model', { functionCall: { name: 'w', args: {} } }),
        parts('user', { text: 'Wait.' }),
        parts('model', { text: 'I wait.' }),
        parts(
          'user',
          { functionResponse: { name: 'w', response: { output: 'Late.' } } },
          { functionResponse: { name: 'w', response: { output: 'Again.' } } },
          { text: 'And?' },
        ),
      ],
    },
  },
  'two calls of one function, without ids': {
    kept: ['First.', 'Second.'],
    except: ['gemini', 'gemini-3'],
    body: {
      tools: [{ functionDeclarations: [{ name: 'n.w:1', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts('user', { text: 'Go.' }),
        parts(
          'model',
          { text: 'Both.' },
          { functionCall: { name: 'n.w:1', args: {} }, thoughtSignature: 'Zm9yZWlnbg==' },
          { functionCall: { name: 'n.w:1', args: { city: 'Bern' } } },
        ),
        parts(
          'user',
          { functionResponse: { name: 'n.w:1', response: { output: 'First.' } } },
          { functionResponse: { name: 'n.w:1', response: { error: 'Second.' } } },
        ),
      ],
    },
  },
  'code that Google ran': {
    kept: ['One.', 'More?'],
    except: ['gemini', 'gemini-3'],
    body: {
      contents: [
        parts('user', { text: 'Go.' }),
        parts(
          'model',
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
          { text: 'One.' },
        ),
        parts('user', { text: 'More?' }),
      ],
    },
  },
  'files of text, in a question and in the result of a function': {
    kept: ['Plain words.', 'a;b'],
    except: ['gemini', 'gemini-3'],
    body: {
      tools: [{ functionDeclarations: [{ name: 'w', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts(
          'user',
          { text: 'Go.' },
          { inlineData: { mimeType: 'text/plain; charset=utf-8', data: base64('Plain words.') } },
        ),
        parts('model', { functionCall: { name: 'w', args: {} } }),
        parts('user', {
          functionResponse: {
            name: 'w',
            response: { output: 'Look.' },
            parts: [{ inlineData: { mimeType: 'text/csv', data: base64('a;b') } }],
          },
        }),
      ],
    },
  },
  'a turn without parts': {
    kept: ['Go.', 'More?'],
    except: ['gemini', 'gemini-3'],
    body: { contents: [parts('user', { text: 'Go.' }), parts('model'), parts('user', { text: 'More?' })] },
  },
};

const MODELS = ['gpt', 'gpt-5', 'claude', 'claude-opus', 'gemini', 'gemini-3', 'deepseek'];
const ROUTES: Readonly<Record<string, readonly [Readonly<Record<string, Turns>>, (model: string) => string]>> = {
  messages: [MESSAGES, () => 'v1/messages'],
  'chat/completions': [CHAT, () => 'v1/chat/completions'],
  responses: [RESPONSES, () => 'v1/responses'],
  generateContent: [GEMINI, (model) => `v1beta/models/${model}:generateContent`],
};

const EVENT_PROBLEMS: Readonly<Record<string, (event: object) => string>> = {
  messages: (event) => anthropicProblem('MessageEvent', event),
  'chat/completions': (event) => problemIn('CreateChatCompletionStreamResponse', event),
  responses: (event) => problemIn('ResponseStreamEvent', event),
  generateContent: (event) => geminiProblem('GenerateContentAnswer', event),
};

function withoutStream(body: object = {}): object {
  const { stream: _, stream_options: __, ...rest } = body as Readonly<Record<string, unknown>>;
  return rest;
}

describe.each(Object.keys(ROUTES))('over %s', (format) => {
  const [cases, path] = ROUTES[format] as (typeof ROUTES)[string];
  const rows = Object.entries(cases).flatMap(([name, turns]) =>
    MODELS.filter((model) => !turns.except?.includes(model)).map((model) => [name, model, turns] as const),
  );
  test.each(rows)('%s goes on at %s', async (_name, model, { body, kept }) => {
    problems.length = 0;
    const head = format === 'generateContent' ? {} : { model, ...(format === 'messages' && { max_tokens: 1_000 }) };
    const response = await site.post(path(model), { ...head, ...body });
    expect([response.status, problems]).toEqual([200, []]);
    const sent = site.upstream.requests.at(-1)?.text ?? '';
    for (const text of kept) expect(sent).toContain(text);
    await response.text();
  });

  test.each(rows)(
    '%s is the same streamed at %s, and its events are what clients expect',
    async (_name, model, { body }) => {
      problems.length = 0;
      const head = format === 'generateContent' ? {} : { model, ...(format === 'messages' && { max_tokens: 1_000 }) };
      await (await site.post(path(model), { ...head, ...body })).text();
      const whole = site.upstream.requests.at(-1)?.body;
      const streamed = await site.post(
        path(model).replace('generateContent', 'streamGenerateContent?alt=sse'),
        format === 'generateContent' ? body : { ...head, ...body, stream: true },
      );
      const frames = (await streamed.text()).split(/\r?\n\r?\n/).filter((frame) => frame.includes('data: {'));
      const events = frames.map(
        (frame) => JSON.parse(frame.slice(frame.indexOf('data: {') + 'data: '.length)) as object,
      );
      expect([streamed.status, problems]).toEqual([200, []]);
      expect(events.map(EVENT_PROBLEMS[format] as (event: object) => string).filter(Boolean)).toEqual([]);
      expect(JSON.stringify(events)).toContain('Yes.');
      expect(withoutStream(site.upstream.requests.at(-1)?.body)).toEqual(withoutStream(whole));
    },
  );
});

test.each([
  ['v1/messages', { max_tokens: 100, messages: [user([image])] }],
  [
    'v1/chat/completions',
    { messages: [user([{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }])] },
  ],
  ['v1/responses', { input: [user([{ type: 'input_image', image_url: `data:image/png;base64,${PNG}` }])] }],
  [
    'v1beta/models/deepseek:generateContent',
    { contents: [parts('user', { inlineData: { mimeType: 'image/png', data: PNG } })] },
  ],
])('a picture for a model that reads none is refused at %s in words of every API', async (path, body) => {
  const response = await site.post(path, { ...(path.startsWith('v1/') && { model: 'deepseek' }), ...body });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('The model does not read images here.');
});

describe('an answer that is to be a list', () => {
  const LIST = { type: 'array', items: { type: 'string' } };

  test.each([
    ['gpt', 'generationConfig.responseSchema'],
    ['gpt-5', 'generationConfig.responseSchema'],
    ['claude', null],
    ['gemini', null],
    ['deepseek', 'generationConfig.responseSchema'],
  ])('is asked for in words at %s where its provider takes objects alone', async (model, dropped) => {
    problems.length = 0;
    const generationConfig = { responseMimeType: 'application/json', responseJsonSchema: LIST };
    const body = { contents: [parts('user', { text: 'Go.' })], generationConfig };
    const response = await site.post(`v1beta/models/${model}:generateContent`, body);
    expect([response.status, problems]).toEqual([200, []]);
    expect(response.headers.get('x-gateway-dropped-params')).toBe(dropped);
    const sent = site.upstream.requests.at(-1);
    expect(sent?.text.replaceAll('\\"', '"')).toContain(JSON.stringify(LIST));
    expect(sent?.body).not.toHaveProperty('response_format');
    await response.text();
  });

  test('is named as the field of /messages, too', async () => {
    const response = await site.post('v1/messages', {
      model: 'gpt',
      max_tokens: 100,
      messages: [user('Go.')],
      output_config: { format: { type: 'json_schema', schema: LIST } },
    });
    expect([response.status, response.headers.get('x-gateway-dropped-params')]).toEqual([200, 'output_config.format']);
    await response.text();
  });
});

test.each([
  ['v1/messages', MESSAGES['a picture in the result of a tool']?.body],
  ['v1/responses', RESPONSES['a file in the result of a tool']?.body],
  ['v1beta/models/deepseek:generateContent', GEMINI['a picture in the result of a function']?.body],
])(
  'a picture or file in the result of a tool does not end the work of an agent whose model reads none: %s',
  async (path, body) => {
    problems.length = 0;
    const head = path.startsWith('v1/') && { model: 'deepseek', ...(path.endsWith('messages') && { max_tokens: 100 }) };
    const response = await site.post(path, { ...head, ...body });
    expect([response.status, problems]).toEqual([200, []]);
    expect(response.headers.get('x-gateway-dropped-params')).toMatch(/messages|input|contents/);
    expect(site.upstream.requests.at(-1)?.text).toMatch(/\[(?:image_url|file): not readable for this model\]/);
    await response.text();
  },
);
