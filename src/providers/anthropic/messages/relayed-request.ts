import { allowedBetas } from '../../../anthropic-api/betas.js';
import {
  isClientTool,
  type MessageParam,
  type MessagesBody,
  type MessagesRequest,
  type ToolParam,
} from '../../../anthropic-api/messages-request.js';
import { editMembers } from '../../../json/edit-members.js';
import { LONGEST_KEPT } from '../../../json/outline.js';
import { GatewayError } from '../../../lib/errors.js';
import type { RouteCall } from '../../adapter.js';
import type { NativeRequest, SentRequest } from '../../http/http-provider.js';
import { jsonBody } from '../../http/large-json.js';
import { tenantId } from '../../tenant-id.js';
import { UnsupportedParams } from '../../unsupported-params.js';
import { OTHER_MODELS } from '../allowed-fields.js';
import { isObject } from '../api.js';
import { NOT_COUNTED } from '../count-tokens.js';
import { type ClaudeFamily, claudeFamily } from '../families.js';
import { hostedBetas, type MessagesHost } from '../hosts.js';
import { toSampling } from '../to-sampling.js';
import { addHostEdits, type Edits } from './hosted-request.js';
import { lacksSystemRole, mayHoldForeignTurns, ownMessages, systemAsUser } from './own-messages.js';
import { pairedMessages } from './paired-messages.js';
import { relayedOutputConfig, relayedThinking } from './relayed-thinking.js';

/** Fields that are passed on; others may run another model, at another price, or reach other tenants' data. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'tools',
  'tool_choice',
  'metadata',
  'service_tier',
  'cache_control',
  'context_management',
  'compaction',
  'diagnostics',
]);

/** What an endpoint adds to every request, and lets clients ask for. */
export interface RelayOptions {
  readonly betas: readonly string[];
  readonly allowedBetas: ReadonlySet<string>;
  /** The cloud that hosts the models; unset: Anthropic itself. */
  readonly host?: MessagesHost;
}

/**
 * A Messages request for Anthropic: the client's own bytes, with only those top-level fields rewritten that must
 * differ, always in the same way, so that each turn sends the same prefix and prompt caches hold.
 *
 * @throws {GatewayError} where the choice of tools forces one that does not run.
 */
export function relayedRequest(call: RouteCall<MessagesBody>, options: RelayOptions): SentRequest {
  const { request } = call;
  const { host } = options;
  const unsupported = new UnsupportedParams(call.unsupported);
  const edits = editsOf(call, unsupported);
  const betas = betasOf(call, options);
  if (host) addHostEdits(edits, request, host, betas, unsupported);
  const path = host?.path(request.outline.stream === true) ?? '/v1/messages';
  const body = relayed(request, edits) ?? jsonBody(host ? {} : call, applied(request, edits));
  const { names: dropped } = unsupported;
  const headers = betaHeader(betas, host);
  if (!headers && dropped.length === 0) return { path, body };
  return { path, body, ...(headers && { headers }), ...(dropped.length > 0 && { dropped }) };
}

/** The same for counting tokens, which takes fewer fields. Source: the Anthropic API reference, `count_tokens`. */
export function relayedCount(call: RouteCall<MessagesBody>, options: RelayOptions): NativeRequest {
  const { request, model } = call;
  const { host } = options;
  const edits = editsOf(call, new UnsupportedParams('drop'));
  const betas = betasOf(call, options);
  if (host) addHostEdits(edits, request, host, betas, new UnsupportedParams('drop'));
  const counted = host?.count;
  if (counted?.model) edits.set('model', JSON.stringify(counted.model(model)));
  if (!counted || counted.model) {
    for (const name of NOT_COUNTED) {
      edits.delete(name);
      if (request.outline[name] !== undefined) edits.set(name, undefined);
    }
  }
  const body = relayed(request, edits) ?? JSON.stringify(applied(request, edits));
  const headers = betaHeader(betas, host);
  return {
    path: counted?.path ?? '/v1/messages/count_tokens',
    body: counted?.wrap?.(body) ?? body,
    ...(headers && { headers }),
  };
}

function betasOf({ request, model }: RouteCall<MessagesBody>, { betas, allowedBetas: more, host }: RelayOptions) {
  if (betas.length + request.betas.length === 0) return NO_BETAS;
  return [...new Set([...betas, ...hostedBetas(allowedBetas(request.betas, more), host, model)])];
}

const NO_BETAS: readonly string[] = [];

function betaHeader(betas: readonly string[], host: MessagesHost | undefined): NativeRequest['headers'] {
  return betas.length > 0 && !host?.betasInBody ? { 'anthropic-beta': betas.join(',') } : undefined;
}

function editsOf(call: RouteCall<MessagesBody>, unsupported: UnsupportedParams): Edits {
  const { request, model } = call;
  const { outline } = request;
  const family = claudeFamily(model);
  const edits: Edits = new Map();
  const set = (name: string, before: unknown, after: unknown) => {
    if (before !== after) edits.set(name, after === undefined ? undefined : JSON.stringify(after));
  };
  for (const name in outline) {
    if (KNOWN.has(name)) continue;
    unsupported.drop(name.replace(/[^\w.-]/g, '_').slice(0, 64));
    edits.set(name, undefined);
  }
  set('model', outline.model, model);
  const limit = limitOf(call, family);
  if (outline.max_tokens !== undefined && limit < outline.max_tokens) unsupported.drop('max_tokens');
  set('max_tokens', outline.max_tokens, limit);
  const messages = messagesFor(request, model, unsupported);
  set('messages', outline.messages, messages);
  const thinking = relayedThinking(outline, messages, family, limit, unsupported);
  set('thinking', outline.thinking, thinking);
  if (outline.thinking !== undefined && thinking === undefined) withoutThinkingEdits(outline, edits);
  set('output_config', outline.output_config, relayedOutputConfig(outline, family, unsupported));
  sampling(outline, family, thinking, unsupported, set);
  if (outline.metadata !== undefined) {
    const id = userOf(request);
    edits.set('metadata', id ? JSON.stringify({ user_id: tenantId(call, id) }) : undefined);
  }
  const tier = outline.service_tier;
  if (tier !== undefined && tier !== 'auto' && tier !== 'standard_only') {
    unsupported.drop('service_tier');
    edits.set('service_tier', undefined);
  }
  if (outline.tools !== undefined) tools(request, call.providerTools === true, unsupported, edits);
  return edits;
}

/** What an outline has of a long id is cut; a short one needs no more of the request. */
function userOf(request: MessagesBody): string | null | undefined {
  const id = request.outline.metadata?.user_id;
  return typeof id === 'string' && id.length > LONGEST_KEPT ? request.value.metadata?.user_id : id;
}

/** The conversation as the model takes it; the very same where nothing must change. */
function messagesFor(request: MessagesBody, model: string, unsupported: UnsupportedParams): MessageParam[] {
  const { outline } = request;
  const foreign = mayHoldForeignTurns(outline, request.bytes);
  const system = lacksSystemRole(outline, model);
  if (!foreign && !system && isPaired(outline)) return outline.messages;
  const messages = answeredIn(request, unsupported);
  const own = foreign ? ownMessages(messages) : messages;
  return system ? systemAsUser(own) : own;
}

/** The whole conversation, each call with its result. */
export function answeredIn({ value }: MessagesBody, unsupported: UnsupportedParams): MessageParam[] {
  return pairedMessages(value.messages, unsupported);
}

function isPaired({ messages }: MessagesRequest): boolean {
  return pairedMessages(messages, new UnsupportedParams('drop')) === messages;
}

/** Anthropic refuses to clear thinking where thinking is off. Source: Anthropic docs, context editing. */
function withoutThinkingEdits({ context_management: management }: MessagesRequest, edits: Edits): void {
  if (!isObject(management) || !Array.isArray(management['edits'])) return;
  const kept = management['edits'].filter(
    (edit) => !isObject(edit) || !String(edit['type']).startsWith('clear_thinking'),
  );
  edits.set('context_management', kept.length > 0 ? JSON.stringify({ ...management, edits: kept }) : undefined);
}

/** The client's own bytes with what must differ; undefined where they can't be sent. */
function relayed({ bytes }: MessagesBody, edits: Edits): Uint8Array | undefined {
  return bytes && editMembers(bytes, edits);
}

function applied({ value }: MessagesBody, edits: Edits): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...value };
  for (const [name, text] of edits) {
    if (text === undefined) delete copy[name];
    else copy[name] = JSON.parse(text);
  }
  return copy;
}

/** The client's limit, at most what the model can write: more is refused. */
function limitOf(
  { request, maxOutputTokens, modelOutputLimit }: RouteCall<MessagesBody>,
  family: ClaudeFamily,
): number {
  const wanted = maxOutputTokens ?? request.outline.max_tokens ?? family.maxOutputTokens;
  const most = modelOutputLimit ?? (family.known ? family.maxOutputTokens : wanted);
  return Math.min(wanted, most);
}

function sampling(
  outline: MessagesRequest,
  family: ClaudeFamily,
  thinking: MessagesRequest['thinking'],
  unsupported: UnsupportedParams,
  set: (name: string, before: unknown, after: unknown) => void,
): void {
  const { temperature, top_p, top_k } = outline;
  if ((temperature ?? top_p ?? top_k) === undefined || !family.known) return;
  const thinks = thinking !== undefined && thinking.type !== 'disabled';
  const asked = { ...(temperature !== undefined && { temperature }), ...(top_p !== undefined && { top_p }) };
  const kept = toSampling({ ...NO_CHAT, ...asked, ...(top_k !== undefined && { top_k }) }, family, thinks, unsupported);
  set('temperature', temperature, kept.temperature);
  set('top_p', top_p, kept.top_p);
  set('top_k', top_k, kept.top_k);
}

const NO_CHAT = { model: '', messages: [] };

/** True for a tool that runs another model: it bills at that model's price, which is not the request's, whoever pays for it. */
function runsOtherModel(tool: ToolParam): boolean {
  return OTHER_MODELS.test(tool.type ?? '') || 'model' in tool;
}

/**
 * Leaves out the tools that run another model, and, unless the plan has them, those that Anthropic runs.
 *
 * @throws {GatewayError} when one of them is forced.
 */
function tools(request: MessagesBody, providerTools: boolean, unsupported: UnsupportedParams, edits: Edits): void {
  const all = request.outline.tools ?? [];
  const stays = (tool: ToolParam) => !runsOtherModel(tool) && (providerTools || runsAtClient(tool));
  const kept = all.filter((tool, index) => {
    if (!stays(tool)) unsupported.drop(`tools[${index}]`);
    return stays(tool);
  });
  if (kept.length === all.length) return;
  const { tool_choice: choice } = request.outline;
  const lost = all.filter((tool) => !stays(tool)).map(({ name }) => name);
  if (choice?.type === 'tool' && lost.includes(choice.name)) {
    const message = `'tool_choice' forces a tool that is not available here: '${choice.name}'.`;
    throw new GatewayError('unsupported_parameter', { message, param: 'tool_choice' });
  }
  if (kept.length > 0) edits.set('tools', JSON.stringify((request.value.tools ?? []).filter(stays)));
  else {
    edits.set('tools', undefined);
    if (choice) edits.set('tool_choice', undefined);
  }
}

/** Tools that Anthropic describes and the client runs, and the search among the client's own tools. */
const FREE_TOOL =
  /^(?:bash|text_editor|memory|computer)_\d+$|^(?:browser|computer)_toolset_\d+$|^tool_search_tool_\w+$/;

/** True for a tool that costs nothing beyond its tokens. */
export function runsAtClient(tool: ToolParam): boolean {
  return isClientTool(tool) || FREE_TOOL.test(tool.type ?? '');
}
