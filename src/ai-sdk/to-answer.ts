import type {
  LanguageModelV3FinishReason,
  LanguageModelV3GenerateResult,
  LanguageModelV3Usage,
} from '@ai-sdk/provider';
import { NO_USAGE, tokenCount, type Usage } from '../lib/usage.js';
import type { FinishReason } from '../openai-api/chat-completion.js';
import type { ExtraContent, ReasoningDetail } from '../openai-api/chat-request.js';
import type { ChatAnswer, ChatCall } from '../providers/adapter.js';
import { truncatedAnswer } from '../providers/answer-faults.js';
import { CARRIED } from './to-prompt.js';

/** A whole answer. Calls that the provider ran itself are over by now, and no calls of the client's. */
export function toAnswer(result: LanguageModelV3GenerateResult, call: ChatCall): Omit<ChatAnswer, 'dropped'> {
  const { content, finishReason } = result;
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const reasoning = content.flatMap((part) => (part.type === 'reasoning' ? [part] : []));
  const calls = content.flatMap((part) => (part.type === 'tool-call' && !part.providerExecuted ? [part] : []));
  const toolCalls = calls.map(({ toolCallId: id, toolName: name, input, providerMetadata }) => {
    const called = { name, arguments: input || '{}' };
    return { id, type: 'function' as const, function: called, ...signed(providerMetadata) };
  });
  const usage = toUsage(result.usage);
  return {
    completion: {
      id: `chatcmpl-${result.response?.id ?? call.requestId}`,
      object: 'chat.completion',
      created: Math.floor((result.response?.timestamp?.getTime() ?? call.now()) / 1_000),
      model: result.response?.modelId ?? call.model,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: texts.length > 0 ? texts.join('') : toolCalls.length > 0 ? null : '',
            refusal: null,
            ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
            ...(reasoning.length > 0 && {
              reasoning_content: reasoning.map(({ text }) => text).join(''),
              reasoning_details: reasoning.map(({ text, providerMetadata }, index) =>
                toDetail(text, providerMetadata, index),
              ),
            }),
          },
          logprobs: null,
          ...toFinish(finishReason, toolCalls.length > 0),
        },
      ],
    },
    ...(usage && { usage }),
  };
}

/** What a provider wants back with the reasoning, such as a signature. */
export function toDetail(text: string, metadata: unknown, index: number): ReasoningDetail {
  return {
    type: 'reasoning.text',
    text,
    format: CARRIED,
    index,
    ...(metadata !== undefined && { provider_metadata: metadata }),
  };
}

/** What a provider wants back with a call, such as the signature of the thought that led to it. */
export function signed(metadata: unknown): { extra_content?: ExtraContent } {
  return metadata === undefined ? {} : { extra_content: { [CARRIED]: metadata } };
}

/**
 * Why the answer ended; `stop` after calls becomes `tool_calls`, which agent loops wait for.
 *
 * Source: AI SDK, `LanguageModelV3FinishReason`.
 *
 * @throws {UpstreamError} for an answer that failed.
 */
export function toFinish(
  { unified, raw }: LanguageModelV3FinishReason,
  hasCalls: boolean,
): { finish_reason: FinishReason; native_finish_reason?: string } {
  switch (unified) {
    case 'error':
      throw truncatedAnswer();
    case 'stop':
      return hasCalls ? { finish_reason: 'tool_calls', native_finish_reason: unified } : { finish_reason: unified };
    case 'length':
      return { finish_reason: unified };
    case 'content-filter':
      return { finish_reason: 'content_filter' };
    case 'tool-calls':
      return { finish_reason: 'tool_calls' };
    default:
      return { finish_reason: hasCalls ? 'tool_calls' : 'stop', native_finish_reason: raw ?? unified };
  }
}

/** Totals include their parts, as OpenAI's do. Undefined when nothing was reported. */
export function toUsage({ inputTokens: input, outputTokens: output }: LanguageModelV3Usage): Usage | undefined {
  const read = tokenCount(input.cacheRead) ?? 0;
  const written = tokenCount(input.cacheWrite) ?? 0;
  const fresh = tokenCount(input.noCache) ?? rest(input.total, read + written);
  const reasoning = tokenCount(output.reasoning) ?? 0;
  const text = tokenCount(output.text) ?? rest(output.total, reasoning);
  if (fresh === undefined || text === undefined) return undefined;
  return {
    ...NO_USAGE,
    inputTokens: fresh,
    cachedInputTokens: read,
    cacheWriteTokens: written,
    outputTokens: text,
    reasoningTokens: reasoning,
    source: 'provider',
  };
}

function rest(total: number | undefined, part: number): number | undefined {
  const count = tokenCount(total);
  return count === undefined ? undefined : Math.max(0, count - part);
}
