import { GatewayError } from '../lib/errors.js';
import type { JsonObject } from '../lib/is-object.js';
import type { ChatRequest, ReasoningEffort, ResponseFormat, Tool } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import type { GenerateContentRequest, GenerationConfig } from './generate-content-request.js';
import { type Drop, toChatMessages } from './to-chat-contents.js';
import { toJsonSchema } from './to-json-schema.js';

/** A chat request, and what of the original has no effect in it. */
export interface ChatForm {
  readonly chat: ChatRequest;
  /** Names in the client's terms: `tools[0]`, `safetySettings`, `generationConfig.topK`. */
  readonly dropped: readonly string[];
}

const TRANSLATED: ReadonlySet<string> = new Set([
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'model',
]);

/**
 * A `generateContent` request as the chat request that asks the same of a model.
 *
 * @param model the client's name for it.
 * @throws {GatewayError} for what has no chat form; `param` is the path in the client's request.
 */
export function toChatRequest(
  request: GenerateContentRequest,
  model: string,
  stream: boolean,
  readsFiles: boolean,
): ChatForm {
  const lost = new Set<string>();
  const drop = (name: string) => void lost.add(name);
  const config = request.generationConfig ?? {};
  if ((config.candidateCount ?? 1) > 1) throw unsupported('generationConfig.candidateCount', 'gives one candidate');
  if (config.responseModalities?.some((kind) => kind.toUpperCase() !== 'TEXT')) {
    throw unsupported('generationConfig.responseModalities', 'answers in text only');
  }
  if (request['cachedContent'] != null) throw unsupported('cachedContent', 'has no cached contents');
  const format = formatOf(config);
  const effort = effortOf(config);
  const chat: ChatRequest = {
    model,
    messages: toChatMessages(request, readsFiles, drop),
    ...(stream && { stream }),
    ...sampling(config),
    ...toTools(request, drop),
    ...(format && { response_format: format }),
    ...(effort && { reasoning_effort: effort }),
  };
  for (const name in request) if (!TRANSLATED.has(name)) drop(printable(name));
  for (const name in config) if (!KNOWN_CONFIG.has(name)) drop(`generationConfig.${printable(name)}`);
  return { chat, dropped: [...lost] };
}

function sampling(config: GenerationConfig): Partial<ChatRequest> {
  const { maxOutputTokens, temperature, topP, topK, seed, presencePenalty, frequencyPenalty, stopSequences } = config;
  return {
    ...(maxOutputTokens !== undefined && { max_completion_tokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(stopSequences && stopSequences.length > 0 && { stop: stopSequences }),
    ...(config.responseLogprobs === true && { logprobs: true }),
    ...(config.logprobs !== undefined && { top_logprobs: config.logprobs }),
  };
}

const KNOWN_CONFIG: ReadonlySet<string> = new Set([
  'maxOutputTokens',
  'candidateCount',
  'temperature',
  'topP',
  'topK',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'stopSequences',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseLogprobs',
  'logprobs',
  'responseModalities',
  'thinkingConfig',
]);

function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '_').slice(0, 64);
}

function formatOf(config: GenerationConfig): ResponseFormat | undefined {
  const { responseMimeType: type, responseSchema, responseJsonSchema } = config;
  const schema = responseJsonSchema ?? toJsonSchema(responseSchema);
  if (isObject(schema)) return { type: 'json_schema', json_schema: { name: 'answer', schema } };
  return type === 'application/json' ? { type: 'json_object' } : undefined;
}

/** Levels by their names; budgets by the ranges that the same efforts are sent for in the other direction. */
function effortOf({ thinkingConfig: thinking }: GenerationConfig): ReasoningEffort | undefined {
  if (!thinking) return undefined;
  const { thinkingLevel: level, thinkingBudget: budget } = thinking;
  if (level !== undefined) return LEVELS[level.toUpperCase()];
  if (budget === undefined || budget < 0) return undefined;
  if (budget === 0) return 'none';
  if (budget <= 2_048) return 'low';
  return budget <= 12_000 ? 'medium' : 'high';
}

const LEVELS: Readonly<Record<string, ReasoningEffort>> = {
  MINIMAL: 'minimal',
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
};

/** Functions and the choice among them; tools that Google runs are left out. */
function toTools(
  { tools = [], toolConfig }: GenerateContentRequest,
  drop: Drop,
): Pick<ChatRequest, 'tools' | 'tool_choice'> {
  const functions: Tool[] = [];
  tools.forEach((tool, index) => {
    const { functionDeclarations: declared, ...others } = tool;
    if (Object.values(others).some((value) => value != null)) drop(`tools[${index}]`);
    if (Array.isArray(declared)) functions.push(...(declared as JsonObject[]).map(toTool));
  });
  if (functions.length === 0) return {};
  const choice = toChoice(toolConfig?.functionCallingConfig);
  return { tools: functions, ...(choice && { tool_choice: choice }) };
}

function toTool({ name, description, parameters, parametersJsonSchema }: JsonObject): Tool {
  const schema = parametersJsonSchema ?? toJsonSchema(parameters);
  return {
    type: 'function',
    function: {
      name: String(name),
      ...(typeof description === 'string' && description && { description }),
      ...(isObject(schema) && { parameters: schema }),
    },
  };
}

function toChoice(
  config: { mode?: string; allowedFunctionNames?: string[] } | undefined,
): ChatRequest['tool_choice'] | undefined {
  const mode = config?.mode?.toUpperCase();
  const allowed = config?.allowedFunctionNames ?? [];
  if (mode === 'NONE') return 'none';
  const forced = mode === 'ANY';
  if (allowed.length === 0) return forced ? 'required' : undefined;
  const [only] = allowed;
  if (forced && allowed.length === 1 && only !== undefined) return { type: 'function', function: { name: only } };
  const tools = allowed.map((name) => ({ type: 'function', function: { name } }));
  return { type: 'allowed_tools', allowed_tools: { mode: forced ? 'required' : 'auto', tools } };
}

function unsupported(param: string, why: string): GatewayError {
  return new GatewayError('unsupported_value', { param, message: `'${param}' is not supported: the model ${why}.` });
}
