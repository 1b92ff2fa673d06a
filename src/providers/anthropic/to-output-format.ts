import type { ChatRequest } from '../../openai-api/chat-request.js';
import { isNoObject } from '../object-schema.js';
import type { JsonObject, MessagesRequest, NativeTool } from './api.js';
import { claudeFamily } from './families.js';
import { cleanSchema } from './json-schema.js';
import { isEnforceable } from './strict-limits.js';
import { toInputSchema } from './to-tools.js';

const JSON_HINT = 'Answer with a single valid JSON object and nothing else: no explanation and no Markdown fence.';
const SCHEMA_HINT =
  'Answer with a single valid JSON value and nothing else, no explanation and no Markdown fence. Its JSON Schema:';

/**
 * The name of the tool that stands in for structured output at models that have none of their own, and for schemas that
 * are more than Anthropic enforces; undefined when nothing stands in, as for a list, which is no tool's input. The answer's
 * call of this tool is the answer's content.
 *
 * A tool choice that forces another call wins, as it does at OpenAI: there is no content to structure then.
 */
export function jsonToolName(request: ChatRequest, model: string): string | undefined {
  const schema = schemaOf(request);
  if (schema === undefined || forcesCall(request) || isNoObject(schema)) return undefined;
  if (claudeFamily(model).structuredOutput && isEnforceable(schema)) return undefined;
  const names = new Set<string>();
  for (const tool of request.tools ?? []) if (tool.type === 'function') names.add(tool.function.name);
  for (const definition of request.functions ?? []) names.add(definition.name);
  let name = 'json';
  while (names.has(name)) name += '_response';
  return name;
}

/**
 * `response_format`: native where the model has it, else the stand-in tool, else (no schema, or that of a list) a hint in the
 * system text.
 * Source: Anthropic docs, structured outputs; tool use, forcing tool use.
 */
export function applyOutputFormat(body: MessagesRequest, request: ChatRequest): void {
  const format = request.response_format;
  if (format === undefined || format.type === 'text') return;
  const schema = schemaOf(request);
  if (schema === undefined) {
    addHint(body, JSON_HINT);
    return;
  }
  const toolName = jsonToolName(request, body.model);
  if (toolName !== undefined) {
    const description = format.type === 'json_schema' ? format.json_schema.description : undefined;
    addJsonTool(body, {
      name: toolName,
      description: description || 'Gives the answer. Call it once, with the whole answer.',
      input_schema: toInputSchema(schema),
    });
  } else if (claudeFamily(body.model).structuredOutput && isEnforceable(schema)) {
    body.output_config = { ...body.output_config, format: { type: 'json_schema', schema: cleanSchema(schema) } };
  } else if (isNoObject(schema)) addHint(body, `${SCHEMA_HINT} ${JSON.stringify(schema)}`);
}

function schemaOf(request: ChatRequest): JsonObject | undefined {
  const format = request.response_format;
  return format?.type === 'json_schema' ? (format.json_schema.schema ?? undefined) : undefined;
}

function forcesCall({ tool_choice: choice, function_call: call, tools, functions }: ChatRequest): boolean {
  if (typeof call === 'object' && functions?.length && !tools?.length) return true;
  if (choice === undefined || !tools?.length) return false;
  if (typeof choice === 'string') return choice === 'required';
  return choice.type !== 'allowed_tools' || choice.allowed_tools.mode === 'required';
}

function addJsonTool(body: MessagesRequest, tool: NativeTool): void {
  const othersAllowed = (body.tools?.length ?? 0) > 0 && body.tool_choice?.type !== 'none';
  body.tools = [...(body.tools ?? []), tool];
  body.tool_choice = othersAllowed
    ? { type: 'any', disable_parallel_tool_use: true }
    : { type: 'tool', name: tool.name, disable_parallel_tool_use: true };
}

function addHint(body: MessagesRequest, text: string): void {
  if (Array.isArray(body.system)) body.system.push({ type: 'text', text });
  else body.system = body.system ? `${body.system}\n${text}` : text;
}
