import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReasoningEffort } from '../../../src/openai-api/chat-request.js';
import { EFFORT_LEVELS } from '../../../src/openai-api/effort-levels.js';
import { openaiFamily } from '../../../src/providers/openai/families.js';
import { chatAnswer, HI, PRICE, type Reported, reported, tool } from '../../reports/reported.js';

const O = ['low', 'medium', 'high'];
const TO_XHIGH = ['none', 'low', 'medium', 'high', 'xhigh'];
const TO_MAX = [...TO_XHIGH, 'max'];

/** What OpenAI itself says when it refuses a value: "Supported values are: …". */
const EFFORTS: readonly (readonly [models: string, efforts: readonly string[]])[] = [
  ['gpt-5 gpt-5-mini gpt-5-nano-2025-08-07', ['minimal', 'low', 'medium', 'high']],
  ['gpt-5.1 gpt-5.1-2025-11-13', ['none', 'low', 'medium', 'high']],
  ['gpt-5.2 gpt-5.4 gpt-5.4-mini gpt-5.4-nano-2026-03-17 gpt-5.5', TO_XHIGH],
  ['gpt-5.6 gpt-5.6-sol gpt-5.9-terra', TO_MAX],
  ['gpt-6-sol gpt-6-luna gpt-6.1-terra', TO_MAX],
  ['gpt-6-astra gpt-6 gpt-7-mini gpt-11', ['low', 'medium', 'high', 'xhigh', 'max']],
  ['gpt-5-pro gpt-5-pro-2025-10-06', ['high']],
  ['gpt-5.2-pro gpt-5.4-pro gpt-5.5-pro', ['medium', 'high', 'xhigh']],
  ['gpt-5-codex gpt-5.1-codex gpt-5.1-codex-mini', O],
  ['gpt-5.1-codex-max gpt-5.2-codex', [...O, 'xhigh']],
  ['gpt-5.3-codex', TO_XHIGH],
  ['gpt-5.1-chat-latest gpt-5.2-chat', ['medium']],
  ['o1 o3 o3-mini o4-mini o3-pro o5', O],
  ['o3-deep-research o4-mini-deep-research', ['medium']],
  ['gpt-4o gpt-4.1-mini gpt-4o-search-preview gpt-5-chat-latest gpt-5.3-chat-latest chatgpt-4o-latest o1-mini', []],
];

describe('the table of families', () => {
  it.each(EFFORTS)('knows the efforts of %s', (models, efforts) => {
    for (const model of models.split(' ')) expect([model, openaiFamily(model)?.efforts]).toEqual([model, efforts]);
    for (const model of models.split(' ')) expect(openaiFamily(`openai/${model}`)).toBe(openaiFamily(model));
  });

  it('leaves models of others alone', () => {
    for (const model of ['llama-3.3-70b', 'gpt-oss-120b', 'my-deployment', 'gpt-neox', 'olmo-2', 'gpt-j'])
      expect([model, openaiFamily(model)]).toEqual([model, undefined]);
  });
});

const MODELS = EFFORTS.flatMap(([models]) => models.split(' '));
const USED = [...MODELS, 'my-deployment'];

let site: Reported;
beforeAll(async () => {
  site = await reported({
    models: Object.fromEntries(USED.map((model) => [model, { provider: 'openai', price: PRICE }])),
  });
});
beforeEach(() => site.answers(chatAnswer()));
afterAll(() => site.close());

const SAMPLING = { temperature: 0.2, top_p: 0.5, logprobs: true, top_logprobs: 2 };
const PENALTIES = { frequency_penalty: 0.5, presence_penalty: 0.5, logit_bias: { '5': 1 } };

describe('a chat request', () => {
  it.each(EFFORTS)(
    'goes to %s with an effort of its own',
    async (models, efforts) => {
      for (const model of models.split(' ')) {
        for (const effort of EFFORT_LEVELS) {
          const { status, dropped, sent } = await site.ask({ model, reasoning_effort: effort, messages: [HI] });
          const got = sent[0]?.['reasoning_effort'];
          expect({ status, model, effort, got }).toMatchObject({ status: 200 });
          if (efforts.length === 0) expect(got).toBeUndefined();
          else expect(efforts).toContain(got);
          const isNothing = efforts.length === 0 && effort === 'none';
          expect([model, effort, dropped]).toEqual([
            model,
            effort,
            got === effort || isNothing ? [] : ['reasoning_effort'],
          ]);
        }
      }
    },
    30_000,
  );

  it.each([
    ['gpt-5', 'xhigh', 'high'],
    ['gpt-5', 'none', 'minimal'],
    ['gpt-5.1', 'minimal', 'low'],
    ['gpt-5.5', 'max', 'xhigh'],
    ['gpt-5-pro', 'low', 'high'],
    ['gpt-5.2-pro', 'none', 'medium'],
    ['o3', 'minimal', 'low'],
    ['gpt-6-astra', 'none', 'low'],
  ] as [string, ReasoningEffort, string][])('to %s asks with %s for %s', async (model, wanted, sentAs) => {
    const { sent } = await site.ask({ model, reasoning_effort: wanted, messages: [HI] });
    expect(sent[0]?.['reasoning_effort']).toBe(sentAs);
  });

  it.each([
    ['gpt-4o', {}, []],
    ['gpt-5-chat-latest', {}, []],
    ['my-deployment', {}, []],
    ['gpt-5', {}, Object.keys(SAMPLING)],
    ['gpt-5.1', {}, []],
    ['gpt-5.4', { reasoning_effort: 'none' }, []],
    ['gpt-5.4', { reasoning_effort: 'low' }, Object.keys(SAMPLING)],
    ['gpt-5.5', {}, Object.keys(SAMPLING)],
    ['gpt-5.5', { reasoning_effort: 'none' }, []],
    ['gpt-5.6', { reasoning_effort: 'none' }, []],
    ['gpt-6-astra', {}, Object.keys(SAMPLING)],
    ['gpt-6-sol', { reasoning_effort: 'none' }, []],
    ['o4-mini', {}, Object.keys(SAMPLING)],
    ['gpt-4o-search-preview', {}, Object.keys(SAMPLING)],
  ])('to %s with %j loses of the sampling fields %j', async (model, more, lost) => {
    const { dropped, sent } = await site.ask({ model, messages: [HI], ...SAMPLING, ...more });
    expect(dropped).toEqual(lost);
    const kept = Object.fromEntries(Object.entries(SAMPLING).filter(([name]) => !lost.includes(name)));
    expect(Object.fromEntries(Object.keys(SAMPLING).map((name) => [name, sent[0]?.[name]]))).toEqual({
      ...Object.fromEntries(Object.keys(SAMPLING).map((name) => [name, undefined])),
      ...kept,
    });
  });

  it('to a model that reasons loses penalties and stops, and nothing where they ask for nothing', async () => {
    const body = { messages: [HI], stop: ['x'], ...PENALTIES };
    const lost = ['frequency_penalty', 'presence_penalty', 'logit_bias', 'stop'];
    expect((await site.ask({ model: 'gpt-5.2', reasoning_effort: 'none', ...body })).dropped).toEqual(lost);
    expect((await site.ask({ model: 'o4-mini', ...body })).dropped).toEqual(lost.map((name) => name));
    expect((await site.ask({ model: 'o3-mini', ...body })).dropped).toEqual(lost.slice(0, 3));
    expect((await site.ask({ model: 'gpt-4.1-mini', ...body })).dropped).toEqual([]);
    const idle = {
      temperature: 1,
      top_p: 1,
      logprobs: false,
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
    };
    const { dropped, sent } = await site.ask({ model: 'gpt-5', messages: [HI], ...idle });
    expect(dropped).toEqual([]);
    expect(Object.keys(sent[0] ?? {})).toEqual(['model', 'messages']);
  });

  it('takes an answer length where the model has one', async () => {
    for (const [model, lost] of [
      ['gpt-5', []],
      ['gpt-6', []],
      ['gpt-5-codex', ['verbosity']],
      ['gpt-5.1-chat-latest', ['verbosity']],
      ['gpt-4o', ['verbosity']],
      ['o3', ['verbosity']],
      ['my-deployment', []],
    ] as const) {
      expect([model, (await site.ask({ model, verbosity: 'low', messages: [HI] })).dropped]).toEqual([model, lost]);
      expect((await site.ask({ model, verbosity: 'medium', messages: [HI] })).dropped).toEqual([]);
    }
  });

  it('sends a limit as the model takes it, also to those that have no effort', async () => {
    for (const model of ['gpt-5', 'gpt-5.1-chat-latest', 'o1-mini', 'o3', 'gpt-7-mini'])
      expect((await site.ask({ model, max_tokens: 9, messages: [HI] })).sent[0]).toMatchObject({
        max_completion_tokens: 9,
      });
    expect((await site.ask({ model: 'gpt-4o', max_tokens: 9, messages: [HI] })).sent[0]).toMatchObject({
      max_tokens: 9,
    });
  });

  it.each([
    ['gpt-5.2', 'high', 'high', []],
    ['gpt-5.4', 'high', undefined, ['reasoning_effort']],
    ['gpt-5.4', undefined, undefined, []],
    ['gpt-5.4', 'none', 'none', []],
    ['gpt-5.6-sol', 'high', 'none', ['reasoning_effort']],
    ['gpt-5.6-sol', undefined, 'none', []],
    ['gpt-6-astra', 'high', 'high', []],
  ])('with functions to %s with the effort %s has the effort %s', async (model, wanted, effort, lost) => {
    const more = wanted && { reasoning_effort: wanted };
    const { dropped, sent } = await site.ask({ model, messages: [HI], tools: [tool('f')], ...more });
    expect(sent[0]?.['reasoning_effort']).toBe(effort);
    expect(dropped).toEqual(lost);
  });

  it('is refused by name where the operator wants that', async () => {
    const strict = await reported({
      unsupported: 'error',
      models: { 'gpt-5': { provider: 'openai', price: PRICE } },
    });
    try {
      const { status, body } = await strict.ask({ model: 'gpt-5', temperature: 0, messages: [HI] });
      expect({ status, error: body['error'] }).toMatchObject({ status: 400, error: { param: 'temperature' } });
    } finally {
      await strict.close();
    }
  });
});

describe('a responses request', () => {
  beforeEach(() =>
    site.answers({
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model: 'm',
      output: [],
      usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
    }),
  );

  it('is held to the same facts under its own names', async () => {
    const { status, dropped, sent } = await site.ask(
      {
        model: 'gpt-5',
        input: 'hi',
        temperature: 0.1,
        top_p: 1,
        top_logprobs: 3,
        include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
        reasoning: { effort: 'xhigh', summary: 'auto' },
        text: { verbosity: 'low' },
        tools: [{ type: 'function', name: 'f', parameters: {}, strict: false }],
      },
      'responses',
    );
    expect(status).toBe(200);
    expect([...dropped].sort()).toEqual(['include', 'reasoning.effort', 'temperature', 'top_logprobs']);
    expect(sent[0]).toMatchObject({
      reasoning: { effort: 'high', summary: 'auto' },
      text: { verbosity: 'low' },
      include: ['reasoning.encrypted_content'],
    });
    for (const name of ['temperature', 'top_p', 'top_logprobs']) expect(sent[0]).not.toHaveProperty(name);
  });

  it('reasons with functions, and loses nothing that the model takes', async () => {
    const body = {
      input: 'hi',
      reasoning: { effort: 'max' },
      tools: [{ type: 'function', name: 'f', parameters: {}, strict: false }],
    };
    const { dropped, sent } = await site.ask({ model: 'gpt-5.6-sol', ...body }, 'responses');
    expect(dropped).toEqual([]);
    expect(sent[0]).toMatchObject({ reasoning: { effort: 'max' } });
    const plain = await site.ask({ model: 'gpt-4o', input: 'hi', text: { verbosity: 'high' } }, 'responses');
    expect(plain.dropped).toEqual(['text.verbosity']);
  });
});

describe('a Messages request with thinking and tools', () => {
  it('reaches GPT-5.6 in a form that it takes', async () => {
    const { status, sent } = await site.ask(
      {
        model: 'gpt-5.6-sol',
        max_tokens: 8_000,
        temperature: 1,
        thinking: { type: 'enabled', budget_tokens: 2_000 },
        stop_sequences: ['x'],
        messages: [{ role: 'user', content: 'hi' }],
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
      },
      'messages',
    );
    expect(status).toBe(200);
    expect(sent[0]).toMatchObject({ reasoning_effort: 'none', max_completion_tokens: 8_000 });
    expect(sent[0]).not.toHaveProperty('stop');
  });
});
