import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest, FunctionDefinition } from '../../openai-api/chat-request.js';
import { legacyChoice, usesLegacyFunctions } from '../legacy-functions.js';
import { refuseNoObject } from '../object-schema.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { FunctionCallingConfig, FunctionDeclaration, GenerateContentRequest, NativeTool } from './api.js';
import type { GeminiFamily } from './families.js';
import { nativeName } from './function-names.js';
import { toParametersSchema } from './to-schema.js';

/**
 * Tools, the choice among them and web search in native form; the deprecated `functions` count as tools.
 *
 * `strict` asks for the mode VALIDATED, which keeps calls to their schema, on models from 2.5 on.
 *
 * Source: ai.google.dev, "Function calling", "Grounding with Google Search".
 *
 * @throws {GatewayError} for custom tools, for parameters that are no object, and for a choice of a tool that is not declared.
 */
export function toTools(
  request: ChatRequest,
  family: GeminiFamily,
  unsupported: UnsupportedParams,
): Pick<GenerateContentRequest, 'tools' | 'toolConfig'> {
  const functions = functionsOf(request);
  if (functions.length === 0) {
    const search = searchTool(request, unsupported);
    return search ? { tools: [search] } : {};
  }
  // Models before Gemini 3 refuse search together with functions. Gemini 3 wants its search steps back with the next turn,
  // which most clients lose; who keeps them can ask for it through `provider_options.google`.
  if (request.web_search_options !== undefined) unsupported.drop('web_search_options');
  if (request.parallel_tool_calls === false) unsupported.drop('parallel_tool_calls');

  const names = new Set(functions.map((definition) => definition.name));
  const choice = toChoice(request, names);
  const declared = choice.declared ?? names;
  const functionDeclarations = functions.filter((definition) => declared.has(definition.name)).map(toDeclaration);
  const isStrict = functions.some((definition) => definition.strict === true);
  if (isStrict && choice.config.mode === 'AUTO') {
    if (family.thinking === 'none') unsupported.drop('strict');
    else choice.config.mode = 'VALIDATED';
  }
  return {
    tools: [{ functionDeclarations }],
    ...(choice.config.mode !== 'AUTO' && { toolConfig: { functionCallingConfig: choice.config } }),
  };
}

function functionsOf(request: ChatRequest): readonly FunctionDefinition[] {
  if (usesLegacyFunctions(request)) {
    const { functions = [] } = request;
    functions.forEach(({ parameters }, index) => void refuseNoObject(parameters, `functions[${index}].parameters`));
    return functions;
  }
  return (request.tools ?? []).map((tool, index) => {
    if (tool.type !== 'function') {
      const param = `tools[${index}].type`;
      throw new GatewayError('unsupported_value', {
        param,
        message: 'The model supports tools of type function only.',
      });
    }
    refuseNoObject(tool.function.parameters, `tools[${index}].function.parameters`);
    return tool.function;
  });
}

function toDeclaration({ name, description, parameters }: FunctionDefinition): FunctionDeclaration {
  const parametersJsonSchema = toParametersSchema(parameters);
  return {
    name: nativeName(name),
    ...(description != null && { description }),
    ...(parametersJsonSchema !== undefined && { parametersJsonSchema }),
  };
}

function toChoice(
  request: ChatRequest,
  names: ReadonlySet<string>,
): { config: FunctionCallingConfig; declared?: ReadonlySet<string> } {
  const legacy = usesLegacyFunctions(request);
  const choice = legacy ? legacyChoice(request) : request.tool_choice;
  const param = legacy ? 'function_call' : 'tool_choice';
  if (choice === undefined || choice === 'auto') return { config: { mode: 'AUTO' } };
  if (choice === 'none') return { config: { mode: 'NONE' } };
  if (choice === 'required') return { config: { mode: 'ANY' } };
  if (choice.type === 'function') {
    const allowed = [nativeName(known(choice.function.name, names, param))];
    return { config: { mode: 'ANY', allowedFunctionNames: allowed } };
  }
  if (choice.type === 'allowed_tools') {
    const allowed = choice.allowed_tools.tools.map((tool) => known(nameOf(tool), names, param));
    return choice.allowed_tools.mode === 'required'
      ? { config: { mode: 'ANY', allowedFunctionNames: allowed.map(nativeName) } }
      : { config: { mode: 'AUTO' }, declared: new Set(allowed) };
  }
  throw new GatewayError('unsupported_value', { param, message: 'Custom tools are not supported.' });
}

function nameOf(tool: Record<string, unknown>): unknown {
  const definition = tool['function'];
  return typeof definition === 'object' && definition !== null && 'name' in definition ? definition.name : undefined;
}

function known(name: unknown, names: ReadonlySet<string>, param: string): string {
  if (typeof name === 'string' && names.has(name)) return name;
  throw new GatewayError('invalid_value', { param, message: 'The chosen tool is not among the tools of the request.' });
}

/** Google Search; the model decides where and how far to look. */
function searchTool(request: ChatRequest, unsupported: UnsupportedParams): NativeTool | undefined {
  if (request.web_search_options === undefined) return undefined;
  for (const option of ['user_location', 'search_context_size']) {
    if (request.web_search_options[option] != null) unsupported.drop(`web_search_options.${option}`);
  }
  return { googleSearch: {} };
}
