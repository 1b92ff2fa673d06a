import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { problemOf } from '../helpers/picky-provider.js';
import { problemIn } from '../helpers/route-schemas.js';
import { anthropicProblem, geminiProblem } from '../helpers/sdk-schemas.js';
import { CHAT } from './turns/chat-turns.js';
import { GEMINI, parts } from './turns/gemini-turns.js';
import { image, MESSAGES } from './turns/messages-turns.js';
import { RESPONSES } from './turns/responses-turns.js';
import { PNG, type Turns, user } from './turns/turns.js';

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
