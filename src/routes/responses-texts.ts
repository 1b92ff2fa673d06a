import { type ChatFieldMove, fieldsOf, withMovedFields } from '../hooks/chat-fields.js';
import type { AnswerPart } from '../hooks/hook.js';
import { type AnswerText, type Fields, plain, type RouteTexts } from '../hooks/route-texts.js';
import type { ChatMessage, ContentPart } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import { OPENAI_REQUEST_TEXTS } from './openai-texts.js';

/** Source: the OpenAI API reference, `CreateResponse`. */
const toResponsesField: ChatFieldMove = (name, value, body) => {
  switch (name) {
    case 'messages':
      return { input: (value as ChatMessage[]).flatMap(toInputItems), instructions: undefined };
    case 'max_tokens':
    case 'max_completion_tokens':
      return { max_output_tokens: value };
    case 'reasoning_effort':
      return { reasoning: { ...fieldsOf(body['reasoning']), effort: value } };
    case 'tools':
      return { tools: (value as Fields[]).map(({ function: inner, ...tool }) => ({ ...tool, ...fieldsOf(inner) })) };
    case 'tool_choice': {
      const { function: inner, ...choice } = fieldsOf(value);
      return { tool_choice: isObject(inner) ? { ...choice, ...inner } : value };
    }
    case 'response_format': {
      const { json_schema: inner, ...format } = fieldsOf(value);
      return { text: { ...fieldsOf(body['text']), format: { ...format, ...fieldsOf(inner) } } };
    }
    case 'verbosity':
      return { text: { ...fieldsOf(body['text']), verbosity: value } };
    default:
      return { [name]: value };
  }
};

function toInputItems(message: ChatMessage): Fields[] {
  if (message.role === 'tool') {
    return [{ type: 'function_call_output', call_id: message.tool_call_id, output: plainText(message.content) }];
  }
  const items: Fields[] = [];
  const { content } = message;
  if (content !== undefined && content !== null && content !== '') {
    items.push({
      role: message.role,
      content: typeof content === 'string' ? content : toInputParts(content, message.role),
    });
  }
  if ('tool_calls' in message) {
    for (const { id, function: called } of message.tool_calls ?? []) {
      items.push({ type: 'function_call', call_id: id, name: called.name, arguments: called.arguments });
    }
  }
  return items;
}

function toInputParts(parts: readonly ContentPart[], role: string): Fields[] {
  return parts.map((part) => {
    if (part.type === 'text') return { type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text };
    if (part.type === 'image_url') return { type: 'input_image', image_url: part.image_url.url, detail: 'auto' };
    if (part.type === 'file') return { type: 'input_file', ...part.file };
    return { ...part };
  });
}

function plainText(content: string | readonly ContentPart[]): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Source: the OpenAI API reference, output items of a response. */
function itemTexts({ content, summary, arguments: given, input, type }: Fields): AnswerText[] {
  const part = type === 'reasoning' ? 'reasoning' : 'text';
  const pieces = [content, summary].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
  return [
    ...pieces.flatMap(({ text, refusal }) => [...plain(part, text), ...plain(part, refusal)]),
    ...plain('arguments', given ?? input),
  ];
}

/** Source: the OpenAI API reference, `ResponseStreamEvent`. */
const EVENT_PARTS: Readonly<Record<string, AnswerPart>> = {
  'response.output_text.delta': 'text',
  'response.refusal.delta': 'text',
  'response.reasoning_text.delta': 'reasoning',
  'response.reasoning_summary_text.delta': 'reasoning',
  'response.function_call_arguments.delta': 'arguments',
  'response.custom_tool_call_input.delta': 'arguments',
  'response.mcp_call_arguments.delta': 'arguments',
};

/** Texts of requests and answers of `POST responses`. */
export const responsesTexts: RouteTexts = {
  ...OPENAI_REQUEST_TEXTS,
  withChatFields: (body, fields) => withMovedFields(body, fields, toResponsesField),
  answer: ({ output }) => (Array.isArray(output) ? output.filter(isObject).flatMap(itemTexts) : []),
  event({ type, delta }) {
    const part = typeof type === 'string' ? EVENT_PARTS[type] : undefined;
    return part === undefined ? [] : plain(part, delta);
  },
};
