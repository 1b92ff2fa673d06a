import { digest } from '../../lib/digest.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { type Fields, isFields } from './fields.js';

/** Fields that other providers' answers put into a conversation; OpenAI refuses unknown fields of messages. */
const EXTENSIONS = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
  'cache_control',
  'images',
  'provider_specific_fields',
];
const extensions: ReadonlySet<string> = new Set(EXTENSIONS);

/** OpenAI's limit for the id of a tool call; other gateways put signatures into theirs. */
const MAX_ID_LENGTH = 40;

/** What an assistant message may hold at OpenAI, and what a call. Source: `ChatCompletionRequestAssistantMessage`. */
const ASSISTANT_FIELDS = ['role', 'content', 'name', 'refusal', 'audio', 'tool_calls', 'function_call', 'annotations'];
const assistantFields: ReadonlySet<string> = new Set(ASSISTANT_FIELDS);
const callFields: ReadonlySet<string> = new Set(['id', 'type', 'function', 'custom']);

/** True when a message, part, tool call or tool carries what OpenAI refuses. */
export function hasExtensions(request: ChatRequest): boolean {
  for (const message of request.messages as readonly object[]) {
    const { content, tool_calls: calls } = message as Fields;
    if (carries(message) || anyCarries(content) || holdsMore(calls)) return true;
    if (MAYBE_EMPTY.some((name) => isEmpty((message as Fields)[name]))) return true;
    if ((message as Fields).role === 'assistant' && (hasOther(message, assistantFields) || saysNothing(message)))
      return true;
  }
  return anyCarries(request.tools);
}

/** A copy of the request without it; what is left is shared with the original. */
export function withoutExtensions(request: Omit<ChatRequest, 'provider_options'>): Fields {
  const { tools } = request;
  return {
    ...request,
    messages: (request.messages as readonly object[]).map((message) => {
      const copy = stripped(message);
      for (const name of MAYBE_EMPTY) if (isEmpty(copy[name])) delete copy[name];
      if (Array.isArray(copy.content)) copy.content = copy.content.map(strippedItem);
      if (Array.isArray(copy.tool_calls)) copy.tool_calls = copy.tool_calls.map(strippedCall);
      if (copy.role === 'assistant') {
        leaveOnly(copy, assistantFields);
        if (saysNothing(copy)) copy.content = '';
      }
      return copy;
    }),
    ...(Array.isArray(tools) && { tools: tools.map(strippedItem) }),
  };
}

/** Fields that some SDKs write although there is nothing in them, and that OpenAI refuses then. */
const MAYBE_EMPTY = ['tool_calls', 'name', 'function_call'];

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

const SAID = ['content', 'tool_calls', 'function_call', 'refusal', 'audio'];

/** An answer without a word or a call, whose content must be a text. Source: `ChatCompletionRequestAssistantMessage`. */
function saysNothing(message: object): boolean {
  return SAID.every((name) => (message as Fields)[name] == null);
}

function carries(value: object): boolean {
  // By the few names that are there: long conversations have thousands of messages.
  for (const name in value) {
    if (extensions.has(name)) return true;
    if ((name === 'id' || name === 'tool_call_id') && isLong((value as Fields)[name])) return true;
  }
  return false;
}

function hasOther(value: object, names: ReadonlySet<string>): boolean {
  for (const name in value) if (!names.has(name)) return true;
  return false;
}

function holdsMore(calls: unknown): boolean {
  return (
    anyCarries(calls) || (Array.isArray(calls) && calls.some((call) => isFields(call) && hasOther(call, callFields)))
  );
}

function leaveOnly(fields: Fields, names: ReadonlySet<string>): void {
  for (const name of Object.keys(fields)) if (!names.has(name)) delete fields[name];
}

function strippedCall(call: unknown): unknown {
  if (!isFields(call)) return call;
  const copy = stripped(call);
  leaveOnly(copy, callFields);
  return copy;
}

function anyCarries(list: unknown): boolean {
  return Array.isArray(list) && list.some((item) => isFields(item) && carries(item));
}

function stripped(value: object): Fields {
  const copy: Fields = { ...value };
  if (!carries(value)) return copy;
  for (const name of EXTENSIONS) delete copy[name];
  for (const name of ['id', 'tool_call_id']) {
    const id = copy[name];
    if (isLong(id)) copy[name] = `call_${digest(id)}`;
  }
  return copy;
}

function strippedItem(item: unknown): unknown {
  return isFields(item) ? stripped(item) : item;
}

function isLong(id: unknown): id is string {
  return typeof id === 'string' && id.length > MAX_ID_LENGTH;
}
