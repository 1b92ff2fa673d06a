import { Ajv } from 'ajv';
import { closed, everySchema, listOf, OBJECT, TEXT } from './json-rules.js';

const cacheControl = closed(['type'], { type: { const: 'ephemeral' }, ttl: { enum: ['5m', '1h'] } });
const said = { type: 'string', pattern: '\\S' };
const base64 = { type: 'string', pattern: '^[A-Za-z0-9+/]+=*$' };
const url = { type: 'string', pattern: '^https?://' };
const id = { type: 'string', pattern: '^[a-zA-Z0-9_-]+$' };
const name = { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,128}$' };
const block = (type: string, required: string[], properties: object) =>
  closed(['type', ...required], { type: { const: type }, cache_control: cacheControl, ...properties });

const text = block('text', ['text'], { text: said, citations: { type: ['array', 'null'] } });
const image = block('image', ['source'], {
  source: {
    anyOf: [
      closed(['type', 'media_type', 'data'], {
        type: { const: 'base64' },
        media_type: { enum: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] },
        data: base64,
      }),
      closed(['type', 'url'], { type: { const: 'url' }, url }),
    ],
  },
});
const document = block('document', ['source'], {
  source: {
    anyOf: [
      closed(['type', 'media_type', 'data'], {
        type: { const: 'base64' },
        media_type: { const: 'application/pdf' },
        data: base64,
      }),
      closed(['type', 'media_type', 'data'], {
        type: { const: 'text' },
        media_type: { const: 'text/plain' },
        data: TEXT,
      }),
      closed(['type', 'url'], { type: { const: 'url' }, url }),
    ],
  },
  title: { type: ['string', 'null'] },
  context: { type: ['string', 'null'] },
  citations: closed([], { enabled: { type: 'boolean' } }),
});
const toolUse = block('tool_use', ['id', 'name', 'input'], { id, name, input: OBJECT, caller: OBJECT });
const toolResult = block('tool_result', ['tool_use_id'], {
  tool_use_id: id,
  is_error: { type: 'boolean' },
  content: { anyOf: [TEXT, listOf({ anyOf: [text, image, document] })] },
});
const thinking = closed(['type', 'thinking', 'signature'], {
  type: { const: 'thinking' },
  thinking: TEXT,
  signature: TEXT,
});
const redacted = closed(['type', 'data'], { type: { const: 'redacted_thinking' }, data: TEXT });

const message = (role: string, blocks: object[]) =>
  closed(['role', 'content'], { role: { const: role }, content: { anyOf: [said, listOf({ anyOf: blocks }, 1)] } });

const tool = closed(['name', 'input_schema'], {
  type: { const: 'custom' },
  name,
  description: TEXT,
  input_schema: { type: 'object', required: ['type'], properties: { type: { const: 'object' } } },
  strict: { type: 'boolean' },
  eager_input_streaming: { type: ['boolean', 'null'] },
  defer_loading: { type: 'boolean' },
  cache_control: cacheControl,
});
const parallel = { disable_parallel_tool_use: { type: 'boolean' } };
const display = { display: { enum: ['summarized', 'omitted'] } };

/** The body of a request. Source: the types of `@anthropic-ai/sdk`, `MessageCreateParams` and what they name. */
const request = closed(['model', 'messages', 'max_tokens'], {
  model: TEXT,
  max_tokens: { type: 'integer', minimum: 1 },
  messages: listOf(
    {
      anyOf: [
        message('user', [text, image, document, toolResult]),
        message('assistant', [text, thinking, redacted, toolUse]),
      ],
    },
    1,
  ),
  system: { anyOf: [TEXT, listOf(text)] },
  cache_control: cacheControl,
  metadata: closed([], { user_id: { type: 'string', maxLength: 256 } }),
  output_config: closed([], {
    effort: { enum: ['low', 'medium', 'high', 'xhigh', 'max'] },
    format: closed(['type', 'schema'], { type: { const: 'json_schema' }, schema: OBJECT }),
  }),
  service_tier: { enum: ['auto', 'standard_only'] },
  stop_sequences: listOf(said),
  stream: { type: 'boolean' },
  temperature: { type: 'number', minimum: 0, maximum: 1 },
  top_p: { type: 'number', minimum: 0, maximum: 1 },
  top_k: { type: 'integer', minimum: 0 },
  thinking: {
    anyOf: [
      closed(['type', 'budget_tokens'], {
        type: { const: 'enabled' },
        budget_tokens: { type: 'integer', minimum: 1_024 },
        ...display,
      }),
      closed(['type'], { type: { const: 'adaptive' }, ...display }),
      closed(['type'], { type: { const: 'disabled' } }),
    ],
  },
  tool_choice: {
    anyOf: [
      closed(['type'], { type: { enum: ['auto', 'any'] }, ...parallel }),
      closed(['type'], { type: { const: 'none' } }),
      closed(['type', 'name'], { type: { const: 'tool' }, name, ...parallel }),
    ],
  },
  tools: listOf(tool),
});

const validate = new Ajv({ strict: false, allErrors: false }).compile(request);

type Body = Readonly<Record<string, unknown>>;
const list = (value: unknown) => (Array.isArray(value) ? value : []) as Body[];

/** Keywords of schemas that are enforced. Source: Anthropic docs, structured outputs, "JSON Schema limitations". */
const KEYWORDS = new Set([
  ...['type', 'title', 'description', 'enum', 'const', 'required', 'default', 'properties', 'items', 'anyOf', 'allOf'],
  ...['$ref', '$defs', 'definitions', 'additionalProperties', 'minItems', 'format'],
]);

/** What is wrong with a schema that is enforced; undefined: nothing. */
export function enforcedSchemaProblem(schema: unknown): string | undefined {
  let problem: string | undefined;
  everySchema(schema, (inner) => {
    for (const keyword in inner) if (!KEYWORDS.has(keyword)) problem ??= `schemas do not support '${keyword}'`;
    if (inner['type'] === 'object' && inner['additionalProperties'] !== false)
      problem ??= 'an object that is not closed';
    if (inner['minItems'] !== undefined && Number(inner['minItems']) > 1) problem ??= 'minItems above 1';
  });
  return problem;
}

/** Source: the error "input_schema does not support oneOf, allOf, or anyOf at the top level". */
export function inputSchemaProblem(schema: Body): string | undefined {
  if (schema['type'] !== 'object') return 'input_schema.type: Field required';
  const root = ['$ref', 'anyOf', 'oneOf', 'allOf'].find((keyword) => keyword in schema);
  return root && `input_schema does not support ${root} at the top level`;
}

/**
 * What Anthropic would refuse in a body beside the order of its blocks; undefined: nothing. Sources: Anthropic docs, messages,
 * tool use, prompt caching, extended and adaptive thinking, migration guides of Claude 4.6 to 5.
 *
 * @param betas the header `anthropic-beta`: fields of a beta are unknown without its name
 */
export function anthropicProblem(sent: Body, betas = ''): string | undefined {
  const caching = cacheProblem(sent);
  if (caching !== undefined) return caching;
  const body = withoutBetas(sent, betas);
  // of a union the error of the branch that fits best is the last but its own
  if (!validate(body))
    return JSON.stringify(
      validate.errors?.filter(({ keyword }) => keyword !== 'const' && keyword !== 'anyOf').slice(0, 3),
    );
  const tools = list(body['tools']);
  for (const { input_schema: schema, strict } of tools) {
    const problem = inputSchemaProblem(schema as Body) ?? (strict === true ? enforcedSchemaProblem(schema) : undefined);
    if (problem !== undefined) return problem;
  }
  if (new Set(tools.map(({ name }) => name)).size < tools.length) return 'Tool names must be unique.';
  const format = (body['output_config'] as Body | undefined)?.['format'] as Body | undefined;
  const problem = format && enforcedSchemaProblem(format['schema']);
  if (problem !== undefined) return problem;
  if (body['tool_choice'] !== undefined && tools.length === 0) return 'tool_choice may only be specified with tools';
  if (tools.length === 0 && /"type":"tool_(?:use|result)"/.test(JSON.stringify(body['messages']))) {
    return 'Requests which include tool_use or tool_result blocks must define tools.';
  }
  return thinkingProblem(body) ?? familyProblem(body);
}

const EDITS = closed(['edits'], {
  edits: listOf({ type: 'object', required: ['type'], properties: { type: { pattern: '^(?:clear|compact)_' } } }),
});
const validateEdits = new Ajv({ strict: false }).compile(EDITS);

/** The body without what the named betas add to it. Source: Anthropic docs, context editing, mid-conversation system messages. */
function withoutBetas(body: Body, betas: string): Body {
  const { context_management: management, ...rest } = body;
  const edits = /(?:^|,)(?:context-management|compact)-/.test(betas) && (!management || validateEdits(management));
  const messages = list(body['messages']);
  const system =
    betas.includes('mid-conversation-system-') && /opus-4-8|(?:opus|fable|mythos)-5/.test(String(body['model']));
  return {
    ...(edits ? rest : body),
    ...(system && { messages: messages.filter(({ role }, index) => role !== 'system' || index === 0) }),
  };
}

/** At most four places are marked, and none longer than one before it: tools, then system, then messages. */
function cacheProblem(body: Body): string | undefined {
  const ordered = JSON.stringify([body['tools'], body['system'], body['messages']]);
  const marks = [...ordered.matchAll(/"cache_control":(\{[^{}]*\})/g)].map(([, mark = '']) => JSON.parse(mark) as Body);
  if (marks.length > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks.length}.`;
  const hours = marks.map(({ ttl }) => ttl === '1h');
  return hours.lastIndexOf(true) > hours.indexOf(false) && hours.includes(false)
    ? "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block"
    : undefined;
}

function thinkingProblem(body: Body): string | undefined {
  const thinking = body['thinking'] as Body | undefined;
  if (thinking === undefined || thinking['type'] === 'disabled') return undefined;
  if (Number(thinking['budget_tokens'] ?? 0) >= Number(body['max_tokens']))
    return 'max_tokens must be above the budget';
  if (body['temperature'] !== undefined && body['temperature'] !== 1) return 'temperature with thinking';
  if (body['top_k'] !== undefined) return 'top_k with thinking';
  const choice = (body['tool_choice'] as Body | undefined)?.['type'];
  if (choice === 'any' || choice === 'tool') return 'Thinking may not be enabled when tool_choice forces tool use.';
  return undefined;
}

function familyProblem(body: Body): string | undefined {
  const model = String(body['model']);
  const newest = /opus-4-[78]|(?:opus|sonnet|fable|mythos)-5/.test(model);
  const ends = list(body['messages']).at(-1)?.['role'];
  if ((newest || /4-6/.test(model)) && ends !== 'user') return 'This model does not support assistant message prefill.';
  if (!newest) return undefined;
  const sampling = ['temperature', 'top_p', 'top_k'].find((field) => body[field] !== undefined);
  if (sampling !== undefined) return `${sampling} is not supported by this model`;
  const type = (body['thinking'] as Body | undefined)?.['type'];
  return type === 'enabled' ? 'thinking.type enabled is not supported by this model' : undefined;
}
