import type { ChatChunkChoice } from '../../openai-api/chat-chunk.js';
import type { ChatChoice } from '../../openai-api/chat-completion.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { legacyChoice, usesLegacyFunctions } from '../legacy-functions.js';
import type { Fields } from '../openai/fields.js';

/** The deprecated `functions` as tools: few APIs that copy OpenAI's ever had them. One answer holds one call. */
export function toLegacyFreeTools(native: Fields, request: ChatRequest): void {
  delete native.functions;
  delete native.function_call;
  if (!usesLegacyFunctions(request)) return;
  native.tools = request.functions?.map((definition) => ({ type: 'function', function: definition }));
  const choice = legacyChoice(request);
  if (choice !== undefined) native.tool_choice = choice;
}

/** An answer in the deprecated form: its first call, the others left out. */
export function asLegacyChoice(choice: ChatChoice): ChatChoice {
  const { tool_calls: calls, ...message } = choice.message;
  const [first] = calls ?? [];
  if (first === undefined) return choice;
  return { ...choice, message: { ...message, function_call: first.function }, finish_reason: legacyReason(choice) };
}

/** The same for a piece of a stream. */
export function asLegacyChunk(choice: ChatChunkChoice): ChatChunkChoice {
  const { tool_calls: calls, ...delta } = choice.delta;
  const finish_reason = choice.finish_reason === 'tool_calls' ? 'function_call' : choice.finish_reason;
  const first = calls?.find(({ index }) => index === 0);
  return {
    ...choice,
    delta: { ...delta, ...(first?.function && { function_call: first.function }) },
    finish_reason,
  };
}

function legacyReason({ finish_reason: reason }: ChatChoice): ChatChoice['finish_reason'] {
  return reason === 'tool_calls' ? 'function_call' : reason;
}
