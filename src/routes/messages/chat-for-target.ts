import type { MessagesRequest } from '../../anthropic-api/messages-request.js';
import type { ChatTarget } from '../../anthropic-api/to-chat-content.js';
import { type ChatForm, toChatRequest, wantsThinking } from '../../anthropic-api/to-chat-request.js';
import type { Capabilities } from '../../catalog/capabilities.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { isEffortLevel } from '../../openai-api/effort-levels.js';
import type { Attempt, ProviderAdapter } from '../../providers/adapter.js';
import { geminiFamily } from '../../providers/google/families.js';
import { openaiFamily } from '../../providers/openai/families.js';
import { fitToModel } from '../fit-to-model.js';
import { nativeDialect } from '../native-dialect.js';

/** A chat request as one model takes it, and its output limit. */
export interface FittedChat extends ChatForm {
  readonly maxOutputTokens: number | undefined;
}

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
  const dialect = nativeDialect(adapter, model);
  const { chat, dropped } = toChatRequest(request, targetOf(dialect));
  const lost = new Set(dropped);
  const lose = (field: string) => void lost.add(NAMES[field] ?? field);
  if (dialect !== 'other' && chat.reasoning_effort !== undefined && !isEffortLevel(chat.reasoning_effort)) {
    delete chat.reasoning_effort;
    lose('reasoning_effort');
  }
  const fitted = dialect === 'other' ? fitToModel(chat, model, capabilities, lose) : { ...chat };
  if (dialect === 'gemini') showThoughts(fitted, request, model);
  const limit = lowered(attempt, openaiFamily(model)?.maxOutputTokens);
  if (request.max_tokens !== undefined && limit !== undefined && limit < request.max_tokens) lost.add('max_tokens');
  return { chat: fitted, dropped: [...lost], maxOutputTokens: limit };
}

/** The names of fields that differ. */
const NAMES: Readonly<Record<string, string>> = {
  reasoning_effort: 'output_config.effort',
  response_format: 'output_config.format',
  stop: 'stop_sequences',
};

function targetOf(dialect: ReturnType<typeof nativeDialect>): ChatTarget {
  const native = dialect !== 'other';
  return { claude: dialect === 'claude', mediaInResults: native, documentUrls: native };
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
