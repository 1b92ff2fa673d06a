import { GatewayError } from '../../lib/errors.js';
import type { ChatMessage, ChatRequest } from '../../openai-api/chat-request.js';
import { checkPublishedValues } from '../../openai-api/published-values.js';
import type { ChatCall } from '../adapter.js';
import type { SentRequest } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { UnsupportedParams } from '../unsupported-params.js';
import type { GenerateContentRequest } from './api.js';
import { type GeminiFamily, geminiFamily } from './families.js';
import { mergeNativeOptions } from './native-options.js';
import { PARAMETERS } from './parameters.js';
import type { SignatureMemory } from './signature-memory.js';
import { toContents } from './to-contents.js';
import { outputInstruction, toGenerationConfig } from './to-generation-config.js';
import { toTools } from './to-tools.js';

/**
 * OpenAI's names of the tiers that have a native one; `auto` and `default` are what Google does unasked. `priority` costs
 * more than the prices say, so it is left out.
 */
const SERVICE_TIERS: Readonly<Record<string, string | undefined>> = {
  auto: undefined,
  default: undefined,
  standard: undefined,
  flex: 'flex',
};

/**
 * A chat request as a `generateContent` request.
 *
 * Source: ai.google.dev, API reference, `models.generateContent` and `models.streamGenerateContent`.
 *
 * @throws {GatewayError} with `param` when the request means something that the model can't do.
 */
export function toRequest(call: ChatCall, stream: boolean, signatures: SignatureMemory): SentRequest {
  const unsupported = new UnsupportedParams(call.unsupported);
  const body = toBody(call, signatures, unsupported);
  const dropped = unsupported.names;
  return {
    path: `/v1beta/${modelPath(call.model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: jsonBody(call, body),
    ...(dropped.length > 0 && { dropped }),
  };
}

/** The body alone, as a value. @throws {GatewayError} with `param` when it means something that the model can't do. */
export function toBody(
  call: ChatCall,
  signatures: SignatureMemory,
  unsupported: UnsupportedParams,
): Record<string, unknown> {
  const { request } = call;
  checkPublishedValues(request);
  const family = geminiFamily(call.model);
  dropForeign(request, unsupported);
  const tools = toTools(request, family, unsupported);
  const generationConfig = toGenerationConfig(call, family, tools.tools !== undefined, unsupported);
  const serviceTier = toServiceTier(request, unsupported);
  const native: GenerateContentRequest = Object.assign(
    toContents(withInstruction(request, family, tools.tools !== undefined), {
      family,
      unsupported,
      recall: (callId, name) => signatures.recall(call, { callId, name }),
    }),
    tools,
    serviceTier !== undefined && { serviceTier },
    safetySettings(request),
    Object.keys(generationConfig).length > 0 && { generationConfig },
  );
  return mergeNativeOptions({ ...native }, request, call.maxOutputTokens);
}

function withInstruction(request: ChatRequest, family: GeminiFamily, hasTools: boolean): readonly ChatMessage[] {
  const instruction = outputInstruction(request, family, hasTools);
  if (instruction === undefined) return request.messages;
  return [...request.messages, { role: 'system', content: instruction }];
}

/** `x` and `models/x` name the same model; a tuned model keeps its own collection. */
export function modelPath(model: string): string {
  const [, collection = 'models', id = model] = /^(models|tunedModels)\/(.+)$/s.exec(model) ?? [];
  return `${collection}/${encodeURIComponent(id)}`;
}

function dropForeign(request: ChatRequest, unsupported: UnsupportedParams): void {
  for (const [name, value] of Object.entries(request)) {
    if (value === undefined || value === null || asksForNothing(name, value)) continue;
    if (Object.hasOwn(PARAMETERS, name) && PARAMETERS[name] !== 'dropped') continue;
    unsupported.drop(printable(name));
  }
  const extra = request['extra_body'];
  const others =
    typeof extra === 'object' && extra !== null ? Object.keys(extra).filter((key) => key !== 'google') : [];
  for (const key of others) unsupported.drop(`extra_body.${printable(key)}`);
}

/** A header will carry the name, and a client may send any. */
function printable(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : 'unknown';
}

/** Values that a field has when it is not used; parallel calls depend on the tools and are looked at there. */
function asksForNothing(name: string, value: unknown): boolean {
  if (name === 'parallel_tool_calls') return true;
  if (name === 'store') return value === false;
  if (name === 'verbosity') return value === 'medium';
  return (
    (name === 'metadata' || name === 'logit_bias') && typeof value === 'object' && Object.keys(value ?? {}).length === 0
  );
}

function toServiceTier({ service_tier: tier }: ChatRequest, unsupported: UnsupportedParams): string | undefined {
  if (tier === undefined) return undefined;
  if (Object.hasOwn(SERVICE_TIERS, tier)) return SERVICE_TIERS[tier];
  unsupported.drop('service_tier');
  return undefined;
}

/** Extension: the native list, as it is. */
function safetySettings(request: ChatRequest): { safetySettings?: unknown[] } {
  const settings = request['safety_settings'];
  if (settings === undefined || settings === null) return {};
  if (Array.isArray(settings)) return { safetySettings: settings };
  throw new GatewayError('invalid_type', { param: 'safety_settings', message: 'safety_settings must be an array.' });
}
