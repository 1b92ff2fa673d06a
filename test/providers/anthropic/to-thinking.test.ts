import { describe, expect, test } from 'vitest';
import type { ChatMessage, ChatRequest, ReasoningEffort } from '../../../src/openai-api/chat-request.js';
import { ADAPTIVE, BOTH, BUDGET, bodyOf, droppedOf, OLD, OLDEST, user, weather } from './native-request.js';

const thought = (request: Partial<ChatRequest>, maxOutputTokens = 60_000) => {
  const { thinking, output_config } = bodyOf(request, { maxOutputTokens });
  return { ...(thinking && { thinking }), ...(output_config && { output_config }) };
};
const shown = { type: 'adaptive', display: 'summarized' };
const budget = (budget_tokens: number) => ({ thinking: { type: 'enabled', budget_tokens } });

describe('reasoning_effort', () => {
  test.each<[string, ReasoningEffort, object]>([
    [ADAPTIVE, 'none', { thinking: { type: 'disabled' } }],
    [ADAPTIVE, 'minimal', { thinking: shown, output_config: { effort: 'low' } }],
    [ADAPTIVE, 'low', { thinking: shown, output_config: { effort: 'low' } }],
    [ADAPTIVE, 'medium', { thinking: shown, output_config: { effort: 'medium' } }],
    [ADAPTIVE, 'high', { thinking: shown, output_config: { effort: 'high' } }],
    [ADAPTIVE, 'xhigh', { thinking: shown, output_config: { effort: 'xhigh' } }],
    [ADAPTIVE, 'max', { thinking: shown, output_config: { effort: 'max' } }],
    [BOTH, 'none', { thinking: { type: 'disabled' } }],
    [BOTH, 'high', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    [BOTH, 'xhigh', { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }],
    [BUDGET, 'none', {}],
    [BUDGET, 'minimal', budget(1_024)],
    [BUDGET, 'low', budget(2_048)],
    [BUDGET, 'medium', budget(10_000)],
    [BUDGET, 'high', budget(16_384)],
    [BUDGET, 'xhigh', budget(32_768)],
    [BUDGET, 'max', budget(32_768)],
    [OLDEST, 'none', {}],
    [OLDEST, 'high', {}],
  ])('%s, %s', (model, effort, expected) => {
    expect(thought({ model, reasoning_effort: effort })).toEqual(expected);
  });

  test('absent means that nothing is sent', () => {
    for (const model of [ADAPTIVE, BOTH, BUDGET, OLDEST]) expect(thought({ model })).toEqual({});
  });

  test('is reported where the model can not think, unless it asks for none', () => {
    expect(droppedOf({ model: OLDEST, reasoning_effort: 'high' })).toEqual(['reasoning_effort']);
    expect(droppedOf({ model: OLDEST, reasoning_effort: 'none' })).toEqual([]);
  });

  test.each([
    [4_096, 3_276],
    [1_500, 1_200],
    [1_100, 1_024],
    [1_025, 1_024],
  ])('the budget leaves room for the answer within %i tokens', (limit, tokens) => {
    expect(thought({ model: BUDGET, reasoning_effort: 'high' }, limit)).toEqual(budget(tokens));
  });

  test('there is no thinking in fewer tokens than Anthropic asks for', () => {
    const request = { model: BUDGET, reasoning_effort: 'high' } as const;
    expect(thought(request, 1_024)).toEqual({});
    expect(droppedOf(request, { maxOutputTokens: 1_024 })).toEqual(['reasoning_effort']);
  });
});

describe('a history that a thinking budget would not accept', () => {
  const called: ChatMessage = {
    role: 'assistant',
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{}' } }],
  };
  const signed = { ...called, reasoning_details: [{ type: 'reasoning.text', text: 't', signature: 's' }] };
  const result: ChatMessage = { role: 'tool', tool_call_id: 'a', content: 'ok' };
  const think = (model: string, ...messages: ChatMessage[]) =>
    thought({ model, reasoning_effort: 'low', tools: [weather], messages }).thinking !== undefined;

  test.each<[string, boolean, string, ChatMessage[]]>([
    ['a call without its thinking', false, BUDGET, [user('go'), called, result]],
    ['a call with its thinking', true, BUDGET, [user('go'), signed, result]],
    ['a prefill', false, BUDGET, [user('go'), { role: 'assistant', content: 'So' }]],
    ['an answer without thinking', true, BUDGET, [user('go'), { role: 'assistant', content: 'So' }, user('on')]],
    ['an old call', true, BUDGET, [user('go'), called, result, { role: 'assistant', content: 'So' }, user('on')]],
    ['a call, to a model that thinks as it likes', true, ADAPTIVE, [user('go'), called, result]],
  ])('%s', (_title, thinks, model, messages) => {
    expect(think(model, ...messages)).toBe(thinks);
  });

  test('is reported', () => {
    const request = { reasoning_effort: 'low', messages: [user('go'), called, result] } as const;
    expect(droppedOf({ ...request, messages: [...request.messages] }, { maxOutputTokens: 9_000 })).toEqual([
      'reasoning_effort',
    ]);
  });
});

describe('native thinking', () => {
  const thinking = { type: 'enabled', budget_tokens: 2_000 };

  test.each<[string, Partial<ChatRequest>]>([
    ['as a field of the request', { thinking }],
    ['by provider_options', { provider_options: { anthropic: { thinking } } }],
  ])('%s replaces the effort and rules out sampling', (_title, request) => {
    const body = bodyOf({
      ...request,
      reasoning_effort: 'high',
      temperature: 0.2,
      tools: [weather],
      tool_choice: 'required',
    });
    expect(body).toMatchObject({ thinking, tool_choice: { type: 'auto' } });
    expect(body).not.toHaveProperty('temperature');
  });

  test('that is adaptive takes the effort', () => {
    expect(thought({ model: BOTH, thinking: { type: 'adaptive' }, reasoning_effort: 'low' })).toEqual({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    });
  });
});

describe('sampling', () => {
  test.each<[string, Partial<ChatRequest>, object, string[]]>([
    [OLD, { temperature: 0.3, top_p: 0.5, top_k: 4 }, { temperature: 0.3, top_p: 0.5, top_k: 4 }, []],
    [OLD, { temperature: 1.7 }, { temperature: 1 }, []],
    [BUDGET, { temperature: 0.3, top_p: 0.5 }, { temperature: 0.3 }, ['top_p']],
    [BUDGET, { temperature: 1, top_p: 0.5 }, { top_p: 0.5 }, []],
    [BUDGET, { temperature: 0.3, top_p: 1 }, { temperature: 0.3 }, []],
    [BUDGET, { top_p: 0.5, top_k: 4 }, { top_p: 0.5, top_k: 4 }, []],
    [ADAPTIVE, { temperature: 0.3, top_p: 0.5, top_k: 4 }, {}, ['temperature', 'top_p', 'top_k']],
    [ADAPTIVE, { temperature: 1, top_p: 1 }, {}, []],
    [BUDGET, { temperature: 0.3, top_k: 4, reasoning_effort: 'low' }, {}, ['temperature', 'top_k']],
  ])('%s, %j', (model, request, expected, dropped) => {
    const { temperature, top_p, top_k } = bodyOf({ model, ...request }, { maxOutputTokens: 9_000 });
    expect(JSON.parse(JSON.stringify({ temperature, top_p, top_k }))).toEqual(expected);
    expect(droppedOf({ model, ...request }, { maxOutputTokens: 9_000 })).toEqual(dropped);
  });
});

describe('max_tokens', () => {
  test.each<[string, number | undefined, number | undefined, string, number]>([
    ["is the client's limit", 100, undefined, BUDGET, 100],
    ["is the model's own limit by the table", undefined, undefined, BUDGET, 64_000],
    ["is the operator's limit for the model", undefined, 9_000, BUDGET, 9_000],
    ['never passes what the model can write', 100_000, undefined, OLDEST, 4_096],
    ["never passes the operator's limit", 100_000, 9_000, BUDGET, 9_000],
    ['is not lowered for a model that the table does not know', 100_000, undefined, 'claude-next', 100_000],
  ])('%s', (_title, maxOutputTokens, modelOutputLimit, model, expected) => {
    const limits = { ...(maxOutputTokens && { maxOutputTokens }), ...(modelOutputLimit && { modelOutputLimit }) };
    expect(bodyOf({ model }, limits).max_tokens).toBe(expected);
  });
});
