import { toOpenAIUsage } from '../../lib/usage.js';
import type { ChatCompletion } from '../../openai-api/chat-completion.js';
import type { UpstreamError } from '../../upstream/upstream-error.js';
import type { ChatAnswer, ChatCall } from '../adapter.js';
import { chatId } from '../chat-id.js';
import { invalidAnswer, type NativeError } from '../http/http-provider.js';
import { withChatSearch } from './chat-search.js';
import { type Fields, isFields } from './fields.js';
import { isSameReport, readUsage } from './usage.js';

/** Reads the body of an error answer that came with a success status. */
export type ErrorReader = (answer: NativeError) => UpstreamError;

/**
 * Relays OpenAI's own answer. It is rewritten only where it strays from OpenAI's published schema: `logprobs` and
 * `refusal` left out, nulls for fields that may only be absent.
 *
 * @throws {UpstreamError} when the body is an error or not a chat completion.
 */
export function relayCompletion(
  json: unknown,
  text: string,
  call: ChatCall,
  toError: ErrorReader,
): Omit<ChatAnswer, 'dropped'> {
  const answer = completionFields(json, text, toError);
  const usage = readUsage(answer.usage);
  const normalized = normalize(answer);
  if (usage && !isSameReport(answer.usage, usage)) {
    answer.usage = toOpenAIUsage(usage);
    return { completion: answer as unknown as ChatCompletion, usage: withChatSearch(usage, call) };
  }
  if (!usage) {
    delete answer.usage;
    return { completion: answer as unknown as ChatCompletion };
  }
  const completion = answer as unknown as ChatCompletion;
  return { completion, ...(!normalized && { text }), usage: withChatSearch(usage, call) };
}

/** The fields of an answer that has at least one choice. @throws {UpstreamError} without a choice. */
export function completionFields(json: unknown, text: string, toError: ErrorReader): Fields & { choices: Fields[] } {
  const answer = isFields(json) ? json : {};
  const { choices } = answer;
  if (answer.error !== undefined && answer.error !== null && !(Array.isArray(choices) && choices.length > 0)) {
    throw toError({ headers: {}, text });
  }
  if (!Array.isArray(choices) || choices.length === 0 || !choices.every(hasMessage)) {
    throw invalidAnswer(new Error('the answer has no choices'));
  }
  return answer as Fields & { choices: Fields[] };
}

/** Makes the answer fit the schema in place; true when something had to change. */
function normalize(answer: Fields & { choices: Fields[] }): boolean {
  const id = chatId(typeof answer.id === 'string' ? answer.id : '');
  let changed = answer.object !== 'chat.completion' || answer.id !== id;
  answer.object = 'chat.completion';
  answer.id = id;
  for (const name of ['system_fingerprint', 'usage', 'moderation']) changed = dropNull(answer, name) || changed;
  for (const choice of answer.choices) {
    const message = choice.message as Fields;
    changed = fill(choice, 'logprobs') || changed;
    if (isFields(choice.logprobs)) {
      changed = fill(choice.logprobs, 'content') || changed;
      changed = fill(choice.logprobs, 'refusal') || changed;
    }
    changed = fill(message, 'refusal') || changed;
    changed = fill(message, 'content') || changed;
    for (const name of ['tool_calls', 'function_call', 'annotations']) changed = dropNull(message, name) || changed;
  }
  return changed;
}

function fill(fields: Fields, name: string): boolean {
  if (fields[name] !== undefined) return false;
  fields[name] = null;
  return true;
}

function dropNull(fields: Fields, name: string): boolean {
  if (fields[name] !== null) return false;
  delete fields[name];
  return true;
}

function hasMessage(choice: unknown): boolean {
  return isFields(choice) && isFields(choice.message);
}
