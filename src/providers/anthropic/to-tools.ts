import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest, FunctionDefinition, Tool, ToolChoice } from '../../openai-api/chat-request.js';
import { legacyChoice, usesLegacyFunctions } from '../legacy-functions.js';
import { refuseNoObject } from '../object-schema.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import { isObject, type JsonObject, type NativeTool, type NativeToolChoice } from './api.js';
import { cacheControl } from './cache-control.js';
import type { ClaudeFamily } from './families.js';
import { cleanSchema } from './json-schema.js';
import { toRootObject } from './root-schema.js';
import { StrictLimits } from './strict-limits.js';

export interface Tools {
  readonly tools: NativeTool[];
  /** Undefined: the provider's default, which is `auto` like OpenAI's. */
  readonly choice?: NativeToolChoice;
}

/**
 * Function tools and how they may be called. `allowed_tools` becomes a shorter list of tools.
 *
 * Calls in the history whose tools are not there any more are declared, and may not be repeated: Anthropic refuses calls
 * of tools that are not declared.
 *
 * @throws {GatewayError} for custom tools, and for parameters that are no object. Source: Anthropic API reference, `tools`, `tool_choice`.
 */
export function toTools(request: ChatRequest, family: ClaudeFamily, unsupported: UnsupportedParams): Tools {
  const limits = strictLimits(request, family);
  const legacy = usesLegacyFunctions(request);
  const choice = legacy ? legacyChoice(request) : request.tool_choice;
  const allowed = allowedNames(choice);
  const tools: NativeTool[] = [];
  const add = (definition: FunctionDefinition, carrier: object, param: string) => {
    if (allowed && !allowed.has(definition.name)) return;
    tools.push(toTool(definition, carrier, limits, param, unsupported));
  };
  if (legacy) request.functions?.forEach((definition, index) => void add(definition, {}, `functions[${index}]`));
  else request.tools?.forEach((tool, index) => void add(functionOf(tool, index), tool, `tools[${index}].function`));
  if (tools.length === 0) return formerTools(request);
  // One answer of the old form holds one call.
  const oneCall = legacy || request.parallel_tool_calls === false;
  return { tools, ...withParallel(toChoice(choice), oneCall) };
}

function functionOf(tool: Tool, index: number): FunctionDefinition {
  if (tool.type === 'function') return tool.function;
  const message = 'The model supports tools of type function only.';
  throw new GatewayError('unsupported_value', { param: `tools[${index}].type`, message });
}

function toTool(
  { name, description, parameters, strict }: FunctionDefinition,
  carrier: object,
  limits: StrictLimits | undefined,
  param: string,
  unsupported: UnsupportedParams,
): NativeTool {
  const mark = cacheControl(carrier);
  refuseNoObject(parameters, `${param}.parameters`);
  const closed = strict === true ? closedSchema(parameters) : undefined;
  const isStrict = closed !== undefined && limits?.addTool(closed) === true;
  if (strict === true && !isStrict) unsupported.drop('tools.function.strict', `${param}.strict`);
  return {
    name,
    ...(description && { description }),
    input_schema: isStrict ? closed : toInputSchema(parameters),
    ...(isStrict && { strict: true }),
    ...(mark && { cache_control: mark }),
  };
}

/** Anthropic wants an object schema at the root, of one piece. */
export function toInputSchema(parameters: JsonObject | null | undefined): JsonObject {
  if (parameters == null || Object.keys(parameters).length === 0) return { type: 'object', properties: {} };
  if (COMBINING.some((keyword) => parameters[keyword] !== undefined)) return toRootObject(parameters);
  return parameters['type'] === 'object' ? parameters : { ...parameters, type: 'object' };
}

const COMBINING = ['$ref', 'allOf', 'anyOf', 'oneOf'];

/** The form of a schema that is enforced: closed also where it has no fields. */
function closedSchema(parameters: JsonObject | null | undefined): JsonObject {
  return cleanSchema(toInputSchema(parameters));
}

/** Undefined for models that do not know `strict`. The schema of the output is enforced as well. */
function strictLimits({ response_format: format }: ChatRequest, family: ClaudeFamily): StrictLimits | undefined {
  if (!family.structuredOutput) return undefined;
  const limits = new StrictLimits();
  const schema = format?.type === 'json_schema' ? format.json_schema.schema : undefined;
  if (schema) limits.addOutput(schema);
  return limits;
}

function formerTools({ messages }: ChatRequest): Tools {
  const names = new Set<string>();
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    for (const call of message.tool_calls ?? []) if (isObject(call.function)) names.add(call.function.name);
    if (message.function_call) names.add(message.function_call.name);
  }
  if (names.size === 0) return { tools: [] };
  return {
    tools: [...names].map((name) => ({ name, input_schema: toInputSchema(undefined) })),
    choice: { type: 'none' },
  };
}

function allowedNames(choice: ToolChoice | undefined): Set<unknown> | undefined {
  if (typeof choice !== 'object' || choice.type !== 'allowed_tools') return undefined;
  return new Set(choice.allowed_tools.tools.map((tool) => (tool['function'] as { name?: unknown } | undefined)?.name));
}

function toChoice(choice: ToolChoice | undefined): NativeToolChoice | undefined {
  if (choice === undefined) return undefined;
  if (choice === 'none') return { type: 'none' };
  if (choice === 'auto') return { type: 'auto' };
  if (choice === 'required') return { type: 'any' };
  if (choice.type === 'function') return { type: 'tool', name: choice.function.name };
  if (choice.type === 'allowed_tools') return { type: choice.allowed_tools.mode === 'required' ? 'any' : 'auto' };
  const message = 'The model supports tools of type function only.';
  throw new GatewayError('unsupported_value', { param: 'tool_choice', message });
}

function withParallel(choice: NativeToolChoice | undefined, oneCall: boolean): { choice?: NativeToolChoice } {
  if (!oneCall) return choice ? { choice } : {};
  if (choice?.type === 'none') return { choice };
  return { choice: { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true } };
}
