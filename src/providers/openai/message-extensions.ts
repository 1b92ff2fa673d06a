import type { ChatRequest } from '../../openai/chat-request.js';

/** What other providers' reasoning and caching put into a conversation; OpenAI refuses unknown fields of messages. */
const EXTENSIONS = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
  'cache_control',
];

type Fields = Record<string, unknown>;

/** True when a message, part, tool call or tool carries a field that OpenAI refuses. */
export function hasExtensions(request: ChatRequest): boolean {
  for (const message of request.messages as readonly object[]) {
    if (carries(message)) return true;
    const { content, tool_calls: calls } = message as Fields;
    if (anyCarries(content) || anyCarries(calls)) return true;
  }
  return anyCarries(request.tools);
}

/** A copy of the request without them; what is left is shared with the original. */
export function withoutExtensions(request: Omit<ChatRequest, 'provider_options'>): Fields {
  const { tools } = request;
  return {
    ...request,
    messages: (request.messages as readonly object[]).map((message) => {
      const copy = stripped(message);
      if (Array.isArray(copy.content)) copy.content = copy.content.map(strippedItem);
      if (Array.isArray(copy.tool_calls)) copy.tool_calls = copy.tool_calls.map(strippedItem);
      return copy;
    }),
    ...(Array.isArray(tools) && { tools: tools.map(strippedItem) }),
  };
}

function carries(value: object): boolean {
  return EXTENSIONS.some((name) => name in value);
}

function anyCarries(list: unknown): boolean {
  return Array.isArray(list) && list.some((item) => typeof item === 'object' && item !== null && carries(item));
}

function stripped(value: object): Fields {
  const copy: Fields = { ...value };
  for (const name of EXTENSIONS) delete copy[name];
  return copy;
}

function strippedItem(item: unknown): unknown {
  return typeof item === 'object' && item !== null ? stripped(item) : item;
}
