/** A request that uses every known field, for making each of them wrong. */
export const RICH = {
  model: 'small',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      name: 'ann',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'A cat.' },
  ],
  stream: false,
  stream_options: { include_usage: true, include_obfuscation: false },
  max_completion_tokens: 100,
  max_tokens: 100,
  temperature: 1,
  top_p: 0.9,
  top_k: 10,
  n: 1,
  stop: ['END'],
  frequency_penalty: 0.1,
  presence_penalty: 0.1,
  logit_bias: { '50256': -1 },
  logprobs: false,
  top_logprobs: 0,
  seed: 7,
  tools: [
    {
      type: 'function',
      function: {
        name: 'look',
        description: 'Looks.',
        parameters: {
          type: 'object',
          properties: { at: { type: 'string', enum: ['it', 'that'] } },
          required: ['at'],
          additionalProperties: false,
        },
        strict: true,
      },
    },
  ],
  tool_choice: { type: 'function', function: { name: 'look' } },
  parallel_tool_calls: true,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 'cat', description: 'A cat.', schema: { type: 'object', properties: {} }, strict: true },
  },
  reasoning_effort: 'low',
  verbosity: 'low',
  modalities: ['text'],
  audio: { voice: 'alloy', format: 'wav' },
  prediction: { type: 'content', content: 'A cat.' },
  web_search_options: { search_context_size: 'low' },
  metadata: { a: 'b' },
  store: false,
  service_tier: 'auto',
  user: 'ann',
  safety_identifier: 'ann',
  prompt_cache_key: 'ann',
  functions: [{ name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } }],
  function_call: 'auto',
  provider_options: { anthropic: { top_k: 5 }, google: { labels: { a: 'b' } } },
};

/** What no field expects; each must be refused by name, or mean something. */
export const WRONG: readonly unknown[] = [
  null,
  true,
  7,
  -1,
  1.5,
  1e308,
  2 ** 53,
  'text',
  '',
  '\u0000\ud800\r\nx-evil: 1',
  'x'.repeat(10_000),
  [],
  [null],
  [[{}]],
  {},
  { type: 'object' },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
];

export type Path = readonly (string | number)[];

/** Every place in a value, the innermost ones included. */
export function placesIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const place = [...at, Array.isArray(value) ? Number(name) : name];
    return [place, ...placesIn(inner, place)];
  });
}

/** A copy of a value with something else at one place. */
export function withWrong(value: unknown, [name, ...rest]: Path, wrong: unknown): unknown {
  if (name === undefined) return wrong;
  if (Array.isArray(value)) return value.map((item, i) => (i === name ? withWrong(item, rest, wrong) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: withWrong(object[name], rest, wrong) };
}
