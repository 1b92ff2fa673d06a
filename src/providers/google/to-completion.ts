import { toOpenAIUsage } from '../../lib/usage.js';
import type { ChatDelta } from '../../openai-api/chat-chunk.js';
import type { ChatAnswerMessage, ChatCompletion } from '../../openai-api/chat-completion.js';
import type { ChatAnswer, ChatCall } from '../adapter.js';
import { chatId } from '../chat-id.js';
import { invalidAnswer } from '../http/http-provider.js';
import { usesLegacyFunctions } from '../legacy-functions.js';
import { AnswerReader, asResponse, type Emission } from './answer-reader.js';
import { clientNames } from './function-names.js';
import type { SignatureMemory } from './signature-memory.js';
import type { ToError } from './to-error.js';
import type { ChoiceLogprobs } from './to-logprobs.js';

/** What the translators of answers need from outside. */
export interface AnswerContext {
  /** Fresh text for ids, at most 32 characters of `[a-zA-Z0-9]`. */
  readonly randomId: () => string;
  readonly toError: ToError;
  readonly signatures: SignatureMemory;
}

/**
 * A whole `generateContent` answer as a chat completion. The list that the API gives without `alt=sse` fits too.
 *
 * @throws {UpstreamError} for an error in place of an answer, an empty answer, a model that failed.
 */
export function toCompletion(
  json: unknown,
  text: string,
  call: ChatCall,
  context: AnswerContext,
): Omit<ChatAnswer, 'dropped'> {
  const reader = newReader(call, context);
  const emissions: Emission[] = [];
  for (const value of Array.isArray(json) ? json : [json]) {
    const response = asResponse(value);
    if (response.error !== undefined) throw context.toError({ headers: {}, text });
    emissions.push(...reader.read(response));
  }
  if (emissions.length === 0 && !reader.isComplete) throw invalidAnswer(new Error('the answer holds no candidate'));
  const ending = reader.end();
  emissions.push(...ending.emissions);
  const usage = reader.usage;
  const completion: ChatCompletion = {
    id: chatId(reader.id ?? context.randomId()),
    object: 'chat.completion',
    created: reader.created ?? Math.floor(call.now() / 1_000),
    model: reader.model ?? call.model,
    choices: [
      {
        index: 0,
        message: toMessage(emissions.map(({ delta }) => delta)),
        logprobs: joinLogprobs(emissions),
        finish_reason: ending.finishReason,
        ...(ending.nativeFinishReason !== undefined && { native_finish_reason: ending.nativeFinishReason }),
      },
    ],
    ...(usage && { usage: toOpenAIUsage(usage) }),
    ...(reader.serviceTier !== undefined && { service_tier: reader.serviceTier }),
  };
  return { completion, ...(usage && { usage }) };
}

/** A reader that gives the answer the form that the request asks for. */
export function newReader(call: ChatCall, context: AnswerContext): AnswerReader {
  return new AnswerReader({
    legacyFunctions: usesLegacyFunctions(call.request),
    names: clientNames(call.request),
    newCallId: () => `call_${context.randomId()}`,
    onSignature: (callId, name, signature) => context.signatures.keep(call, { callId, name }, signature),
  });
}

function toMessage(deltas: readonly ChatDelta[]): ChatAnswerMessage {
  const message: ChatAnswerMessage = { role: 'assistant', content: null, refusal: null };
  for (const { content, refusal, reasoning_content: reasoning, tool_calls: calls, ...rest } of deltas) {
    if (content != null) message.content = (message.content ?? '') + content;
    if (refusal != null) message.refusal = (message.refusal ?? '') + refusal;
    if (reasoning !== undefined) message.reasoning_content = (message.reasoning_content ?? '') + reasoning;
    for (const call of calls ?? []) {
      const { index: _, id = '', function: definition = {}, extra_content: extra } = call;
      const { name = '', arguments: text = '{}' } = definition;
      message.tool_calls ??= [];
      message.tool_calls.push({
        id,
        type: 'function',
        function: { name, arguments: text },
        ...(extra && { extra_content: extra }),
      });
    }
    Object.assign(message, rest);
  }
  return message;
}

function joinLogprobs(emissions: readonly Emission[]): ChoiceLogprobs | null {
  const content = emissions.flatMap(({ logprobs }) => logprobs?.content ?? []);
  return content.length > 0 ? { content, refusal: null } : null;
}
