import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { Conversation } from './to-messages.js';

/** What asks the model to go on. */
const CONTINUE = 'Continue.';

/**
 * Claude 4.6 and newer refuse a conversation that ends with the assistant: the user then asks it to go on, and the
 * report says that the answer does not begin inside the assistant's words.
 *
 * Source: Anthropic docs, migration guide, "Prefilled responses are not supported".
 */
export function endWithUser(
  conversation: Conversation,
  { messages }: ChatRequest,
  unsupported: UnsupportedParams,
): void {
  if (conversation.messages.at(-1)?.role !== 'assistant') return;
  unsupported.drop('messages.prefill', `messages[${messages.findLastIndex(({ role }) => role === 'assistant')}]`);
  conversation.messages.push({ role: 'user', content: [{ type: 'text', text: CONTINUE }] });
}
