import { type ChatFieldMove, fieldsOf, forcedFunction, functionsOf, withMovedFields } from '../../hooks/chat-fields.js';
import { type AnswerText, type Fields, plain, type RouteTexts } from '../../hooks/route-texts.js';
import type { ChatMessage } from '../../openai-api/chat-request.js';
import { isObject } from '../../openai-api/field-checks.js';
import { toConversation } from '../../providers/anthropic/to-messages.js';
import { UnsupportedParams } from '../../providers/unsupported-params.js';

/** Source: the Anthropic API reference, `POST /v1/messages`. */
const toMessagesField: ChatFieldMove = (name, value, body) => {
  switch (name) {
    case 'messages': {
      const options = { replayThinking: true, unsupported: new UnsupportedParams('drop') };
      return { system: undefined, ...toConversation(value as ChatMessage[], options) };
    }
    case 'max_completion_tokens':
      return { max_tokens: value };
    case 'stop':
      return { stop_sequences: typeof value === 'string' ? [value] : value };
    case 'user':
    case 'safety_identifier':
      return { metadata: { user_id: value } };
    case 'reasoning_effort':
      return { output_config: { ...fieldsOf(body['output_config']), effort: value } };
    case 'response_format': {
      const { schema } = fieldsOf(fieldsOf(value)['json_schema']);
      if (schema === undefined) return {};
      return { output_config: { ...fieldsOf(body['output_config']), format: { type: 'json_schema', schema } } };
    }
    case 'tools':
      return { tools: functionsOf(value).map(toAnthropicTool) };
    case 'tool_choice':
      return { tool_choice: { ...fieldsOf(body['tool_choice']), ...toAnthropicChoice(value) } };
    case 'parallel_tool_calls': {
      const choice = { type: 'auto', ...fieldsOf(body['tool_choice']) };
      return { tool_choice: { ...choice, disable_parallel_tool_use: value === false } };
    }
    default:
      return { [name]: value };
  }
};

const NO_INPUT = { type: 'object', properties: {} };

function toAnthropicTool({ name, description, parameters }: Fields): Fields {
  return { name, ...(description !== undefined && { description }), input_schema: parameters ?? NO_INPUT };
}

function toAnthropicChoice(choice: unknown): Fields {
  const name = forcedFunction(choice);
  if (name !== undefined) return { type: 'tool', name };
  return { type: choice === 'required' ? 'any' : choice };
}

/** Source: the Anthropic API reference, content blocks of a message. */
function blockTexts({ type, text, thinking, input }: Fields): AnswerText[] {
  if (type === 'thinking') return plain('reasoning', thinking);
  return isObject(input) ? plain('arguments', JSON.stringify(input)) : plain('text', text);
}

/** Texts of requests and answers of `POST messages`. */
export const messageTexts: RouteTexts = {
  read: ['messages', 'system'],
  describing: ['tools', 'output_config', 'output_format', 'context_management', 'provider_options'],
  opaque: ['tool_use_id', 'file_id', 'filename', 'encrypted_content', 'encrypted_index', 'signature', 'media_type'],
  withChatFields: (body, fields) => withMovedFields(body, fields, toMessagesField),
  answer: ({ content }) => (Array.isArray(content) ? content.filter(isObject).flatMap(blockTexts) : []),
  event({ type, delta }) {
    if (type !== 'content_block_delta' || !isObject(delta)) return [];
    return [
      ...plain('text', delta['text']),
      ...plain('reasoning', delta['thinking']),
      ...plain('arguments', delta['partial_json']),
    ];
  },
};
