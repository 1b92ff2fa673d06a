import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeAnswer } from '../../src/testing/index.js';
import { AGENT_MODELS, type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { anthropicProblem, geminiProblem } from '../helpers/sdk-schemas.js';
import { loggedErrors } from '../helpers/test-logger.js';

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
});
afterAll(() => site.close());

const MODELS = [...Object.values(AGENT_MODELS), 'gpt-5', 'gemini-3', 'claude-opus'];
const CALL = { name: 'look', arguments: { at: 'the roof' } };
/** What models answer. */
const ANSWERS: Readonly<Record<string, FakeAnswer>> = {
  'a text': { text: ['Hel', 'lo.'] },
  nothing: { text: '' },
  'a thought and a text': { thinking: 'Hm.', text: ['Hel', 'lo.'] },
  'a thought and calls': { thinking: 'Hm.', toolCalls: [CALL, { name: 'look', arguments: {} }] },
  'a text and a call': { text: 'Let me see.', toolCalls: [CALL] },
  'a text that is cut': { text: 'Once upon', finish: 'length' },
};
const FAILURES: readonly FakeAnswer[] = [400, 401, 403, 404, 429, 500, 503, 529].map((status) => ({ status }));

const SCHEMA = { type: 'object', properties: { at: { type: 'string' } } };
const MESSAGES = {
  max_tokens: 2_048,
  thinking: { type: 'enabled', budget_tokens: 1_024 },
  tools: [{ name: 'look', input_schema: SCHEMA }],
  messages: [{ role: 'user', content: 'Look!' }],
};
const CONTENTS = {
  contents: [{ role: 'user', parts: [{ text: 'Look!' }] }],
  tools: [{ functionDeclarations: [{ name: 'look', parameters: SCHEMA }] }],
  generationConfig: { maxOutputTokens: 2_048, thinkingConfig: { includeThoughts: true } },
};

const messages = (model: string, stream = false) => site.post('v1/messages', { ...MESSAGES, model, stream });
const contents = (model: string, verb = 'generateContent') => site.post(`v1beta/models/${model}:${verb}`, CONTENTS);

/** The data of events, each under its own name. */
function eventsIn(text: string): unknown[] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((frame) => frame.includes('data: '))
    .map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 'data: '.length)) as unknown);
}

describe.each(MODELS)('answers of %s are what the SDKs expect', (model) => {
  test.each(Object.entries(ANSWERS))('%s', async (_, answer) => {
    const ask = async (work: () => Promise<Response>) => {
      site.upstream.answer(answer);
      return (await work()).text();
    };
    expect(anthropicProblem('MessageAnswer', JSON.parse(await ask(() => messages(model))))).toBe('');
    const events = eventsIn(await ask(() => messages(model, true)));
    expect(events.map((event) => anthropicProblem('MessageEvent', event)).filter(Boolean)).toEqual([]);
    expect((events.at(-1) as { type: string }).type).toBe('message_stop');
    expect(geminiProblem('GenerateContentAnswer', JSON.parse(await ask(() => contents(model))))).toBe('');
    const chunks = eventsIn(await ask(() => contents(model, 'streamGenerateContent?alt=sse')));
    expect(chunks.length).toBeGreaterThan(0);
    const array = JSON.parse(await ask(() => contents(model, 'streamGenerateContent'))) as unknown[];
    for (const chunk of [...chunks, ...array]) expect(geminiProblem('GenerateContentAnswer', chunk)).toBe('');
  });

  test('errors', async () => {
    for (const failure of FAILURES) {
      for (const stream of [false, true]) {
        site.upstream.answer(failure);
        const refused = await messages(model, stream);
        const error = (await refused.json()) as { error: object };
        expect([anthropicProblem('ErrorAnswer', error), refused.ok]).toEqual(['', false]);
        site.upstream.answer(failure);
        const other = await contents(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent');
        const body = (await other.json()) as { error: { code: number } };
        expect([geminiProblem('GeminiError', body), body.error.code]).toEqual(['', other.status]);
      }
    }
    expect(new Set(loggedErrors())).toEqual(new Set(["a provider refused the gateway's credential"]));
  });

  test('a stream that breaks off', async () => {
    const cut: FakeAnswer = { text: ['Hel', 'lo'], endWithoutTerminal: true };
    site.upstream.answer(cut);
    const events = eventsIn(await (await messages(model, true)).text());
    expect(events.map((event) => anthropicProblem('MessageEvent', event)).filter(Boolean)).toEqual([]);
    expect((events.at(-1) as { type: string }).type).toBe('error');
    site.upstream.answer(cut);
    const chunks = eventsIn(await (await contents(model, 'streamGenerateContent?alt=sse')).text());
    expect(geminiProblem('GeminiError', chunks.at(-1))).toBe('');
  });

  test('counts', async () => {
    const { max_tokens: _, ...counted } = MESSAGES;
    const count = await site.post('v1/messages/count_tokens', { ...counted, model });
    expect(anthropicProblem('TokensCounted', await count.json())).toBe('');
    expect(geminiProblem('CountTokensAnswer', await (await contents(model, 'countTokens')).json())).toBe('');
  });
});

describe('probabilities of tokens', () => {
  const TOKEN = { token: 'Hi', logprob: -0.25, bytes: null };
  const logprobs = {
    content: [{ ...TOKEN, top_logprobs: [TOKEN, { ...TOKEN, token: 'Ho', logprob: -2 }] }],
    refusal: null,
  };
  const result = {
    chosenCandidates: [{ token: 'Hi', logProbability: -0.25 }],
    topCandidates: [
      {
        candidates: [
          { token: 'Hi', logProbability: -0.25 },
          { token: 'Ho', logProbability: -2 },
        ],
      },
    ],
  };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const head = { id: 'chatcmpl-1', created: 1, model: 'm', usage };
  const ask = (model: string, verb: string) =>
    site.post(`v1beta/models/${model}:${verb}`, {
      ...CONTENTS,
      generationConfig: { responseLogprobs: true, logprobs: 2 },
    });

  test.each(['gpt', 'deepseek'])('are answered in Gemini’s form where %s gives them', async (model) => {
    const message = { role: 'assistant', content: 'Hi' };
    site.upstream.answer({
      body: JSON.stringify({
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message, logprobs, finish_reason: 'stop' }],
      }),
    });
    const answer = (await (await ask(model, 'generateContent')).json()) as {
      candidates: { logprobsResult?: object }[];
    };
    expect([geminiProblem('GenerateContentAnswer', answer), answer.candidates[0]?.logprobsResult]).toEqual([
      '',
      result,
    ]);
    expect(site.upstream.requests.at(-1)?.body).toMatchObject({ logprobs: true, top_logprobs: 2 });

    const chunk = { ...head, object: 'chat.completion.chunk' };
    const events = [
      { ...chunk, choices: [{ index: 0, delta: message, logprobs, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] },
    ];
    site.upstream.answer({
      body: `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`,
    });
    const chunks = eventsIn(await (await ask(model, 'streamGenerateContent?alt=sse')).text()) as (typeof answer)[];
    for (const event of chunks) expect(geminiProblem('GenerateContentAnswer', event)).toBe('');
    expect(chunks.flatMap(({ candidates }) => candidates[0]?.logprobsResult ?? [])).toEqual([result]);
  });

  test('are named as left out where Claude has none', async () => {
    const response = await ask('claude', 'generateContent');
    expect(response.headers.get('x-gateway-dropped-params')).toBe(
      'generationConfig.responseLogprobs, generationConfig.logprobs',
    );
    await response.text();
  });
});

describe('what the gateway answers itself', () => {
  const get = async (path: string, headers: Record<string, string>) =>
    (await fetch(`${site.origin}/${path}`, { headers })).json();

  test('models', async () => {
    const anthropic = { 'x-api-key': site.key, 'anthropic-version': '2023-06-01' };
    expect(anthropicProblem('ModelPage', await get('v1/models', anthropic))).toBe('');
    expect(anthropicProblem('ModelAnswer', await get('v1/models/claude', anthropic))).toBe('');
    const gemini = { 'x-goog-api-key': site.key };
    const { models } = (await get('v1beta/models', gemini)) as { models: unknown[] };
    for (const model of [...models, await get('v1beta/models/gemini', gemini)])
      expect(geminiProblem('GeminiModel', model)).toBe('');
  });

  test('refusals', async () => {
    for (const body of [
      {},
      { ...MESSAGES, model: 'unknown' },
      { ...MESSAGES, model: 'gpt', messages: 'x' },
      'no JSON',
    ]) {
      const answer = await site.post('v1/messages', body);
      expect([anthropicProblem('ErrorAnswer', await answer.json()), answer.ok]).toEqual(['', false]);
    }
    for (const [model, body] of [
      ['gpt', {}],
      ['unknown', CONTENTS],
      ['gpt', { contents: 5 }],
      ['gpt', 'no JSON'],
    ] as const) {
      const answer = await site.post(`v1beta/models/${model}:generateContent`, body);
      expect([geminiProblem('GeminiError', await answer.json()), answer.ok]).toEqual(['', false]);
    }
    const none = await site.post('v1/messages', MESSAGES, {
      'x-api-key': 'napi-wrong',
      'anthropic-version': '2023-06-01',
    });
    expect([none.status, anthropicProblem('ErrorAnswer', await none.json())]).toEqual([401, '']);
  });
});
