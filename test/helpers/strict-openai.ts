import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

type Fields = Readonly<Record<string, unknown>>;

const published = JSON.parse(readFileSync(new URL('../schemas/openai-routes.json', import.meta.url), 'utf8')) as {
  readonly $defs: Fields;
};

/** Objects take no fields beside their own: OpenAI answers an unknown one with 400. */
function closed(schema: unknown, isPart = false): unknown {
  if (Array.isArray(schema)) return schema.map((inner) => closed(inner, isPart));
  if (typeof schema !== 'object' || schema === null) return schema;
  const fields = schema as Fields;
  const inner = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (name === 'properties' || name === '$defs') {
        const entries = Object.entries(value as Fields).map(([key, each]) => [key, closed(each)]);
        return [name, Object.fromEntries(entries)];
      }
      if (name === 'enum' || name === 'const' || name === 'required') return [name, value];
      return [name, closed(value, name === 'allOf')];
    }),
  );
  const named = Object.keys((fields['properties'] ?? {}) as object).length > 0 || 'allOf' in fields;
  const isOpen = 'additionalProperties' in fields || isPart || !named;
  return isOpen ? inner : { ...inner, unevaluatedProperties: false };
}

const ajv = new Ajv2020({ strict: false, logger: false });
ajv.addSchema({ $id: 'openai', $defs: closed(published.$defs) as object });

/** Source: `ResponseCreateParams` of the `openai` package; what stands in `input` and `tools` is in the published schema. */
const RESPONSES_FIELDS = new Set([
  ...['model', 'input', 'instructions', 'max_output_tokens', 'metadata', 'parallel_tool_calls', 'prompt_cache_key'],
  ...['prompt_cache_options', 'prompt_cache_retention', 'reasoning', 'safety_identifier', 'service_tier', 'store'],
  ...['stream', 'stream_options', 'temperature', 'text', 'tool_choice', 'tools', 'top_logprobs', 'top_p'],
  ...['truncation', 'include', 'context_management', 'moderation', 'user'],
]);

/** What OpenAI would refuse in the fields of a chat request; undefined: nothing. */
export function chatFieldsProblem(body: Fields): string | undefined {
  // what an answer had comes back with it: the API takes it, though its schema does not have it
  const messages = list(body['messages']).map(({ annotations: _, ...message }) => message);
  return (
    problemBy('CreateChatCompletionRequest', { ...body, messages }) ??
    toolNamesProblem(list(body['tools']).map(definitionOf))
  );
}

/** What OpenAI would refuse in the fields of a responses request; undefined: nothing. */
export function responsesFieldsProblem(body: Fields): string | undefined {
  const unknown = Object.keys(body).find((name) => !RESPONSES_FIELDS.has(name));
  if (unknown !== undefined) return `Unknown parameter: '${unknown}'.`;
  for (const [index, item] of list(body['input']).entries()) {
    const problem = itemProblem(item);
    if (problem !== undefined) return `input[${index}]: ${problem}`;
  }
  for (const tool of list(body['tools'])) {
    const problem = problemBy('Tool', tool);
    if (problem !== undefined) return `tools: ${problem}`;
  }
  return toolNamesProblem(list(body['tools']));
}

/** Types of items whose fields are checked, by the definition that the published schema has of them. */
const ITEMS: Readonly<Record<string, string>> = {
  function_call: 'FunctionToolCall',
  function_call_output: 'FunctionCallOutputItemParam',
  custom_tool_call: 'CustomToolCall',
  reasoning: 'ReasoningItem',
  compaction: 'CompactionSummaryItemParam',
  item_reference: 'ItemReferenceParam',
};

/** Source: the error "Expected an ID that begins with 'fc'." of the Responses API. */
const PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  reasoning: 'rs',
};

function itemProblem(item: Fields): string | undefined {
  const { type = 'message', id, call_id: callId } = item as Readonly<Record<string, string | undefined>>;
  const prefix = PREFIXES[type];
  if (typeof id === 'string' && prefix !== undefined && !id.startsWith(prefix)) return `id: begins with '${prefix}'`;
  if (typeof id === 'string' && id.length > 64) return 'id: longer than 64';
  if (typeof callId === 'string' && (callId.length > 64 || callId === '')) return 'call_id: 1 to 64 characters';
  if (type === 'message') return messageProblem(item);
  const definition = ITEMS[type];
  return definition === undefined ? undefined : problemBy(definition, item);
}

const INPUT = new Set(['input_text', 'input_image', 'input_file']);
const OUTPUT = new Set(['output_text', 'refusal']);

function messageProblem({ role, content }: Fields): string | undefined {
  if (!['user', 'assistant', 'system', 'developer'].includes(String(role))) return `role ${role}`;
  if (typeof content === 'string') return undefined;
  const kinds = role === 'assistant' ? OUTPUT : INPUT;
  const wrong = list(content).find(({ type }) => !kinds.has(String(type)));
  if (wrong !== undefined) return `${wrong['type']} in a message of ${role}`;
  return Array.isArray(content) ? undefined : 'content';
}

function toolNamesProblem(tools: readonly Fields[]): string | undefined {
  const names = tools.map(({ name }) => name).filter((name) => name !== undefined);
  const wrong = names.find((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(String(name)));
  if (wrong !== undefined) return `the name of the tool ${wrong}`;
  return new Set(names).size < names.length ? 'two tools of one name' : undefined;
}

function definitionOf(tool: Fields): Fields {
  return (tool['function'] ?? tool['custom'] ?? {}) as Fields;
}

function problemBy(definition: string, value: unknown): string | undefined {
  const validate = ajv.getSchema(`openai#/$defs/${definition}`) as ValidateFunction | undefined;
  if (!validate) throw new Error(`no schema ${definition}`);
  if (validate(value)) return undefined;
  const reasons = validate.errors?.filter(({ keyword }) => keyword !== 'const' && keyword !== 'enum').slice(-4);
  return reasons
    ?.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join('; ');
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}
