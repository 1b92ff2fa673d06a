import { GatewayError } from '../../lib/errors.js';
import { withFields } from '../../lib/with-fields.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { ChatCall } from '../adapter.js';
import { checkValue } from '../allowed-fields.js';
import { asksForNothing, isIdle } from '../asks-for-nothing.js';
import type { EndpointFields } from '../endpoint-fields.js';
import type { SentRequest } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { type Fields, isFields } from '../openai/fields.js';
import { isCostlyTier } from '../openai/gateway-owned-fields.js';
import { mergeProviderOptions } from '../openai/provider-options.js';
import { splice } from '../openai/splice.js';
import { refuseUncounted } from '../openai/uncounted-fields.js';
import { outlineOf } from '../outline.js';
import type { SentSize } from '../sent-size.js';
import { openaiSize } from '../sizing.js';
import { tenantId } from '../tenant-id.js';
import { UnsupportedParams } from '../unsupported-params.js';
import type { CompatibleFacts } from './facts.js';
import { knownTools, printable } from './known-members.js';
import type { LearnedFields } from './learned-fields.js';
import { toLegacyFreeTools } from './legacy-functions.js';
import type { MessageContext } from './message-edit.js';
import type { ReasoningMemory } from './reasoning-memory.js';
import { toMessages } from './to-messages.js';
import { toOutputFormat } from './to-output-format.js';

/** What is known of one endpoint, and what was learned from its answers. */
export interface CompatibleEndpoint {
  readonly facts: CompatibleFacts;
  readonly learned: LearnedFields;
  readonly memory: ReasoningMemory;
  /** What it may be sent. */
  readonly fields: EndpointFields;
}

const PATH = '/chat/completions';
const TENANT_FIELDS = ['user', 'safety_identifier', 'prompt_cache_key'] as const;
const LIMIT_FIELDS = ['max_completion_tokens', 'max_tokens'] as const;

/**
 * The client's own bytes where nothing must change, with what the gateway adds spliced in before the last brace; the
 * request in the API's own form otherwise.
 *
 * @throws {GatewayError} for content that the model can't read, and for fields that the gateway decides.
 */
export function toRequest(call: ChatCall, stream: boolean, endpoint: CompatibleEndpoint): SentRequest {
  const outline = outlineOf(call);
  refuseUncounted(outline);
  checkInsides(outline, endpoint.fields);
  const { body } = call;
  if (body !== undefined && mayForward(outline, call, stream, endpoint)) {
    const added = additions(call, outline, stream, endpoint.facts);
    return { path: PATH, body: added === '' ? body : splice(body, added) };
  }
  const unsupported = new UnsupportedParams(call.unsupported);
  const native = rewrite(call, stream, endpoint, unsupported);
  const dropped = unsupported.names;
  return { path: PATH, body: jsonBody(call, native), ...(dropped.length > 0 && { dropped }) };
}

/** How large the request will be, by what is in it. */
export function sentSize(call: ChatCall, endpoint: CompatibleEndpoint): SentSize {
  refuseUncounted(call.request);
  checkInsides(call.request, endpoint.fields);
  return openaiSize(rewrite(call, false, endpoint, new UnsupportedParams(call.unsupported)), call.model);
}

/** True when the client's bytes need additions at most. */
function mayForward(request: ChatRequest, call: ChatCall, stream: boolean, endpoint: CompatibleEndpoint): boolean {
  const { facts } = endpoint;
  if (request.model !== call.model || (request.stream ?? false) !== stream) return false;
  if (
    stream &&
    request.stream_options !== undefined &&
    !(takesStreamOptions(facts) && request.stream_options.include_usage)
  ) {
    return false;
  }
  if (!stream && request.stream_options !== undefined) return false;
  if (!call.outputLimitAdded && limitOf(request, facts) !== call.maxOutputTokens) return false;
  if (CHANGED_FIELDS.some((field) => request[field] !== undefined)) return false;
  if (request.response_format && !facts.jsonSchema) return false;
  if (facts.needsParameters && request.tools !== undefined) return false;
  if (facts.stopList && typeof request.stop === 'string') return false;
  if (facts.countsLogprobs && request.logprobs !== undefined) return false;
  const refused = facts.refuses?.(call.model);
  for (const name in request) {
    if (facts.renamed && Object.hasOwn(facts.renamed, name)) return false;
    if (!isSent(name, request[name], endpoint, call) || refused?.includes(name)) return false;
  }
  if (facts.effort && request.reasoning_effort !== undefined) return false;
  // a throw-away list: rewriting the request reports the same
  const context = contextOf(call, request, endpoint, new UnsupportedParams('drop'));
  const { messages } = request;
  const native = toMessages(messages, context);
  if (knownTools(request.tools, context) !== request.tools) return false;
  return native.length === messages.length && native.every((message, index) => message === (messages[index] as object));
}

/** Fields whose values are never sent as they are. */
const CHANGED_FIELDS = ['provider_options', 'functions', 'function_call', ...TENANT_FIELDS] as const;

function additions(call: ChatCall, request: ChatRequest, stream: boolean, facts: CompatibleFacts): string {
  let added = '';
  if (stream && takesStreamOptions(facts) && request.stream_options === undefined) {
    added += ',"stream_options":{"include_usage":true}';
  }
  if (call.outputLimitAdded && call.maxOutputTokens !== undefined) {
    added += `,"${facts.limitField}":${call.maxOutputTokens}`;
  }
  return added;
}

function takesStreamOptions({ streamOptions }: CompatibleFacts): boolean {
  return streamOptions === 'taken';
}

function rewrite(
  call: ChatCall,
  stream: boolean,
  endpoint: CompatibleEndpoint,
  unsupported: UnsupportedParams,
): Fields {
  const { facts } = endpoint;
  const { request } = call;
  const { provider_options: _, stream_options: streamOptions, messages, ...fields } = request;
  const context = contextOf(call, request, endpoint, unsupported);
  const native: Fields = { ...fields, model: call.model, messages: toMessages(messages, context) };
  toLegacyFreeTools(native, request);
  if (native.tools !== undefined) native.tools = knownTools(native.tools, context);
  if (facts.needsParameters) native.tools = withParameters(native.tools);
  for (const field of TENANT_FIELDS) {
    const value = request[field];
    if (value !== undefined) native[field] = tenantId(call, value);
  }
  setEffort(native, request, call.model, facts, unsupported);
  toOutputFormat(native, request, facts, unsupported);
  toOwnForms(native, facts);
  drop(native, call, endpoint, unsupported);
  setLimit(native, call, facts);
  if (stream) {
    native.stream = true;
    if (takesStreamOptions(facts)) native.stream_options = withFields(streamOptions ?? {}, { include_usage: true });
  }
  mergeProviderOptions(native, call, facts.name, endpoint.fields.options);
  return native;
}

function contextOf(
  call: ChatCall,
  request: ChatRequest,
  { facts, learned, memory, fields }: CompatibleEndpoint,
  unsupported: UnsupportedParams,
): MessageContext {
  const thinks = request.reasoning_effort !== undefined && request.reasoning_effort !== 'none';
  return {
    facts,
    learned: learned.knownFor(call),
    unsupported,
    everything: fields.everything,
    thinkingParts: /magistral/i.test(call.model) || thinks,
    lostReasoning: facts.lostReasoning === undefined || !needsReasoning(request) ? undefined : facts.lostReasoning,
    recall: (callId) => memory.recall(call, callId),
  };
}

/** True of a conversation with tool calls in which the model may think. */
function needsReasoning({ messages, reasoning_effort: effort, thinking }: ChatRequest): boolean {
  if (effort === 'none' || (isFields(thinking) && thinking.type === 'disabled')) return false;
  return messages.some((message) => message.role === 'assistant' && (message.tool_calls?.length ?? 0) > 0);
}

/** The limit that the client's own fields set where this API looks for it; undefined when another field is used. */
function limitOf(request: ChatRequest, { limitField }: CompatibleFacts): number | undefined {
  const other = limitField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  return request[other] === undefined ? request[limitField] : undefined;
}

/**
 * Sends the limit in one field: two could differ, and most APIs that copy OpenAI's ignore the one that they don't know,
 * so that a limit set there would have no effect.
 */
function setLimit(native: Fields, { maxOutputTokens }: ChatCall, { limitField }: CompatibleFacts): void {
  for (const field of LIMIT_FIELDS) delete native[field];
  if (maxOutputTokens !== undefined) native[limitField] = maxOutputTokens;
}

function setEffort(
  native: Fields,
  { reasoning_effort: wanted }: ChatRequest,
  model: string,
  facts: CompatibleFacts,
  unsupported: UnsupportedParams,
): void {
  if (wanted === undefined) return;
  if (wanted === 'none' && facts.noReasoning) {
    delete native.reasoning_effort;
    Object.assign(native, facts.noReasoning);
    return;
  }
  if (!facts.effort) return;
  const effort = facts.effort(wanted, model);
  if (effort !== undefined) native.reasoning_effort = effort;
  else {
    delete native.reasoning_effort;
    unsupported.drop('reasoning_effort');
  }
}

/** Values that other names and types say elsewhere. */
function toOwnForms(native: Fields, { stopList, countsLogprobs }: CompatibleFacts): void {
  if (stopList && typeof native.stop === 'string') native.stop = [native.stop];
  if (!countsLogprobs) return;
  const { logprobs, top_logprobs: top } = native;
  if (typeof logprobs === 'boolean') native.logprobs = logprobs ? Math.max(1, Number(top ?? 1)) : undefined;
  delete native.top_logprobs;
}

/** What the schema does not have is reported, unless it asks for nothing; so is a tier that costs more than the prices say. */
function drop(native: Fields, call: ChatCall, endpoint: CompatibleEndpoint, unsupported: UnsupportedParams): void {
  const { facts } = endpoint;
  if (isCostlyTier(call.request.service_tier)) {
    delete native.service_tier;
    unsupported.drop('service_tier');
  }
  const refused = facts.refuses?.(call.model) ?? [];
  for (const name of Object.keys(native)) {
    const value = native[name];
    const own = facts.renamed && Object.hasOwn(facts.renamed, name) ? facts.renamed[name] : undefined;
    if (own !== undefined) {
      delete native[name];
      native[own] = value;
    } else if (!isSent(name, value, endpoint, call) || refused.includes(name)) {
      delete native[name];
      if (ASKING.has(name) && !asksForNothing(name, value)) throw noSearch(name);
      if (!asksForNothing(name, value) && !isLimit(name)) unsupported.drop(printable(name));
    }
  }
}

/** True for a field that this API has and that can cost nothing unseen. */
function isSent(
  name: string,
  value: unknown,
  { facts, fields }: CompatibleEndpoint,
  { providerTools }: ChatCall,
): boolean {
  if (!providerTools && facts.toolFields?.includes(name)) return false;
  if (!fields.everything && !Object.hasOwn(fields.top, name)) return false;
  return facts.fields ? facts.fields.has(name) || fields.everything : !isIdle(name, value);
}

/** Fields that ask for a search by themselves: without it the answer would not be what was asked for. */
const ASKING: ReadonlySet<string> = new Set(['web_search_options', 'search_parameters']);

function noSearch(param: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param, message: `The model does not support '${param}'.` });
}

/** @throws {GatewayError} for what is inside of a field and not allowed there. */
function checkInsides(request: ChatRequest, { top, everything }: EndpointFields): void {
  if (everything) return;
  for (const name in request) {
    const allowed = Object.hasOwn(top, name) ? top[name] : undefined;
    if (allowed !== undefined) checkValue(request[name], allowed, name);
  }
}

function isLimit(name: string): boolean {
  return (LIMIT_FIELDS as readonly string[]).includes(name);
}

function withParameters(tools: unknown): unknown {
  if (!Array.isArray(tools)) return tools;
  return tools.map((tool) => {
    if (!isFields(tool) || !isFields(tool.function) || isFields(tool.function.parameters)) return tool;
    return { ...tool, function: { ...tool.function, parameters: { type: 'object', properties: {} } } };
  });
}
