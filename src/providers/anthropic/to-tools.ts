import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest, FunctionDefinition, Tool, ToolChoice } from '../../openai-api/chat-request.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { JsonObject, NativeTool, NativeToolChoice } from './api.js';
import { cacheControl } from './cache-control.js';
import { cleanSchema } from './json-schema.js';

export interface Tools {
  readonly tools: NativeTool[];
  /** Undefined: the provider's default, which is `auto` like OpenAI's. */
  readonly choice?: NativeToolChoice;
}

/** True when the client speaks the deprecated `functions` and must be answered with `function_call`. */
export function usesLegacyFunctions(request: ChatRequest): boolean {
  return (request.functions?.length ?? 0) > 0 && !request.tools?.length;
}

/**
 * Function tools and how they may be called. `allowed_tools` becomes a shorter list of tools.
 *
 * @param strictTools whether the model knows `strict`.
 * @throws {GatewayError} for custom tools. Source: Anthropic API reference, `tools`, `tool_choice`.
 */
export function toTools(request: ChatRequest, strictTools: boolean, unsupported: UnsupportedParams): Tools {
  const legacy = usesLegacyFunctions(request);
  const choice = legacy ? legacyChoice(request) : request.tool_choice;
  const allowed = allowedNames(choice);
  const tools: NativeTool[] = [];
  const add = (definition: FunctionDefinition, carrier: object, param: string) => {
    if (allowed && !allowed.has(definition.name)) return;
    tools.push(toTool(definition, carrier, strictTools, param, unsupported));
  };
  if (legacy) request.functions?.forEach((definition, index) => void add(definition, {}, `functions[${index}]`));
  else request.tools?.forEach((tool, index) => void add(functionOf(tool, index), tool, `tools[${index}].function`));
  if (tools.length === 0) return { tools };
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
  strictTools: boolean,
  param: string,
  unsupported: UnsupportedParams,
): NativeTool {
  const mark = cacheControl(carrier);
  const isStrict = strict === true && strictTools;
  if (strict === true && !strictTools) unsupported.drop('tools.function.strict', `${param}.strict`);
  return {
    name,
    ...(description && { description }),
    input_schema: toInputSchema(isStrict ? cleanSchema(parameters ?? {}) : parameters),
    ...(isStrict && { strict: true }),
    ...(mark && { cache_control: mark }),
  };
}

/** Anthropic wants an object schema at the root. */
export function toInputSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined || Object.keys(parameters).length === 0) return { type: 'object', properties: {} };
  return parameters['type'] === 'object' ? parameters : { ...parameters, type: 'object' };
}

function legacyChoice(request: ChatRequest): ToolChoice | undefined {
  const { function_call: call } = request;
  return typeof call === 'object' ? { type: 'function', function: { name: call.name } } : call;
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
