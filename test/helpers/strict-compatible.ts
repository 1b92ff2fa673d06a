/** What a provider's published schema has. */
export interface PublishedSchema {
  readonly fields: readonly string[];
  /** Message fields beside `role` and `content`, by role. */
  readonly messages: Readonly<Record<string, readonly string[]>>;
  /** Types of content parts by role; a role without a list takes text alone. */
  readonly parts: Readonly<Record<string, readonly string[]>>;
  /** Ids of tool calls; absent: any. */
  readonly ids?: RegExp;
  /** Fields of a tool call beside its id, type and function. */
  readonly call?: readonly string[];
  /** Types of tools. */
  readonly tools: readonly string[];
  /** Values of fields, where the schema lists them. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>;
  /** True where parts may be marked for the cache. */
  readonly cacheControl?: boolean;
  /** True where a tool call must come back with what was thought before it. */
  readonly wantsReasoning?: boolean;
}

const COMMON = ['model', 'messages', 'stream', 'temperature', 'top_p', 'tools', 'tool_choice', 'response_format'];
const PENALTIES = ['frequency_penalty', 'presence_penalty'];
const NAMED = { system: ['name'], user: ['name'], tool: ['tool_call_id'] };

/**
 * Sources: the types that the providers publish, `@mistralai/mistralai` 2.7.0, `groq-sdk` 1.6.0, `@cerebras/cerebras_cloud_sdk`
 * 1.91.0, `together-ai` 0.52.0, `@openrouter/sdk` 1.3.19; DeepSeek's API docs, "Create Chat Completion" and "Thinking Mode";
 * `ChatCompletionRequest` of ollama/ollama; docs.x.ai and docs.fireworks.ai, API reference.
 */
export const PUBLISHED_SCHEMAS: Readonly<Record<string, PublishedSchema>> = {
  mistral: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_tokens', 'stop', 'random_seed', 'metadata', 'n', 'prediction'],
      ...['parallel_tool_calls', 'reasoning_effort', 'prompt_mode', 'guardrails', 'prompt_cache_key'],
      ...['service_tier', 'safe_prompt'],
    ],
    messages: { system: [], user: [], assistant: ['tool_calls', 'prefix'], tool: ['tool_call_id', 'name'] },
    parts: {
      system: ['text', 'thinking'],
      user: ['text', 'image_url', 'document_url', 'input_audio', 'file', 'reference'],
      assistant: ['text', 'thinking', 'reference'],
      tool: ['text', 'image_url', 'document_url', 'file', 'reference'],
    },
    ids: /^[a-zA-Z0-9]{9}$/,
    call: ['index'],
    tools: [
      ...['function', 'web_search', 'web_search_premium', 'code_interpreter', 'image_generation'],
      ...['document_library', 'connector'],
    ],
    values: { tool_choice: ['auto', 'none', 'any', 'required'], reasoning_effort: ['none', 'high'] },
  },
  groq: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_completion_tokens', 'max_tokens', 'stop', 'logit_bias', 'logprobs'],
      ...['top_logprobs', 'n', 'seed', 'metadata', 'store', 'user', 'parallel_tool_calls', 'reasoning_effort'],
      ...['service_tier', 'citation_options', 'compound_custom', 'disable_tool_validation', 'documents'],
      ...['include_reasoning', 'reasoning_format', 'search_settings'],
    ],
    messages: { ...NAMED, developer: ['name'], assistant: ['name', 'tool_calls', 'reasoning', 'function_call'] },
    parts: {
      system: ['text'],
      developer: ['text'],
      user: ['text', 'image_url', 'document'],
      assistant: ['text'],
      tool: ['text', 'image_url', 'document'],
    },
    tools: ['function', 'browser_search', 'code_interpreter'],
    values: {
      reasoning_effort: ['none', 'default', 'low', 'medium', 'high'],
      service_tier: ['auto', 'on_demand', 'flex', 'performance'],
    },
  },
  deepseek: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_tokens', 'stop', 'thinking', 'reasoning_effort', 'logprobs'],
      ...['top_logprobs', 'stream_options'],
    ],
    messages: { ...NAMED, assistant: ['name', 'tool_calls', 'reasoning_content', 'prefix'] },
    parts: {},
    tools: ['function'],
    values: { response_format: ['text', 'json_object'], reasoning_effort: ['low', 'high', 'max'] },
    wantsReasoning: true,
  },
  cerebras: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_completion_tokens', 'max_tokens', 'stop', 'logit_bias', 'logprobs'],
      ...['top_logprobs', 'n', 'seed', 'user', 'parallel_tool_calls', 'prediction', 'prompt_cache_key'],
      ...['reasoning_effort', 'reasoning_format', 'service_tier', 'stream_options', 'clear_thinking'],
      ...['disable_reasoning', 'min_tokens', 'min_completion_tokens'],
    ],
    messages: {
      ...NAMED,
      developer: ['name'],
      assistant: ['name', 'tool_calls', 'reasoning'],
      tool: ['tool_call_id', 'name'],
    },
    parts: { system: ['text'], developer: ['text'], user: ['text', 'image_url'], assistant: ['text'], tool: ['text'] },
    call: ['index'],
    tools: ['function'],
    values: { reasoning_effort: ['none', 'low', 'medium', 'high'] },
  },
  xai: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_completion_tokens', 'max_tokens', 'stop', 'logit_bias', 'logprobs'],
      ...[
        'top_logprobs',
        'n',
        'seed',
        'user',
        'parallel_tool_calls',
        'reasoning_effort',
        'service_tier',
        'stream_options',
      ],
    ],
    messages: { ...NAMED, assistant: ['name', 'tool_calls', 'reasoning_content'] },
    parts: { system: ['text'], user: ['text', 'image_url', 'file'], assistant: ['text'], tool: ['text'] },
    tools: ['function'],
    values: { reasoning_effort: ['none', 'low', 'medium', 'high', 'xhigh'] },
  },
  together: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_tokens', 'stop', 'logit_bias', 'logprobs', 'n', 'seed'],
      ...['reasoning_effort', 'reasoning', 'stream_options', 'min_p', 'top_k', 'repetition_penalty', 'echo'],
    ],
    messages: {
      ...NAMED,
      assistant: ['name', 'tool_calls', 'reasoning', 'reasoning_content'],
      tool: ['tool_call_id', 'name'],
    },
    parts: { user: ['text', 'image_url', 'video_url', 'audio_url', 'input_audio'] },
    tools: ['function'],
    values: { reasoning_effort: ['low', 'medium', 'high'] },
  },
  fireworks: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_tokens', 'max_completion_tokens', 'stop', 'logit_bias', 'logprobs'],
      ...['top_logprobs', 'n', 'seed', 'user', 'parallel_tool_calls', 'reasoning_effort', 'stream_options', 'metadata'],
      ...['prediction', 'prompt_cache_key', 'thinking', 'reasoning_history', 'top_k', 'min_p', 'repetition_penalty'],
    ],
    messages: { ...NAMED, assistant: ['name', 'tool_calls', 'reasoning_content'], tool: ['tool_call_id', 'name'] },
    parts: { system: ['text'], user: ['text', 'image_url', 'video_url'], assistant: ['text'], tool: ['text'] },
    tools: ['function'],
  },
  ollama: {
    fields: [
      ...[...COMMON.filter((name) => name !== 'tool_choice'), ...PENALTIES, 'max_tokens', 'stop', 'seed'],
      ...['logprobs', 'top_logprobs', 'reasoning_effort', 'reasoning', 'stream_options'],
    ],
    messages: {
      system: ['name'],
      user: ['name'],
      assistant: ['tool_calls', 'reasoning'],
      tool: ['tool_call_id', 'name'],
    },
    parts: { system: ['text'], user: ['text', 'image_url', 'video_url'], assistant: ['text'], tool: ['text'] },
    tools: ['function'],
    values: { reasoning_effort: ['none', 'low', 'medium', 'high'] },
  },
  openrouter: {
    fields: [
      ...[...COMMON, ...PENALTIES, 'max_tokens', 'max_completion_tokens', 'stop', 'logit_bias', 'logprobs'],
      ...['top_logprobs', 'n', 'seed', 'user', 'parallel_tool_calls', 'reasoning_effort', 'reasoning', 'metadata'],
      ...[
        'modalities',
        'prediction',
        'prompt_cache_key',
        'service_tier',
        'stream_options',
        'plugins',
        'top_k',
        'min_p',
      ],
      // what the schema does not have is passed on to the model's provider, or passed over
      ...['store', 'verbosity', 'safety_identifier'],
    ],
    messages: {
      ...NAMED,
      developer: ['name'],
      assistant: ['name', 'tool_calls', 'reasoning', 'reasoning_details', 'images', 'audio', 'refusal'],
    },
    parts: {
      system: ['text'],
      developer: ['text'],
      user: ['text', 'image_url', 'input_audio', 'video_url', 'file'],
      assistant: ['text', 'image_url'],
      tool: ['text', 'image_url'],
    },
    tools: ['function'],
    cacheControl: true,
  },
};

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** What a server that holds requests to a schema says of one; undefined: nothing. */
export function compatibleProblem(body: Fields, schema: PublishedSchema): string | undefined {
  for (const [name, value] of Object.entries(body)) {
    if (!schema.fields.includes(name)) return `the field ${name}`;
    const values = schema.values?.[name];
    const chosen = name === 'response_format' ? fieldsOf(value)['type'] : value;
    if (values && typeof chosen === 'string' && !values.includes(chosen)) return `${name}: ${chosen}`;
    if (value === null) return `null for ${name}`;
  }
  if (body['stream_options'] !== undefined && body['stream'] !== true) return 'stream_options without stream';
  for (const { type, function: definition } of listOf(body['tools'])) {
    if (!schema.tools.includes(String(type))) return `a tool of type ${type}`;
    if (type === 'function' && typeof fieldsOf(definition)['name'] !== 'string') return 'a function without a name';
  }
  const messages = listOf(body['messages']);
  for (const message of messages) {
    const problem = messageProblem(message, schema);
    if (problem !== undefined) return problem;
  }
  return pairProblem(messages, schema);
}

function messageProblem(message: Fields, schema: PublishedSchema): string | undefined {
  const role = String(message['role']);
  const known = schema.messages[role];
  if (known === undefined) return `the role ${role}`;
  for (const [name, value] of Object.entries(message)) {
    if (name === 'role' || name === 'content') continue;
    if (!known.includes(name)) return `${name} of ${role}`;
    if (value === null) return `null for ${name} of ${role}`;
  }
  const { content } = message;
  const calls = listOf(message['tool_calls']);
  if (content === undefined || (content === null && calls.length === 0)) return `${role} without content`;
  if (Array.isArray(content)) {
    const parts = schema.parts[role];
    if (parts === undefined) return `parts in ${role}`;
    for (const part of listOf(content)) {
      if (!parts.includes(String(part['type']))) return `${part['type']} in ${role}`;
      if ('cache_control' in part && !schema.cacheControl) return 'cache_control';
    }
  }
  for (const call of calls) {
    const extra = Object.keys(call).find((name) => !['id', 'type', 'function', ...(schema.call ?? [])].includes(name));
    if (extra !== undefined) return `${extra} of a call`;
    if (schema.ids && !schema.ids.test(String(call['id']))) return `the id ${call['id']}`;
  }
  const id = message['tool_call_id'];
  return schema.ids && id !== undefined && !schema.ids.test(String(id)) ? `the id ${id}` : undefined;
}

/** Every call has its result, and every result its call. */
function pairProblem(messages: readonly Fields[], schema: PublishedSchema): string | undefined {
  const open = new Set<unknown>();
  for (const message of messages) {
    if (message['role'] === 'tool') {
      if (!open.delete(message['tool_call_id'])) return 'a result without its call';
      continue;
    }
    if (open.size > 0) return 'a call without its result';
    const calls = listOf(message['tool_calls']);
    for (const { id } of calls) open.add(id);
    const place = message['reasoning_content'];
    if (schema.wantsReasoning && calls.length > 0 && (place === undefined || place === ''))
      return 'a call without its reasoning';
  }
  return open.size > 0 ? 'a call without its result' : undefined;
}
