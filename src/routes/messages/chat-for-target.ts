import type { MessagesRequest } from '../../anthropic-api/messages-request.js';
import type { ChatTarget } from '../../anthropic-api/to-chat-content.js';
import { type ChatForm, toChatRequest, wantsThinking } from '../../anthropic-api/to-chat-request.js';
import type { Capabilities } from '../../catalog/capabilities.js';
import type { ChatRequest, ReasoningEffort } from '../../openai-api/chat-request.js';
import type { Attempt, ProviderAdapter } from '../../providers/adapter.js';
import { geminiFamily } from '../../providers/google/families.js';
import { openaiFamily } from '../../providers/openai/families.js';

/** A chat request as one model takes it, and its output limit. */
export interface FittedChat extends ChatForm {
  readonly maxOutputTokens: number | undefined;
}

/** Efforts from the least to the most. */
const EFFORTS: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * A Messages request as a chat request for one target. Agents send thinking, effort and a high output limit to any model:
 * what a model does not know is lowered or left out and reported, so that it does not refuse the request.
 */
export function chatForTarget(
  request: MessagesRequest,
  adapter: ProviderAdapter,
  attempt: Pick<Attempt, 'model' | 'maxOutputTokens' | 'modelOutputLimit'>,
  capabilities: Capabilities,
): FittedChat {
  const { model } = attempt;
  const target = targetOf(adapter, model);
  const { chat, leftOut } = toChatRequest(request, target);
  const fitted: ChatRequest = { ...chat };
  const lost = new Set(leftOut);
  const lose = (field: 'temperature' | 'top_p' | 'stop' | 'reasoning_effort', name: string) => {
    if (fitted[field] === undefined) return;
    delete fitted[field];
    lost.add(name);
  };
  const openai = openaiFamily(model);
  const ownRules = adapter.name === 'google' || target.claude;
  if (!ownRules) {
    fitEffort(fitted, openai ? openai.efforts : effortsOf(capabilities), lost);
    if (openai && openai.efforts.length > 0) {
      if (fitted.temperature === 1) delete fitted.temperature;
      lose('temperature', 'temperature');
      lose('top_p', 'top_p');
      lose('stop', 'stop_sequences');
    }
    if (Array.isArray(fitted.stop) && fitted.stop.length > MAX_STOPS) {
      fitted.stop = fitted.stop.slice(0, MAX_STOPS);
      lost.add('stop_sequences');
    }
  }
  if (adapter.name === 'google') showThoughts(fitted, request, model);
  const limit = lowered(attempt, openai?.maxOutputTokens);
  if (request.max_tokens !== undefined && limit !== undefined && limit < request.max_tokens) lost.add('max_tokens');
  return { chat: fitted, leftOut: [...lost], maxOutputTokens: limit };
}

/** OpenAI takes as many stop sequences. */
const MAX_STOPS = 4;

function targetOf({ name }: ProviderAdapter, model: string): ChatTarget {
  const claude = name === 'anthropic' || /claude/i.test(model);
  const native = claude || name === 'google';
  return { claude, mediaInResults: native, documentUrls: native };
}

function effortsOf({ reasoning }: Capabilities): readonly ReasoningEffort[] {
  if (reasoning === true) return ['low', 'medium', 'high'];
  return reasoning ? EFFORTS.filter((effort) => reasoning.includes(effort)) : [];
}

/** The nearest level that the model knows. Not to think is what a model that can't does anyway. */
function fitEffort(chat: ChatRequest, known: readonly ReasoningEffort[], lost: Set<string>): void {
  const { reasoning_effort: wanted } = chat;
  if (wanted === undefined || known.includes(wanted)) return;
  delete chat.reasoning_effort;
  if (wanted === 'none') return;
  lost.add('output_config.effort');
  const rank = EFFORTS.indexOf(wanted);
  const below = known.filter((effort) => EFFORTS.indexOf(effort) < rank && effort !== 'none').at(-1);
  const nearest = below ?? known.find((effort) => effort !== 'none');
  if (nearest) chat.reasoning_effort = nearest;
}

/** Gemini shows its thoughts only when asked; a budget of the client's is one of its own units. */
function showThoughts(chat: ChatRequest, request: MessagesRequest, model: string): void {
  const { thinking: kind } = geminiFamily(model);
  if (kind === 'none' || !wantsThinking(request)) return;
  const budget = request.thinking?.budget_tokens;
  const exact = kind === 'budget' && budget !== undefined && !request.output_config?.effort;
  if (exact) delete chat.reasoning_effort;
  chat.provider_options = {
    google: { thinkingConfig: { includeThoughts: true, ...(exact && { thinkingBudget: Math.min(budget, 24_576) }) } },
  };
}

function lowered(
  { maxOutputTokens, modelOutputLimit }: Pick<Attempt, 'maxOutputTokens' | 'modelOutputLimit'>,
  familyLimit: number | undefined,
): number | undefined {
  if (maxOutputTokens === undefined) return undefined;
  return Math.min(maxOutputTokens, modelOutputLimit ?? familyLimit ?? maxOutputTokens);
}
