import { digest } from '../../lib/digest.js';
import { GatewayError } from '../../lib/errors.js';
import { withFields } from '../../lib/with-fields.js';
import { checkPublishedResponses } from '../../openai-api/published-values.js';
import { answeredItems } from '../../openai-api/responses/answered-items.js';
import { clientToolsOnly } from '../../openai-api/responses/client-tools.js';
import type { InputItem, ResponsesRequest } from '../../openai-api/responses/responses-request.js';
import { unknownFields } from '../../openai-api/responses/to-chat-request.js';
import type { RouteCall, TextAnswer } from '../adapter.js';
import { checkResponse } from '../endpoint-fields.js';
import { invalidAnswer, type SentRequest } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { tenantId } from '../tenant-id.js';
import type { TextDialect } from '../text-dialect.js';
import { openaiFamily } from './families.js';
import { type Fields, isFields } from './fields.js';
import { fitResponseToFamily } from './fit-to-family.js';
import { isCostlyTier } from './gateway-owned-fields.js';
import { relayResponseEvents } from './response-events.js';
import { normalizeResponse } from './response-schema.js';
import { readResponsesUsage } from './responses-usage.js';
import type { ErrorReader } from './to-completion.js';
import type { RequestStyle } from './to-request.js';

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
 * @throws {GatewayError} for unknown fields and outputs without a call, where the operator wants such fields refused.
 */
function toRequest(
  call: RouteCall<ResponsesRequest>,
  stream: boolean,
  { looksUpReasoning = false, fields }: RequestStyle,
): SentRequest {
  const { request, model, maxOutputTokens, unsupported } = call;
  checkPublishedResponses(request);
  if (fields) checkResponse(request, fields);
  const kept = call.providerTools
    ? { tools: request.tools, input: request.input, dropped: [] }
    : clientToolsOnly(request);
  const { tools, input } = kept;
  const family = openaiFamily(model);
  const fit = family ? fitResponseToFamily(request, family) : undefined;
  const native: Fields = withFields(request, { model, store: false, tools, input });
  const dropped = [...unknownFields(request), ...kept.dropped];
  if (isCostlyTier(request.service_tier)) dropped.push('service_tier');
  const lost: string[] = [];
  const items = Array.isArray(input) ? answeredItems(input, (path) => void lost.push(path)) : undefined;
  const reported = [...dropped, ...lost, ...(fit?.lost ?? [])];
  const [param] = reported;
  if (param !== undefined && unsupported === 'error') {
    throw new GatewayError('unsupported_parameter', { message: `'${param}' is not supported.`, param });
  }
  for (const name of dropped) delete native[name];
  // undefined is not written
  Object.assign(native, fit?.set);
  delete native.background;
  // It says which machine and conversation asks, and is of no use to the model.
  delete native.client_metadata;
  if (kept.dropped.length > 0 && tools === undefined) delete native.tool_choice;
  if (items) native.input = items.flatMap((item) => toItem(item, looksUpReasoning));
  if (maxOutputTokens !== undefined) native.max_output_tokens = maxOutputTokens;
  for (const field of TENANT_FIELDS) {
    const value = request[field];
    if (value !== undefined) native[field] = tenantId(call, value);
  }
  if (stream) native.stream = true;
  else delete native.stream_options;
  return {
    path: '/responses',
    body: jsonBody(call, native),
    ...(reported.length > 0 && unsupported === 'warn' && { dropped: reported }),
  };
}

/** Other providers' ids may be longer. Source: the OpenAI API reference, `FunctionCallOutputItemParam`. */
const MAX_CALL_ID = 64;

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
  // OpenAI refuses what its own clients add to the answers that they read.
  const { id: _, parsed_arguments: __, content, ...rest } = item as Fields;
  if (typeof rest.call_id === 'string' && rest.call_id.length > MAX_CALL_ID)
    rest.call_id = `call_${digest(rest.call_id)}`;
  const said = Array.isArray(content) ? content.map(withoutParsed) : content;
  return [{ ...rest, ...(content !== undefined && { content: said }) } as unknown as InputItem];
}

function withoutParsed(part: unknown): unknown {
  if (!isFields(part) || !('parsed' in part)) return part;
  const { parsed: _, ...rest } = part;
  return rest;
}

/** Relays an answer; it is rewritten only where it strays from the published schema. */
function toAnswer(json: unknown, text: string, toError: ErrorReader): TextAnswer {
  const answer = isFields(json) ? json : {};
  if (isFields(answer.error) && (!Array.isArray(answer.output) || answer.status === 'failed')) {
    throw toError({ headers: {}, text });
  }
  if (answer.object !== 'response' || !Array.isArray(answer.output)) {
    throw invalidAnswer(new Error('the answer is not a response'));
  }
  const changed = normalizeResponse(answer);
  const usage = readResponsesUsage(answer);
  const characters = usage ? 0 : JSON.stringify(answer.output).length;
  return { json: answer, text: changed ? JSON.stringify(answer) : text, characters, ...(usage && { usage }) };
}
