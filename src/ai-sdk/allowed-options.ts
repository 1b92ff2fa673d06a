import type { ChatRequest } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import { type AllowedFields, checkAllowed } from '../providers/allowed-fields.js';

/**
 * Options that a client may set under the name of any of the AI SDK's providers. Not among them: limits, tiers, tools, other
 * models and servers, earlier conversations and caches, whose cost is not known when a request is paid for.
 *
 * Source: the AI SDK's documentation of its providers, "Provider Options".
 */
const ALLOWED: AllowedFields = {
  audioTimestamp: 'value',
  cacheControl: { type: 'value', ttl: 'value' },
  disableParallelToolUse: 'value',
  effort: 'value',
  forceReasoning: 'value',
  imageConfig: { aspectRatio: 'value', imageSize: 'value' },
  labels: 'json',
  logitBias: 'json',
  logprobs: 'value',
  mediaResolution: 'value',
  metadata: 'json',
  parallelToolCalls: 'value',
  promptCacheRetention: 'value',
  reasoningConfig: { type: 'value', budgetTokens: 'value', maxReasoningEffort: 'value' },
  reasoningEffort: 'value',
  reasoningFormat: 'value',
  reasoningSummary: 'value',
  safePrompt: 'value',
  safetySettings: [{ category: 'value', threshold: 'value' }],
  sendReasoning: 'value',
  store: 'value',
  strictJsonSchema: 'value',
  structuredOutputMode: 'value',
  structuredOutputs: 'value',
  systemMessageMode: 'value',
  textVerbosity: 'value',
  thinking: { type: 'value', budgetTokens: 'value', tokenBudget: 'value' },
  thinkingConfig: { includeThoughts: 'value', thinkingBudget: 'value', thinkingLevel: 'value' },
  toolStreaming: 'value',
  truncation: 'value',
};

/**
 * Checks the options that go on to a provider of the AI SDK.
 *
 * @param extra names of further options that the operator lets pass, or `'*'` for all of them.
 * @throws {GatewayError} `unsupported_parameter` whose `param` is the path of the first that is not allowed.
 */
export function checkOptions({ provider_options: all }: ChatRequest, extra: '*' | readonly string[] = []): void {
  if (all === undefined || extra === '*') return;
  const allowed = { ...ALLOWED, ...Object.fromEntries(extra.map((name) => [name, 'json' as const])) };
  for (const [provider, options] of Object.entries(all)) {
    if (isObject(options)) checkAllowed(options, allowed, `provider_options.${provider}`);
  }
}
