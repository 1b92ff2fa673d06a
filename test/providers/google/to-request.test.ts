import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import type { ChatRequest, ReasoningEffort } from '../../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../../src/providers/adapter.js';
import { chatCall, countingDialect, nativeBody } from './support/call.js';

const WEATHER = { name: 'weather', description: 'The weather.', parameters: { type: 'object', properties: {} } };
const tools: ChatRequest['tools'] = [
  { type: 'function', function: WEATHER },
  { type: 'function', function: { name: 'time' } },
];

function config(request: Partial<ChatRequest>, changes: Partial<ChatCall> = {}) {
  return nativeBody(request, changes)['generationConfig'];
}

function dropped(request: Record<string, unknown>, changes: Partial<ChatCall> = {}) {
  return countingDialect().toRequest(chatCall(request, changes), false).dropped;
}

function failure(request: Record<string, unknown>, changes: Partial<ChatCall> = {}) {
  try {
    countingDialect().toRequest(chatCall(request, changes), false);
  } catch (thrown) {
    if (GatewayError.isInstance(thrown)) return { code: thrown.code, status: thrown.status, param: thrown.param };
    throw thrown;
  }
  throw new Error('the request was accepted');
}

describe('the path', () => {
  it.each([
    ['gemini-2.5-flash', false, '/v1beta/models/gemini-2.5-flash:generateContent'],
    ['gemini-2.5-flash', true, '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
    ['models/gemini-2.5-flash', false, '/v1beta/models/gemini-2.5-flash:generateContent'],
    ['tunedModels/mine', false, '/v1beta/tunedModels/mine:generateContent'],
    ['../../v1/x?key=1#a', false, '/v1beta/models/..%2F..%2Fv1%2Fx%3Fkey%3D1%23a:generateContent'],
  ])('of %s (stream: %s) is %s', (model, stream, path) => {
    expect(countingDialect().toRequest(chatCall({}, { model }), stream).path).toBe(path);
  });
});

describe('sampling and limits', () => {
  it.each<[Partial<ChatRequest>, unknown]>([
    [{ temperature: 0 }, { temperature: 0 }],
    [{ top_p: 0.5 }, { topP: 0.5 }],
    [{ top_k: 40 }, { topK: 40 }],
    [{ stop: 'END' }, { stopSequences: ['END'] }],
    [{ stop: ['a', '', 'b'] }, { stopSequences: ['a', 'b'] }],
    [{ seed: 7 }, { seed: 7 }],
    [{ seed: 2 ** 32 + 7 }, { seed: 7 }],
    [
      { logprobs: true, top_logprobs: 3 },
      { responseLogprobs: true, logprobs: 3 },
    ],
    [{ logprobs: true }, { responseLogprobs: true }],
    [{ logprobs: false }, undefined],
    [{ n: 1 }, undefined],
    [{ modalities: ['text'] }, undefined],
    [{ modalities: ['text', 'image'] }, { responseModalities: ['TEXT', 'IMAGE'] }],
    [{ response_format: { type: 'text' } }, undefined],
    [{ response_format: { type: 'json_object' } }, { responseMimeType: 'application/json' }],
    [{}, undefined],
  ])('%j becomes %j', (request, expected) => {
    expect(config(request)).toEqual(expected);
  });

  it('send the output limit of the call, whoever set it', () => {
    expect(config({ max_tokens: 9 }, { maxOutputTokens: 5 })).toEqual({ maxOutputTokens: 5 });
  });

  it('send penalties to models that take them, and report them for others unless they are zero', () => {
    const request = { presence_penalty: 0.5, frequency_penalty: 0 };
    expect(config(request, { model: 'gemini-2.0-flash' })).toEqual({ presencePenalty: 0.5, frequencyPenalty: 0 });
    expect(config(request)).toBeUndefined();
    expect(dropped(request)).toEqual(['presence_penalty']);
  });

  it('turn a JSON schema into the accepted subset', () => {
    const schema = { $schema: 'x', type: 'object', properties: { a: { const: 'b' } }, additionalProperties: false };
    expect(config({ response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } })).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: {
        type: 'object',
        properties: { a: { type: 'string', enum: ['b'] } },
        additionalProperties: false,
      },
    });
  });

  it.each([
    ['gemini-2.0-flash', 100_000, undefined, 8_192],
    ['gemini-2.0-flash', 100, undefined, 100],
    ['gemini-2.5-flash', 100_000, undefined, 65_536],
    ['gemini-2.0-flash', 100_000, 20_000, 20_000],
    ['my-own-model', 100_000, undefined, 100_000],
  ])('of %s hold an output limit of %s (operator: %s) to %s', (model, maxOutputTokens, modelOutputLimit, expected) => {
    const changes = { model, maxOutputTokens, ...(modelOutputLimit !== undefined && { modelOutputLimit }) };
    expect(config({}, changes)).toEqual({ maxOutputTokens: expected });
  });

  it('keep JSON output beside functions on Gemini 3 and report it on older models', () => {
    const request = { tools, response_format: { type: 'json_object' as const } };
    expect(config(request, { model: 'gemini-3-flash-preview' })).toEqual({ responseMimeType: 'application/json' });
    expect(config(request)).toBeUndefined();
    expect(dropped(request)).toEqual(['response_format']);
    const search = { web_search_options: {}, response_format: { type: 'json_object' as const } };
    expect(dropped(search)).toEqual(['response_format']);
  });
});

describe('reasoning effort', () => {
  it.each<[string, ReasoningEffort | undefined, unknown]>([
    ['gemini-3-flash-preview', undefined, undefined],
    ['gemini-3-flash-preview', 'none', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3-flash-preview', 'minimal', { thinkingLevel: 'MINIMAL', includeThoughts: true }],
    ['gemini-3-pro-preview', 'none', { thinkingLevel: 'LOW' }],
    ['gemini-3-pro-preview', 'minimal', { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-3.1-pro-preview', 'minimal', { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-3.7-flash', 'minimal', { thinkingLevel: 'LOW', includeThoughts: true }],
    ['models/gemini-3.6-flash', 'low', { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-3.8-flash', 'medium', { thinkingLevel: 'MEDIUM', includeThoughts: true }],
    ['gemini-flash-latest', 'high', { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-3.6-flash', 'xhigh', { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-3.6-flash', 'max', { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
    ['gemini-2.5-flash-lite', 'none', { thinkingBudget: 0 }],
    ['gemini-2.5-pro', 'none', { thinkingBudget: 128 }],
    ['gemini-2.5-flash', 'low', { thinkingBudget: 1024, includeThoughts: true }],
    ['gemini-2.5-flash', 'medium', { thinkingBudget: 8192, includeThoughts: true }],
    ['gemini-2.5-pro', 'high', { thinkingBudget: 24576, includeThoughts: true }],
    ['gemini-2.5-pro', 'max', { thinkingBudget: 24576, includeThoughts: true }],
    ['gemini-2.0-flash', 'none', undefined],
    ['gemma-3-27b-it', 'none', undefined],
  ])('of %s at %s is %j', (model, effort, thinkingConfig) => {
    const request = effort === undefined ? {} : { reasoning_effort: effort };
    expect(config(request, { model })).toEqual(thinkingConfig && { thinkingConfig });
  });

  it.each(['gemini-2.0-flash', 'gemini-1.5-pro', 'gemma-3-27b-it', 'gemini-2.5-flash-image'])(
    'is reported by %s',
    (model) => {
      expect(config({ reasoning_effort: 'high' }, { model })).toBeUndefined();
      expect(dropped({ reasoning_effort: 'high' }, { model })).toEqual(['reasoning_effort']);
    },
  );
});

describe('tools', () => {
  const declarations = [
    { name: 'weather', description: 'The weather.', parametersJsonSchema: WEATHER.parameters },
    { name: 'time' },
  ];

  it('are declared in one entry', () => {
    expect(nativeBody({ tools })).toMatchObject({ tools: [{ functionDeclarations: declarations }] });
    expect(nativeBody({ tools })['toolConfig']).toBeUndefined();
    expect(nativeBody({ functions: [WEATHER, { name: 'time' }] })).toMatchObject({
      tools: [{ functionDeclarations: declarations }],
    });
  });

  it.each<[ChatRequest['tool_choice'], unknown]>([
    ['auto', undefined],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [
      { type: 'function', function: { name: 'time' } },
      { mode: 'ANY', allowedFunctionNames: ['time'] },
    ],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'time' } }] },
      },
      { mode: 'ANY', allowedFunctionNames: ['time'] },
    ],
  ])('are chosen by %j as %j', (choice, expected) => {
    const body = nativeBody({ tools, tool_choice: choice as 'auto' });
    expect(body['toolConfig']).toEqual(expected && { functionCallingConfig: expected });
    expect(body['tools']).toEqual([{ functionDeclarations: declarations }]);
  });

  it('that are allowed but not required are the only ones declared', () => {
    const allowed = { mode: 'auto' as const, tools: [{ type: 'function', function: { name: 'time' } }] };
    const body = nativeBody({ tools, tool_choice: { type: 'allowed_tools', allowed_tools: allowed } });
    expect(body['tools']).toEqual([{ functionDeclarations: [{ name: 'time' }] }]);
  });

  it.each<[ChatRequest['function_call'], unknown]>([
    [undefined, undefined],
    ['none', { mode: 'NONE' }],
    [{ name: 'weather' }, { mode: 'ANY', allowedFunctionNames: ['weather'] }],
  ])('in the deprecated form are chosen by %j', (choice, expected) => {
    const body = nativeBody({ functions: [WEATHER], ...(choice && { function_call: choice }) });
    expect(body['toolConfig']).toEqual(expected && { functionCallingConfig: expected });
  });

  it('that are strict are validated where the model can, else reported', () => {
    const strict: ChatRequest['tools'] = [{ type: 'function', function: { name: 'time', strict: true } }];
    expect(nativeBody({ tools: strict })['toolConfig']).toEqual({ functionCallingConfig: { mode: 'VALIDATED' } });
    expect(dropped({ tools: strict }, { model: 'gemini-2.0-flash' })).toEqual(['strict']);
    expect(nativeBody({ tools: strict, tool_choice: 'required' })['toolConfig']).toEqual({
      functionCallingConfig: { mode: 'ANY' },
    });
  });

  it('called one at a time have no native form', () => {
    expect(dropped({ tools, parallel_tool_calls: false })).toEqual(['parallel_tool_calls']);
    expect(dropped({ tools, parallel_tool_calls: true })).toBeUndefined();
    expect(dropped({ parallel_tool_calls: false })).toBeUndefined();
  });

  it('include web search, but not beside functions', () => {
    expect(nativeBody({ web_search_options: {} })['tools']).toEqual([{ googleSearch: {} }]);
    expect(dropped({ tools, web_search_options: {} })).toEqual(['web_search_options']);
    expect(dropped({ web_search_options: { search_context_size: 'low' } })).toEqual([
      'web_search_options.search_context_size',
    ]);
  });
});

describe('native options', () => {
  it('are merged last, provider_options over extra_body, either case of letters', () => {
    const body = nativeBody({
      temperature: 1,
      tools,
      reasoning_effort: 'high',
      extra_body: { google: { thinking_config: { thinking_budget: 7 }, labels: { a: 'b' } } },
      provider_options: {
        google: {
          generation_config: { temperature: 0.1, mediaResolution: 'MEDIA_RESOLUTION_LOW' },
          tools: [{ urlContext: {} }],
        },
        anthropic: { top_k: 1 },
      },
    });
    expect(body).toMatchObject({
      labels: { a: 'b' },
      generationConfig: {
        temperature: 0.1,
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
        thinkingConfig: { thinkingBudget: 7, includeThoughts: true },
      },
    });
    expect(body['tools']).toHaveLength(2);
    expect(body['extra_body']).toBeUndefined();
  });

  it.each([
    [
      'contents',
      { contents: [{ role: 'user', parts: [{ fileData: { fileUri: 'https://e.example/a.mp4' } }] }] },
      'contents',
    ],
    ['a system text', { system_instruction: { parts: [{ text: 'x' }] } }, 'systemInstruction'],
    ['cached contents, which all accounts share', { cached_content: 'cachedContents/1' }, 'cachedContent'],
    ['sound as output', { generationConfig: { responseModalities: ['AUDIO'] } }, 'generationConfig.responseModalities'],
    [
      'a model in a config',
      { generationConfig: { thinkingConfig: { model: 'x' } } },
      'generationConfig.thinkingConfig.model',
    ],
    ['a model in a short config', { thinking_config: { model: 'x' } }, 'generationConfig.thinkingConfig.model'],
    [
      'a tool that is not known',
      { tools: [{ urlContext: {} }, { mcpServers: [{ url: 'x' }] }] },
      'tools[1].mcpServers',
    ],
    ['anything else', { madeUp: 1 }, 'madeUp'],
  ])('can not hold %s', (_, google, path) => {
    const error = { status: 400, code: 'unsupported_parameter' };
    expect(failure({ provider_options: { google } })).toMatchObject({
      ...error,
      param: `provider_options.google.${path}`,
    });
    expect(failure({ extra_body: { google } })).toMatchObject({ ...error, param: `extra_body.google.${path}` });
  });

  it('replace a level by a budget rather than send both', () => {
    const google = { thinkingConfig: { thinkingBudget: 5 } };
    expect(config({ reasoning_effort: 'low', provider_options: { google } }, { model: 'gemini-3-flash' })).toEqual({
      thinkingConfig: { thinkingBudget: 5, includeThoughts: true },
    });
  });

  it('do not rename what belongs to the client', () => {
    const schema = { properties: { snake_case: { type: 'string' } } };
    const google = { generation_config: { response_json_schema: schema } };
    expect(config({ provider_options: { google } })).toEqual({ responseJsonSchema: schema });
  });

  it.each([4096, '4096', null, 0, -1])('can not raise the output limit (to %j)', (limit) => {
    const google = { generation_config: { max_output_tokens: limit } };
    expect(config({ provider_options: { google } }, { maxOutputTokens: 100 })).toEqual({ maxOutputTokens: 100 });
  });

  it('can lower the output limit', () => {
    const google = { generationConfig: { maxOutputTokens: 10 } };
    expect(config({ provider_options: { google } }, { maxOutputTokens: 100 })).toEqual({ maxOutputTokens: 10 });
  });

  it('can not take the output limit away with the whole config', () => {
    const google = { generationConfig: null };
    expect(config({ provider_options: { google } }, { maxOutputTokens: 100 })).toEqual({ maxOutputTokens: 100 });
  });

  it.each([{ candidateCount: 2 }, { candidate_count: 8 }, 'x'])(
    'can not ask for several candidates: %j',
    (generationConfig) => {
      expect(failure({ provider_options: { google: { generationConfig } } })).toMatchObject({ status: 400 });
    },
  );

  it('pass safety settings on', () => {
    const settings = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }];
    expect(nativeBody({ safety_settings: settings })['safetySettings']).toEqual(settings);
    expect(nativeBody({})['safetySettings']).toBeUndefined();
    expect(failure({ safety_settings: 'off' })).toEqual({
      code: 'invalid_type',
      status: 400,
      param: 'safety_settings',
    });
  });

  it.each([
    ['auto', undefined],
    ['default', undefined],
    ['flex', 'flex'],
  ])('take the service tier %s as %s', (tier, expected) => {
    expect(nativeBody({ service_tier: tier })['serviceTier']).toBe(expected);
    expect(dropped({ service_tier: tier })).toBeUndefined();
  });

  it.each(['scale', 'priority'])('report the service tier %s, which Google has not or charges more for', (tier) => {
    expect(dropped({ service_tier: tier })).toEqual(['service_tier']);
    const options = {
      provider_options: { google: { service_tier: tier } },
      extra_body: { google: { serviceTier: tier } },
    };
    expect(nativeBody({ service_tier: 'flex', ...options })['serviceTier']).toBe('flex');
  });
});

describe('what the model does not support', () => {
  it('is named under the policy warn and left out silently under the policy drop', () => {
    const request = { user: 'u', verbosity: 'low', logit_bias: { 1: 5 }, repetition_penalty: 1.1, store: true };
    expect(dropped(request)).toEqual(['user', 'verbosity', 'logit_bias', 'repetition_penalty', 'store']);
    expect(dropped(request, { unsupported: 'drop' })).toBeUndefined();
  });

  it('is refused under the policy error', () => {
    expect(failure({ logit_bias: { 1: 5 } }, { unsupported: 'error' })).toEqual({
      code: 'unsupported_parameter',
      status: 400,
      param: 'logit_bias',
    });
  });

  it.each([{ store: false }, { metadata: {} }, { logit_bias: {} }, { user: null }])(
    'is not reported for %j',
    (request) => {
      expect(dropped(request, { unsupported: 'error' })).toBeUndefined();
    },
  );

  it('is named inside extra_body too', () => {
    expect(dropped({ extra_body: { google: {}, top_a: 1 } })).toEqual(['extra_body.top_a']);
  });

  it('is never named by a name that a header can not carry', () => {
    expect(dropped({ 'x\r\nset-cookie: a': 1 })).toEqual(['unknown']);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ n: 2 }, 'n'],
    [{ modalities: ['text', 'audio'], audio: { voice: 'a' } }, 'modalities[1]'],
    [{ tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type'],
    [{ tools, tool_choice: { type: 'custom', custom: { name: 'x' } } }, 'tool_choice'],
    [{ tools, tool_choice: { type: 'function', function: { name: 'nope' } } }, 'tool_choice'],
    [{ functions: [WEATHER], function_call: { name: 'nope' } }, 'function_call'],
    [{ response_format: { type: 'grammar' } }, 'response_format.type'],
  ])('is refused under every policy where the meaning would change: %j', (request, param) => {
    expect(failure(request, { unsupported: 'drop' })).toMatchObject({ status: 400, param });
  });
});
