import { GatewayError } from '../lib/errors.js';
import type { AssistantMessage, ChatMessage, ToolMessage } from '../openai-api/chat-request.js';

/** The result of a call that was never answered: the client was interrupted, or lost it. */
const NO_RESULT = 'There is no result.';

/**
 * Visits the messages in order, and a result for every call that lacks one: providers that are not OpenAI refuse a
 * conversation with such a call, in terms of their own formats.
 *
 * Source: the OpenAI API reference: a message with `tool_calls` is followed by messages that answer each of them.
 *
 * @param visit receives each message with its index; a result that was made up has the index of the message before it.
 * @throws {GatewayError} for a result without a call.
 */
export function forEachAnswered(
  messages: readonly ChatMessage[],
  visit: (message: ChatMessage, index: number) => void,
): void {
  /** Ids of calls without a result yet. */
  const open = new Set<string>();
  const known = new Set<string>();
  let wentOn = false;
  const answerOpen = (before: number) => {
    for (const id of open) visit(stub(id), before - 1);
    open.clear();
  };
  messages.forEach((message, index) => {
    if (message.role === 'assistant') {
      if (wentOn) answerOpen(index);
      wentOn = false;
      for (const id of idsOf(message)) {
        open.add(id);
        known.add(id);
      }
    } else if (message.role === 'tool') {
      const id = withoutSuffix(message.tool_call_id);
      if (!known.has(id)) throw noCall(`messages[${index}].tool_call_id`);
      open.delete(id);
      wentOn = true;
    } else if (message.role === 'user') wentOn = true;
    visit(message, index);
  });
  answerOpen(messages.length);
}

function idsOf({ tool_calls: calls }: AssistantMessage): string[] {
  return (calls ?? []).map(({ id }) => withoutSuffix(id));
}

function stub(id: string): ToolMessage {
  return { role: 'tool', tool_call_id: id, content: NO_RESULT };
}

/** Some gateways put a signature behind an id, and clients may send it back in one of the two places alone. */
function withoutSuffix(id: string): string {
  const [plain = id] = id.split('__thought__');
  return plain;
}

function noCall(param: string): GatewayError {
  const message = `Invalid value for '${param}': no earlier tool call has this id.`;
  return new GatewayError('invalid_value', { param, message });
}
