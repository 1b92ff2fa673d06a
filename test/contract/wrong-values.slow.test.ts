import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';

/** Each value of a full request, in each format, replaced by each of many wrong ones: by nothing, null, a number, a text, … */

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway({ refusedPerMinute: 1_000_000 }, { answer: () => ({ text: 'Yes.' }) });
});
afterAll(() => site.close());

const PNG = 'iVBORw0KGgo=';
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
/** A request of each format with all its fields; `MODEL` is the model's place. */
const BODIES: Readonly<Record<string, object>> = {
  'v1/chat/completions': {
    model: 'MODEL',
    messages: [
      { role: 'system', content: 'Rules.' },
      {
        role: 'user',
        name: 'n',
        content: [
          { type: 'text', text: 'Go.' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}`, detail: 'low' } },
        ],
      },
      {
        role: 'assistant',
        content: 'x',
        refusal: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'w', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'sun' },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'ok' }],
        reasoning_content: 'Hm.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Hm.', signature: 's', format: 'anthropic-claude-v1', index: 0 },
        ],
      },
      { role: 'user', content: 'More' },
    ],
    stream: false,
    stream_options: { include_usage: true },
    max_completion_tokens: 100,
    max_tokens: 100,
    temperature: 1,
    top_p: 1,
    n: 1,
    stop: ['a'],
    frequency_penalty: 0,
    presence_penalty: 0,
    logit_bias: { 5: 1 },
    logprobs: false,
    top_logprobs: 0,
    seed: 1,
    tools: [{ type: 'function', function: { name: 'w', description: 'd', parameters: SCHEMA, strict: false } }],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'a', description: 'd', schema: SCHEMA, strict: true },
    },
    reasoning_effort: 'low',
    verbosity: 'low',
    modalities: ['text'],
    metadata: { a: 'b' },
    store: false,
    service_tier: 'auto',
    user: 'u',
    safety_identifier: 's',
    prompt_cache_key: 'k',
    top_k: 5,
  },
  'v1/messages': {
    model: 'MODEL',
    max_tokens: 4000,
    system: [{ type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral', ttl: '5m' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Go.' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
          {
            type: 'document',
            title: 'T',
            context: 'c',
            source: { type: 'text', media_type: 'text/plain', data: 'Doc.' },
            citations: { enabled: false },
          },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'x' },
          { type: 'tool_use', id: 'toolu_1', name: 'w', input: { city: 'Bern' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'sun' }], is_error: false },
          { type: 'text', text: 'And?' },
        ],
      },
      { role: 'assistant', content: 'ok' },
      {
        role: 'user',
        content: [
          { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'found' }] },
          { type: 'text', text: 'More' },
        ],
      },
    ],
    stream: false,
    temperature: 1,
    top_p: 1,
    top_k: 5,
    stop_sequences: ['a'],
    thinking: { type: 'enabled', budget_tokens: 1024 },
    output_config: { effort: 'low', format: { type: 'json_schema', schema: SCHEMA } },
    tools: [{ name: 'w', description: 'd', input_schema: SCHEMA, strict: false }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: false },
    metadata: { user_id: 'u' },
    service_tier: 'auto',
  },
  'v1/responses': {
    model: 'MODEL',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Go.' },
          { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'low' },
        ],
      },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'x' },
      { type: 'function_call', call_id: 'c1', name: 'w', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'sun' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'p', input: 'x' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'sun' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'ok', annotations: [] }] },
      { role: 'user', content: 'More' },
    ],
    instructions: 'Rules.',
    stream: false,
    max_output_tokens: 100,
    temperature: 1,
    top_p: 1,
    top_logprobs: 0,
    tools: [
      { type: 'function', name: 'w', description: 'd', parameters: SCHEMA, strict: false },
      { type: 'custom', name: 'p', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
      { type: 'namespace', name: 'ns', description: 'd', tools: [{ type: 'function', name: 'i', parameters: SCHEMA }] },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    text: {
      verbosity: 'low',
      format: { type: 'json_schema', name: 'a', schema: SCHEMA, strict: true, description: 'd' },
    },
    reasoning: { effort: 'low', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    metadata: { a: 'b' },
    store: false,
    stream_options: { include_obfuscation: false },
    service_tier: 'auto',
    truncation: 'auto',
    user: 'u',
    safety_identifier: 's',
    prompt_cache_key: 'k',
    client_metadata: { a: 'b' },
  },
  'v1beta/models/MODEL:generateContent': {
    contents: [
      { role: 'user', parts: [{ text: 'Go.' }, { inlineData: { mimeType: 'image/png', data: PNG } }] },
      {
        role: 'model',
        parts: [
          { text: 'x', thought: true, thoughtSignature: 'QUJD' },
          { functionCall: { id: 'c1', name: 'w', args: { city: 'Bern' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              id: 'c1',
              name: 'w',
              response: { output: 'sun' },
              parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }],
            },
          },
        ],
      },
      { role: 'model', parts: [{ text: 'ok' }] },
      { role: 'user', parts: [{ text: 'More' }] },
    ],
    systemInstruction: { role: 'system', parts: [{ text: 'Rules.' }] },
    tools: [
      {
        functionDeclarations: [
          {
            name: 'w',
            description: 'd',
            parameters: {
              type: 'OBJECT',
              properties: { a: { type: 'STRING', nullable: true, minLength: '1', enum: ['x'] } },
            },
          },
        ],
      },
    ],
    toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['w'] } },
    safetySettings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }],
    generationConfig: {
      maxOutputTokens: 100,
      candidateCount: 1,
      temperature: 1,
      topP: 1,
      topK: 5,
      seed: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      stopSequences: ['a'],
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } } },
      responseLogprobs: false,
      responseModalities: ['TEXT'],
      thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
    },
  },
};
const WRONG: readonly unknown[] = [
  ...[undefined, null, true, 5, -1, 1.5, 1e308, 2 ** 60, '', 'zzz', '\ud800'],
  ...[[], [null], [5], ['zzz'], {}, { zzz: 1 }],
];

type Path = readonly (string | number)[];

/** The paths of all values in a value. */
function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    return [path, ...pathsIn(inner, path)];
  });
}

/** A copy with another value at a path; undefined leaves it out. */
function withValue(body: object, path: Path, value: unknown): object {
  const copy = JSON.parse(JSON.stringify(body)) as object;
  let holder = copy as Record<string | number, unknown>;
  for (const name of path.slice(0, -1)) holder = holder[name] as typeof holder;
  holder[path.at(-1) as string] = value;
  return copy;
}

async function ask(route: string, model: string, body: object) {
  const before = site.upstream.requests.length;
  const response = await site.gateway.fetch(
    new Request(`http://gateway/${route.replace('MODEL', model)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': site.key },
      body: JSON.stringify(body).replace('"MODEL"', JSON.stringify(model)),
    }),
  );
  const text = await response.text();
  return { status: response.status, text, wasSent: site.upstream.requests.length > before };
}

describe.each(Object.entries(BODIES))('a wrong value at %s', (route, body) => {
  it.each(['gpt', 'claude', 'gemini', 'deepseek'])(
    'is refused by its name for %s, or means what is left',
    async (model) => {
      expect(await ask(route, model, body)).toMatchObject({ status: 200, wasSent: true });
      for (const path of pathsIn(body)) {
        for (const value of WRONG) {
          const { status, text, wasSent } = await ask(route, model, withValue(body, path, value));
          const said = `${path.join('.')} = ${JSON.stringify(value)}: ${text}`;
          // An unknown model is not found.
          expect([200, 400, 404], said).toContain(status);
          if (status !== 400) continue;
          expect(wasSent, said).toBe(false);
          expect(text, said).toContain(String(path[0]));
        }
      }
    },
    300_000,
  );
});
