import { GatewayError } from '../../lib/errors.js';
import { withFields } from '../../lib/with-fields.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { checkOpenAIValues } from '../../openai-api/published-values.js';
import type { ChatCall } from '../adapter.js';
import type { EndpointFields } from '../endpoint-fields.js';
import type { SentRequest } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { outlineOf } from '../outline.js';
import type { SentSize } from '../sent-size.js';
import { openaiSize } from '../sizing.js';
import { tenantId } from '../tenant-id.js';
import { ALLOWED } from './allowed-fields.js';
import { openaiFamily } from './families.js';
import { AS_IT_IS, type FamilyFit, fitToFamily, fitted, isSame } from './fit-to-family.js';
import { isCostlyTier, refuseOtherNames } from './gateway-owned-fields.js';
import { answered, answeredRequest } from './load-answered-chat.js';
import { hasExtensions, withoutExtensions } from './message-extensions.js';
import { mergeProviderOptions } from './provider-options.js';
import { splice } from './splice.js';

/** The fields in which APIs take an output limit. */
export type LimitField = 'max_completion_tokens' | 'max_tokens';

/** How APIs that speak OpenAI's format differ in what they accept. */
export interface RequestStyle {
  /** Key under `provider_options`. */
  readonly name: string;
  /** Where an output limit goes. */
  readonly limitField: LimitField;
  /** True when fields outside OpenAI's own format are refused (by OpenAI itself). */
  readonly strict: boolean;
  /** What else may be sent; undefined: OpenAI itself refuses what it does not know. */
  readonly fields?: EndpointFields;
  /** True where reasoning that comes back with its id is looked up, although nothing was stored: Azure answers 404. */
  readonly looksUpReasoning?: boolean;
  /** The most texts that are embedded at once. */
  readonly maxEmbeddingBatch?: number | undefined;
}

const PATH = '/chat/completions';
const TENANT_FIELDS = ['user', 'safety_identifier', 'prompt_cache_key'] as const;
/** What is dropped of most requests. */
const NONE: readonly string[] = [];

/**
 * The client's own bytes where nothing must change, with what the gateway adds spliced in before the last brace; the
 * rewritten request otherwise.
 *
 * Source: the OpenAI API reference, `CreateChatCompletionRequest`; usage is always asked for on streams.
 */
export function toRequest(call: ChatCall, stream: boolean): SentRequest {
  const { body } = call;
  const outline = outlineOf(call);
  refuseOtherNames(outline);
  checkOpenAIValues(outline);
  const refused = refusedFields(outline);
  const fit = familyFit(outline, call.model);
  const paired = answered(call, outline);
  const dropped = [...refused, ...(paired?.lost ?? NONE), ...fit.lost];
  refuse(dropped, call);
  const isFit = refused.length === 0 && !paired && isSame(fit);
  if (body !== undefined && isFit && mayForward(outline, call, stream)) {
    const added = additions(outline, call, stream);
    return { path: PATH, body: added === '' ? body : splice(body, added) };
  }
  return {
    path: PATH,
    body: jsonBody(call, rewrite(fitted(paired?.request ?? call.request, fit), call, stream, refused)),
    ...(dropped.length > 0 && call.unsupported === 'warn' && { dropped }),
  };
}

/** How large the request will be, by what is in it. */
export function sentSize(call: ChatCall): SentSize {
  checkOpenAIValues(call.request);
  const { model } = call;
  const request = answeredRequest(call);
  const fit = familyFit(request, model);
  return openaiSize(rewrite(fitted(request, fit), call, false, refusedFields(request)), model, 'openai');
}

function familyFit(request: ChatRequest, model: string): FamilyFit {
  const family = openaiFamily(model);
  return family ? fitToFamily(request, family) : AS_IT_IS;
}

/** True when the client's bytes need additions at most. */
function mayForward(request: ChatRequest, { model, maxOutputTokens, outputLimitAdded }: ChatCall, stream: boolean) {
  if (request.model !== model || (request.stream ?? false) !== stream) return false;
  if (request.provider_options !== undefined || TENANT_FIELDS.some((field) => request[field] !== undefined))
    return false;
  if (request.stream_options !== undefined && !(stream && request.stream_options.include_usage)) return false;
  if (!outputLimitAdded && !sendsLimit(request, maxOutputTokens)) return false;
  if (request.max_tokens !== undefined && refusesMaxTokens(model)) return false;
  return !hasExtensions(request);
}

function additions(request: ChatRequest, { maxOutputTokens, outputLimitAdded }: ChatCall, stream: boolean): string {
  let added = '';
  if (stream && request.stream_options === undefined) added += ',"stream_options":{"include_usage":true}';
  if (outputLimitAdded && maxOutputTokens !== undefined) added += `,"max_completion_tokens":${maxOutputTokens}`;
  return added;
}

function rewrite(
  request: ChatRequest,
  call: ChatCall,
  stream: boolean,
  refused: readonly string[],
): Record<string, unknown> {
  const { provider_options: _, stream_options: streamOptions, ...fields } = request;
  const native: Record<string, unknown> = withFields(withoutExtensions(fields), { model: call.model });
  for (const field of TENANT_FIELDS) {
    const value = request[field];
    if (value !== undefined) native[field] = tenantId(call, value);
  }
  for (const field of refused) delete native[field];
  setLimit(native, call);
  if (stream) {
    native.stream = true;
    native.stream_options = withFields(streamOptions ?? {}, { include_usage: true });
  }
  mergeProviderOptions(native, call, 'openai', ALLOWED);
  return native;
}

/** True when the client's own fields already set the limit that is to be sent. */
function sendsLimit(request: ChatRequest, limit: number | undefined): boolean {
  const { max_completion_tokens: completion, max_tokens: older } = request;
  if (limit === undefined) return true;
  return completion === undefined ? older === limit : completion === limit && older === undefined;
}

/** True of models that reason. */
function refusesMaxTokens(model: string): boolean {
  return openaiFamily(model)?.maxTokens === false;
}

/** Sends the limit in one field, since two could differ. */
function setLimit(native: Record<string, unknown>, { maxOutputTokens, request, model }: ChatCall): void {
  if (maxOutputTokens === undefined) return;
  if (refusesMaxTokens(model)) {
    delete native.max_tokens;
    native.max_completion_tokens = maxOutputTokens;
    return;
  }
  if (sendsLimit(request, maxOutputTokens)) return;
  delete native.max_completion_tokens;
  delete native.max_tokens;
  const older = request.max_completion_tokens === undefined && request.max_tokens !== undefined;
  native[older ? 'max_tokens' : 'max_completion_tokens'] = maxOutputTokens;
}

/** Extensions of the gateway's other dialects; OpenAI answers 400 to arguments that it doesn't know. */
const FOREIGN_FIELDS = ['top_k', 'thinking', 'cache_control', 'safety_settings', 'extra_body'];

/** Fields to leave out: foreign ones, and a tier that costs more than the prices say. */
function refusedFields(request: ChatRequest): readonly string[] {
  const isCostly = isCostlyTier(request.service_tier);
  if (!isCostly && FOREIGN_FIELDS.every((name) => request[name] === undefined)) return NONE;
  const refused = FOREIGN_FIELDS.filter((name) => request[name] !== undefined);
  if (isCostly) refused.push('service_tier');
  return refused;
}

/** @throws {GatewayError} `unsupported_parameter` when the operator wants such fields refused. */
function refuse([param]: readonly string[], { unsupported }: ChatCall): void {
  if (param !== undefined && unsupported === 'error') {
    throw new GatewayError('unsupported_parameter', { message: `The model does not support ${param}.`, param });
  }
}
