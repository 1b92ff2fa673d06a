import type { Capabilities } from '../../catalog/capabilities.js';
import type { GenerateContentRequest } from '../../gemini-api/generate-content-request.js';
import { type ChatForm, toChatRequest } from '../../gemini-api/to-chat-request.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { ProviderAdapter } from '../../providers/adapter.js';
import { fitToModel } from '../fit-to-model.js';
import { nativeDialect } from '../native-dialect.js';

/** A Gemini request as a chat request for one target. */
export function chatForTarget(
  request: GenerateContentRequest,
  model: string,
  stream: boolean,
  adapter: ProviderAdapter,
  upstreamModel: string,
  capabilities: Capabilities,
): ChatForm {
  const dialect = nativeDialect(adapter, upstreamModel);
  const { chat, dropped } = toChatRequest(request, model, stream, dialect !== 'other');
  if (dialect === 'gemini') return { chat: withThoughts(chat, request), dropped };
  if (dialect === 'claude') return { chat, dropped };
  const lost = new Set(dropped);
  const fitted = fitToModel(chat, upstreamModel, capabilities, (field) => void lost.add(NAMES[field] ?? field));
  return { chat: fitted, dropped: [...lost] };
}

const NAMES: Readonly<Record<string, string>> = {
  reasoning_effort: 'generationConfig.thinkingConfig',
  response_format: 'generationConfig.responseSchema',
  temperature: 'generationConfig.temperature',
  top_p: 'generationConfig.topP',
  stop: 'generationConfig.stopSequences',
  frequency_penalty: 'generationConfig.frequencyPenalty',
  presence_penalty: 'generationConfig.presencePenalty',
  logprobs: 'generationConfig.responseLogprobs',
  top_logprobs: 'generationConfig.logprobs',
  seed: 'generationConfig.seed',
};

/** Gemini behind another API: what the client says of thoughts is passed on as it is. */
function withThoughts(chat: ChatRequest, request: GenerateContentRequest): ChatRequest {
  const thinkingConfig = request.generationConfig?.thinkingConfig;
  if (!thinkingConfig) return chat;
  const { reasoning_effort: _, ...rest } = chat;
  return { ...rest, provider_options: { google: { thinkingConfig } } } as ChatRequest;
}
