import type { Block, MessageParam } from '../../../anthropic-api/messages-request.js';
import { EARLIER_RESULT, NO_RESULT } from '../../../openai-api/unpaired-results.js';
import { pairedTurns } from '../../paired-turns.js';
import type { UnsupportedParams } from '../../unsupported-params.js';

/**
 * A conversation in which each call of a tool has its result in the turn behind it: see `pairedTurns`.
 *
 * @throws {GatewayError} for a result without a call where the operator wants refused what can't be sent as it is.
 */
export function pairedMessages(messages: MessageParam[], unsupported: UnsupportedParams): MessageParam[] {
  return pairedTurns<MessageParam, Block>(messages, {
    isModel: ({ role }) => (role === 'system' ? undefined : role === 'assistant'),
    blocksOf: ({ content }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content),
    withBlocks: (message, content) => ({ role: 'user', ...message, content }),
    called: ({ type, id }) => (type === 'tool_use' ? { id } : undefined),
    answers: ({ type, tool_use_id: id }) => (type === 'tool_result' ? { id } : undefined),
    stub: ({ id }) => ({ type: 'tool_result', tool_use_id: id, content: NO_RESULT }),
    told({ content }, message, block) {
      unsupported.drop('messages.tool_use_id', `messages[${message}].content[${block}].tool_use_id`);
      if (!Array.isArray(content)) return [{ type: 'text', text: `${EARLIER_RESULT}\n${content ?? ''}` }];
      const readable = (content as Block[]).filter(({ type }) => READABLE.has(type));
      return [{ type: 'text', text: EARLIER_RESULT }, ...readable];
    },
  });
}

/** Of the blocks that a result may hold, those that may stand in a turn of the user. */
const READABLE: ReadonlySet<unknown> = new Set(['text', 'image', 'document', 'search_result']);
