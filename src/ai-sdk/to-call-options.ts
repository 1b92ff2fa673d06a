import type {
  LanguageModelV3CallOptions,
  LanguageModelV3FunctionTool,
  LanguageModelV3ToolChoice,
} from '@ai-sdk/provider';
import { GatewayError } from '../lib/errors.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import { checkPublishedValues } from '../openai-api/published-values.js';
import type { ChatCall } from '../providers/adapter.js';
import { asksForNothing } from '../providers/asks-for-nothing.js';
import { refuseNoObject } from '../providers/object-schema.js';
import { UnsupportedParams } from '../providers/unsupported-params.js';
import { checkOptions } from './allowed-options.js';
import { PARAMETERS } from './parameters.js';
import { toPrompt } from './to-prompt.js';

/** Who the user is concerns no provider: not to be missed. */
const UNREPORTED: ReadonlySet<string> = new Set(['user', 'safety_identifier']);

/** A chat request as call options. Source: AI SDK, `LanguageModelV3CallOptions`. @throws {GatewayError} where it can't be. */
export function toCallOptions(
  call: ChatCall,
  extraOptions?: '*' | readonly string[],
): { options: LanguageModelV3CallOptions; dropped: readonly string[] } {
  const { request, signal } = call;
  checkOptions(request, extraOptions);
  checkPublishedValues(request);
  const unsupported = new UnsupportedParams(call.unsupported);
  for (const [name, value] of Object.entries(request)) {
    if (
      Object.hasOwn(PARAMETERS, name) ||
      UNREPORTED.has(name) ||
      value === undefined ||
      value === null ||
      asksForNothing(name, value)
    )
      continue;
    unsupported.drop(/^[\w.-]{1,64}$/.test(name) ? name : 'unknown');
  }
  refuse(request);
  const options: LanguageModelV3CallOptions = {
    prompt: toPrompt(request.messages, unsupported),
    abortSignal: signal,
    ...set('maxOutputTokens', call.maxOutputTokens),
    ...set('temperature', request.temperature),
    ...set('topP', request.top_p),
    ...set('topK', request.top_k),
    ...set('presencePenalty', request.presence_penalty),
    ...set('frequencyPenalty', request.frequency_penalty),
    ...set('seed', request.seed),
    ...set('stopSequences', typeof request.stop === 'string' ? [request.stop] : request.stop),
    ...toTools(request),
    ...toFormat(request),
    ...set('providerOptions', request.provider_options as LanguageModelV3CallOptions['providerOptions']),
  };
  return { options, dropped: unsupported.names };
}

/** Fields without which the client would get something else than it asks for. */
const NEEDED = ['audio', 'web_search_options', 'functions', 'function_call'];

function refuse(request: ChatRequest): void {
  if (request.n !== undefined && request.n !== 1) {
    throw new GatewayError('unsupported_value', {
      param: 'n',
      message: 'This model returns one choice: `n` must be 1.',
    });
  }
  if (request.modalities?.some((name) => name !== 'text')) {
    throw new GatewayError('unsupported_value', { param: 'modalities', message: 'The model answers in text only.' });
  }
  for (const param of NEEDED) {
    const value = request[param];
    if (value === undefined || value === null || value === 'none' || (Array.isArray(value) && value.length === 0))
      continue;
    throw new GatewayError('unsupported_parameter', { param, message: `The model does not support '${param}'.` });
  }
}

function set<Name extends keyof LanguageModelV3CallOptions>(
  name: Name,
  value: LanguageModelV3CallOptions[Name] | undefined,
): Pick<LanguageModelV3CallOptions, Name> | object {
  return value === undefined ? {} : { [name]: value };
}

function toTools({
  tools = [],
  tool_choice: choice,
}: ChatRequest): Pick<LanguageModelV3CallOptions, 'tools' | 'toolChoice'> {
  if (tools.length === 0) return {};
  const listed = tools.map((tool, index): LanguageModelV3FunctionTool => {
    if (tool.type !== 'function') {
      const message = 'The model supports tools of type function only.';
      throw new GatewayError('unsupported_value', { param: `tools[${index}].type`, message });
    }
    const { name, description, parameters, strict } = tool.function;
    refuseNoObject(parameters, `tools[${index}].function.parameters`);
    return {
      type: 'function',
      name,
      inputSchema: parameters ?? { type: 'object', properties: {} },
      ...(description && { description }),
      ...(typeof strict === 'boolean' && { strict }),
    };
  });
  const toolChoice = toChoice(choice);
  return { tools: listed, ...(toolChoice && { toolChoice }) };
}

function toChoice(choice: ChatRequest['tool_choice']): LanguageModelV3ToolChoice | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice === 'string') return { type: choice };
  if (choice.type === 'function') return { type: 'tool', toolName: choice.function.name };
  throw new GatewayError('unsupported_value', { param: 'tool_choice', message: 'The tool choice is not supported.' });
}

function toFormat({ response_format: format }: ChatRequest): Pick<LanguageModelV3CallOptions, 'responseFormat'> {
  if (format === undefined || format.type === 'text') return {};
  if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
  const { name, description, schema } = format.json_schema;
  return {
    responseFormat: { type: 'json', name, ...(description && { description }), ...(schema && { schema }) },
  };
}
