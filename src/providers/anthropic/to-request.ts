import type { ChatRequest } from '../../openai-api/chat-request.js';
import { checkPublishedValues } from '../../openai-api/published-values.js';
import type { ChatCall } from '../adapter.js';
import type { SentRequest } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { tenantId } from '../tenant-id.js';
import { UnsupportedParams } from '../unsupported-params.js';
import { isObject, type MessagesRequest } from './api.js';
import { limitBreakpoints } from './cache-control.js';
import { reportDropped } from './dropped-params.js';
import { endWithUser } from './end-with-user.js';
import { type ClaudeFamily, claudeFamily } from './families.js';
import { hostedBody, type MessagesHost } from './hosts.js';
import { mergeProviderOptions, requestedBetas } from './provider-options.js';
import { toConversation } from './to-messages.js';
import { applyOutputFormat, jsonToolName } from './to-output-format.js';
import { toSampling } from './to-sampling.js';
import { isThinking, type ThinkingPlan, toThinking } from './to-thinking.js';
import { toTools } from './to-tools.js';

const FILES_BETA = 'files-api-2025-04-14';

/**
 * A chat request in the form of Anthropic's Messages API.
 *
 * @param betas beta names of the endpoint's own `anthropic-beta` header, kept in addition to those of the request.
 * @param host the cloud that hosts the model; undefined: Anthropic itself.
 * @throws {GatewayError} where the meaning can't be kept. Source: Anthropic API reference, `POST /v1/messages`.
 */
export function toRequest(call: ChatCall, stream: boolean, betas: readonly string[], host?: MessagesHost): SentRequest {
  const unsupported = new UnsupportedParams(call.unsupported);
  const body = toBody(call, stream, unsupported, host);
  return nativeRequest(call, body, unsupported, [...betas, ...requestedBetas(call.request)], host);
}

/** The body alone, as a value. @throws {GatewayError} where the meaning can't be kept. */
export function toBody(
  call: ChatCall,
  stream: boolean,
  unsupported: UnsupportedParams,
  host?: MessagesHost,
): MessagesRequest {
  const { request } = call;
  checkPublishedValues(request);
  reportDropped(request, unsupported);
  const family = claudeFamily(call.model);
  const replayThinking = family.thinking !== 'none';
  const conversation = toConversation(request.messages, { replayThinking, unsupported });
  if (!family.prefill) endWithUser(conversation, request, unsupported);
  const { tools, choice } = toTools(request, family, unsupported);
  const maxTokens = toMaxTokens(call, family);
  const forcesJsonTool = jsonToolName(request, call.model) !== undefined;
  const turns = conversation.messages;
  const plan = toThinking(request, { family, maxTokens, turns, forcesJsonTool }, unsupported);
  const body: MessagesRequest = {
    model: call.model,
    max_tokens: maxTokens,
    ...conversation,
    ...(stream && { stream: true }),
    ...toSampling(request, family, isThinking(plan), unsupported),
    ...toStop(request.stop, unsupported),
    ...(plan.thinking && { thinking: plan.thinking }),
    ...(plan.effort !== undefined && { output_config: { effort: plan.effort } }),
    ...(tools.length > 0 && { tools }),
    ...(choice && { tool_choice: choice }),
    ...toUserId(call),
    ...toServiceTier(request.service_tier, host, unsupported),
    ...(isObject(request['cache_control']) && { cache_control: request['cache_control'] }),
  };
  fitBody(body, request, family, plan, unsupported);
  return body;
}

/** Makes the parts of a body fit each other; in this order, since each reads what the one before it wrote. */
function fitBody(
  body: MessagesRequest,
  request: ChatRequest,
  family: ClaudeFamily,
  plan: ThinkingPlan,
  unsupported: UnsupportedParams,
): void {
  applyOutputFormat(body, request);
  const isChosen = request.tool_choice !== undefined || request.function_call !== undefined;
  if (relaxToolChoice(body, family, plan)) unsupported.drop(isChosen ? 'tool_choice' : 'response_format');
  mergeProviderOptions(body, request);
  applyNativeThinking(body, plan);
  limitBreakpoints(body, unsupported);
}

function nativeRequest(
  call: ChatCall,
  body: MessagesRequest,
  unsupported: UnsupportedParams,
  betas: string[],
  host: MessagesHost | undefined,
): SentRequest {
  const usesFiles = body.messages.some((turn) =>
    turn.content.some((block) => 'source' in block && isFile(block.source)),
  );
  const names = [...new Set(usesFiles ? [...betas, FILES_BETA] : betas)];
  return {
    path: host?.path(body.stream === true) ?? '/v1/messages',
    body: host ? JSON.stringify(hostedBody(body, host, names)) : jsonBody(call, body),
    ...(names.length > 0 && !host?.betasInBody && { headers: { 'anthropic-beta': names.join(',') } }),
    ...(unsupported.names.length > 0 && { dropped: unsupported.names }),
  };
}

function isFile(source: { type: string }): boolean {
  return source.type === 'file';
}

/** `max_tokens` is required; more than the model can write is refused, so it is lowered to that. */
function toMaxTokens(call: ChatCall, family: ClaudeFamily): number {
  const wanted = call.maxOutputTokens ?? call.modelOutputLimit ?? family.maxOutputTokens;
  const limit = call.modelOutputLimit ?? (family.known ? family.maxOutputTokens : wanted);
  return Math.min(wanted, limit);
}

/** Anthropic refuses stop sequences of white space alone. */
function toStop(stop: string | string[] | undefined, unsupported: UnsupportedParams): { stop_sequences?: string[] } {
  const wanted = typeof stop === 'string' ? [stop] : (stop ?? []);
  const usable = wanted.filter((sequence) => sequence.trim() !== '');
  if (usable.length < wanted.length) unsupported.drop('stop');
  return usable.length > 0 ? { stop_sequences: usable } : {};
}

/** Anthropic asks for an opaque id without names, mail addresses or phone numbers: it gets a digest. */
function toUserId(call: ChatCall): Pick<MessagesRequest, 'metadata'> {
  const { request } = call;
  const id = request.safety_identifier || request.user;
  return id ? { metadata: { user_id: tenantId(call, id) } } : {};
}

/** Tiers are Anthropic's own: its hosts refuse the field. */
function toServiceTier(
  tier: string | undefined,
  host: MessagesHost | undefined,
  unsupported: UnsupportedParams,
): Pick<MessagesRequest, 'service_tier'> {
  if (tier === undefined) return {};
  if (!host) return { service_tier: tier === 'default' ? 'standard_only' : 'auto' };
  if (tier !== 'default' && tier !== 'auto') unsupported.drop('service_tier');
  return {};
}

/** The native settings of `provider_options` win, unless the request would be refused for them. */
function applyNativeThinking(body: MessagesRequest, { thinking, isNative }: ThinkingPlan): void {
  if (!isNative) return;
  if (thinking) body.thinking = thinking;
  else delete body.thinking;
}

/** A forced tool choice is refused together with thinking, and by some models always: the model decides then. */
function relaxToolChoice(body: MessagesRequest, family: ClaudeFamily, plan: ThinkingPlan): boolean {
  const choice = body.tool_choice;
  if (choice?.type !== 'any' && choice?.type !== 'tool') return false;
  if (family.forcedTools && !isThinking(plan)) return false;
  const { disable_parallel_tool_use: oneCall } = choice;
  body.tool_choice = { type: 'auto', ...(oneCall && { disable_parallel_tool_use: true }) };
  return true;
}
