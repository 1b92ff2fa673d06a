import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { ChatCall } from '../adapter.js';
import type { NativeRequest } from '../http/http-provider.js';
import { tenantId } from '../tenant-id.js';
import { PRIORITY_TIER, refuseUncounted } from './gateway-owned-fields.js';
import { hasExtensions, withoutExtensions } from './message-extensions.js';
import { mergeProviderOptions } from './provider-options.js';

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
}

const PATH = '/chat/completions';
const TENANT_FIELDS = ['user', 'safety_identifier', 'prompt_cache_key'] as const;

/**
 * The client's own bytes where nothing must change, with what the gateway adds spliced in before the last brace; the
 * rewritten request otherwise.
 *
 * Source: the OpenAI API reference, `CreateChatCompletionRequest`; usage is always asked for on streams.
 */
export function toRequest(call: ChatCall, stream: boolean, style: RequestStyle): NativeRequest {
  const { body } = call;
  const outline = call.outline ?? call.request;
  if (!style.strict) refuseUncounted(outline);
  const dropped = refusedFields(outline, call, style);
  if (body !== undefined && dropped.length === 0 && mayForward(outline, call, stream, style)) {
    const added = additions(outline, call, stream, style);
    return { path: PATH, body: added === '' ? body : splice(body, added) };
  }
  return {
    path: PATH,
    body: JSON.stringify(rewrite(call.request, call, stream, style, dropped)),
    ...(dropped.length > 0 && call.unsupported === 'warn' && { dropped }),
  };
}

/** True when the client's bytes need additions at most. */
function mayForward(
  request: ChatRequest,
  { model, maxOutputTokens, outputLimitAdded }: ChatCall,
  stream: boolean,
  style: RequestStyle,
) {
  if (request.model !== model || (request.stream ?? false) !== stream) return false;
  if (request.provider_options !== undefined || TENANT_FIELDS.some((field) => request[field] !== undefined))
    return false;
  if (request.stream_options !== undefined && !(stream && request.stream_options.include_usage)) return false;
  if (!outputLimitAdded && !sendsLimit(request, maxOutputTokens, style)) return false;
  return !(style.strict && hasExtensions(request));
}

function additions(
  request: ChatRequest,
  { maxOutputTokens, outputLimitAdded }: ChatCall,
  stream: boolean,
  style: RequestStyle,
): string {
  let added = '';
  if (stream && request.stream_options === undefined) added += ',"stream_options":{"include_usage":true}';
  if (outputLimitAdded && maxOutputTokens !== undefined) added += `,"${style.limitField}":${maxOutputTokens}`;
  return added;
}

/** Inserts members, in ASCII, at the end of the JSON object in `body`. */
function splice(body: Uint8Array, members: string): Uint8Array {
  const brace = body.lastIndexOf(0x7d);
  const bytes = Buffer.allocUnsafe(body.length + members.length);
  bytes.set(body.subarray(0, brace));
  bytes.write(members, brace, 'latin1');
  bytes.set(body.subarray(brace), brace + members.length);
  return bytes;
}

function rewrite(
  request: ChatRequest,
  call: ChatCall,
  stream: boolean,
  style: RequestStyle,
  dropped: readonly string[],
): Record<string, unknown> {
  const { provider_options: _, stream_options: streamOptions, ...fields } = request;
  const native: Record<string, unknown> = style.strict ? withoutExtensions(fields) : fields;
  native.model = call.model;
  for (const field of TENANT_FIELDS) {
    const value = request[field];
    if (value !== undefined) native[field] = tenantId(call.accountId, value);
  }
  for (const field of dropped) delete native[field];
  setLimit(native, call, style);
  if (stream) {
    native.stream = true;
    native.stream_options = { ...streamOptions, include_usage: true };
  }
  mergeProviderOptions(native, call, style.name);
  return native;
}

/** True when the client's own fields already set the limit that is to be sent, wherever this API looks for it. */
function sendsLimit(request: ChatRequest, limit: number | undefined, style: RequestStyle): boolean {
  const { max_completion_tokens: completion, max_tokens: older } = request;
  if (limit === undefined) return true;
  if (style.limitField === 'max_tokens') return completion === undefined && older === limit;
  return completion === undefined ? older === limit : completion === limit && older === undefined;
}

/**
 * Sends the limit in one field: two could differ, and most APIs that copy OpenAI's pass over `max_completion_tokens`,
 * so that a limit set there would be none.
 */
function setLimit(native: Record<string, unknown>, { maxOutputTokens, request }: ChatCall, style: RequestStyle): void {
  if (maxOutputTokens === undefined || sendsLimit(request, maxOutputTokens, style)) return;
  delete native.max_completion_tokens;
  delete native.max_tokens;
  const older = request.max_completion_tokens === undefined && request.max_tokens !== undefined;
  native[older ? 'max_tokens' : style.limitField] = maxOutputTokens;
}

/** Extensions of the gateway's other dialects; OpenAI answers 400 to arguments that it doesn't know. */
const FOREIGN_FIELDS = ['top_k', 'thinking', 'cache_control', 'safety_settings', 'extra_body'];

/**
 * Fields to leave out: foreign ones, and a tier that costs more than the prices say.
 *
 * @throws {GatewayError} `unsupported_parameter` when the operator wants such fields refused.
 */
function refusedFields(request: ChatRequest, { unsupported }: ChatCall, style: RequestStyle): string[] {
  const refused = style.strict ? FOREIGN_FIELDS.filter((name) => request[name] !== undefined) : [];
  if (request.service_tier === PRIORITY_TIER) refused.push('service_tier');
  const [param] = refused;
  if (param !== undefined && unsupported === 'error') {
    throw new GatewayError('unsupported_parameter', { message: `The model does not support ${param}.`, param });
  }
  return refused;
}
