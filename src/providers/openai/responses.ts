import { GatewayError } from '../../lib/errors.js';
import { NO_USAGE, tokenCount, type Usage, unitsOf } from '../../lib/usage.js';
import { checkPublishedResponses } from '../../openai-api/published-values.js';
import { clientToolsOnly } from '../../openai-api/responses/client-tools.js';
import type { InputItem, ResponsesRequest } from '../../openai-api/responses/responses-request.js';
import { unknownFields } from '../../openai-api/responses/to-chat-request.js';
import type { RouteCall, TextAnswer } from '../adapter.js';
import { invalidAnswer, type NativeRequest } from '../http/http-provider.js';
import { splitMedia } from '../media-tokens.js';
import { tenantId } from '../tenant-id.js';
import type { TextDialect } from '../text-dialect.js';
import { type Fields, isFields } from './fields.js';
import { isCostlyTier } from './gateway-owned-fields.js';
import { relayResponseEvents } from './response-events.js';
import { mendResponse } from './response-schema.js';
import type { ErrorReader } from './to-completion.js';
import type { RequestStyle } from './to-request.js';
import { mediaTokens } from './usage.js';

const TENANT_FIELDS = ['user', 'safety_identifier', 'prompt_cache_key'] as const;

/** OpenAI's own Responses API. */
export function responsesDialect(toError: ErrorReader, style: RequestStyle): TextDialect<ResponsesRequest> {
  return {
    toRequest: (call, stream) => toRequest(call, stream, style),
    toAnswer: (json, text) => toAnswer(json, text, toError),
    toEvents: () => relayResponseEvents(toError),
  };
}

/**
 * OpenAI is asked to store nothing: all accounts share one account there, so whatever it kept could be reached by the id
 * alone. Without a store it accepts reasoning only with its encrypted content, and no item by its id.
 *
 * Source: the OpenAI API reference, `CreateResponse`; OpenAI's guide to reasoning, encrypted reasoning items.
 *
 * @throws {GatewayError} for unknown fields, where the operator wants such fields refused.
 */
function toRequest(
  call: RouteCall<ResponsesRequest>,
  stream: boolean,
  { looksUpReasoning = false }: RequestStyle,
): NativeRequest {
  const { request, model, accountId, maxOutputTokens, unsupported } = call;
  checkPublishedResponses(request);
  const { tools, input, leftOut } = call.providerTools
    ? { tools: request.tools, input: request.input, leftOut: [] }
    : clientToolsOnly(request);
  const native: Fields = { ...request, model, store: false, tools, input };
  const dropped = [...unknownFields(request), ...leftOut];
  if (isCostlyTier(request.service_tier)) dropped.push('service_tier');
  const [param] = dropped;
  if (param !== undefined && unsupported === 'error') {
    throw new GatewayError('unsupported_parameter', { message: `'${param}' is not supported.`, param });
  }
  for (const name of dropped) delete native[name];
  delete native.background;
  // It says which machine and conversation asks, and is of no use to the model.
  delete native.client_metadata;
  if (leftOut.length > 0 && tools === undefined) delete native.tool_choice;
  if (Array.isArray(input)) native.input = input.flatMap((item) => toItem(item, looksUpReasoning));
  if (maxOutputTokens !== undefined) native.max_output_tokens = maxOutputTokens;
  for (const field of TENANT_FIELDS) {
    const value = request[field];
    if (value !== undefined) native[field] = tenantId(accountId, value);
  }
  if (stream) native.stream = true;
  else delete native.stream_options;
  return {
    path: '/responses',
    body: JSON.stringify(native),
    ...(dropped.length > 0 && unsupported === 'warn' && { dropped }),
  };
}

/** OpenAI encrypts in this alphabet; the gateway's own mark for other providers' reasoning does not fit it. */
const ENCRYPTED = /^[\w+/=-]+$/;

function toItem(item: InputItem, withoutId: boolean): InputItem[] {
  if (item.type === 'reasoning') {
    const { content, ...rest } = item;
    if (typeof item.encrypted_content !== 'string' || !ENCRYPTED.test(item.encrypted_content)) return [];
    const { id: _, ...nameless } = content === null ? rest : item;
    if (withoutId) return [nameless as InputItem];
    return [content === null ? (rest as InputItem) : item];
  }
  const { id: _, ...rest } = item as Fields;
  return [rest as unknown as InputItem];
}

/** Relays an answer; it is written anew only where it strays from the published schema. */
function toAnswer(json: unknown, text: string, toError: ErrorReader): TextAnswer {
  const answer = isFields(json) ? json : {};
  if (isFields(answer.error) && (!Array.isArray(answer.output) || answer.status === 'failed')) {
    throw toError({ headers: {}, text });
  }
  if (answer.object !== 'response' || !Array.isArray(answer.output)) {
    throw invalidAnswer(new Error('the answer is no response'));
  }
  const changed = mendResponse(answer);
  const usage = readResponsesUsage(answer);
  const characters = JSON.stringify(answer.output).length;
  return { json: answer, text: changed ? JSON.stringify(answer) : text, characters, ...(usage && { usage }) };
}

/**
 * Splits the usage of a response into disjoint buckets; undefined when it holds no sane pair of counts.
 *
 * Source: the OpenAI API reference, `ResponseUsage`: input tokens include cached ones, output tokens reasoning.
 */
export function readResponsesUsage({ usage: value, output: items }: Fields): Usage | undefined {
  if (!isFields(value)) return undefined;
  const input = tokenCount(value.input_tokens);
  const output = tokenCount(value.output_tokens);
  if (input === undefined || output === undefined) return undefined;
  const inputDetails = isFields(value.input_tokens_details) ? value.input_tokens_details : {};
  const outputDetails = isFields(value.output_tokens_details) ? value.output_tokens_details : {};
  const cached = Math.min(input, tokenCount(inputDetails.cached_tokens) ?? 0);
  const written = Math.min(input - cached, tokenCount(inputDetails.cache_write_tokens) ?? 0);
  const reasoning = Math.min(output, tokenCount(outputDetails.reasoning_tokens) ?? 0);
  const usage: Usage = {
    ...NO_USAGE,
    inputTokens: input - cached - written,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: output - reasoning,
    reasoningTokens: reasoning,
    source: 'provider',
    ...toolUses(items),
  };
  const media = mediaTokens(inputDetails, outputDetails);
  return media ? splitMedia(usage, media) : usage;
}

/** The units of OpenAI's own tools by the items that they leave. Source: the OpenAI API reference, `ResponseOutputItem`. */
const TOOL_ITEMS: Readonly<Record<string, string>> = {
  web_search_call: 'web_search',
  file_search_call: 'file_search',
  code_interpreter_call: 'code_execution',
  image_generation_call: 'image',
  mcp_call: 'mcp',
};

function toolUses(items: unknown): Pick<Usage, 'units'> {
  if (!Array.isArray(items)) return {};
  const uses: Record<string, number> = {};
  for (const item of items) {
    const unit = isFields(item) ? TOOL_ITEMS[String(item['type'])] : undefined;
    if (unit !== undefined) uses[unit] = (uses[unit] ?? 0) + 1;
  }
  return unitsOf(uses);
}
