import { GatewayError } from '../../lib/errors.js';
import { type CarriedReasoning, decodeReasoning } from '../carried-reasoning.js';
import type { AssistantMessage, ChatMessage, ContentPart, ToolCall } from '../chat-request.js';
import { customArguments } from '../custom-tools.js';
import { isObject, wrongValue } from '../field-checks.js';
import type {
  FunctionOutputItem,
  InputItem,
  InputPart,
  MessageItem,
  ReasoningItem,
  ResponsesRequest,
} from './responses-request.js';
import { SEARCH_TOOL, type ToolNames } from './tool-names.js';

/**
 * The items of a conversation as chat messages. Text, reasoning and calls of one assistant turn are several items there
 * and one message here.
 *
 * @param drop receives the path of each item that chat cannot express.
 */
export function toMessages(
  { input, instructions }: ResponsesRequest,
  names: ToolNames,
  drop: (path: string) => void,
): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (instructions !== undefined) messages.push({ role: 'system', content: instructions });
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
  let turn: AssistantTurn | undefined;
  const calls = new Set<unknown>();
  const closeTurn = () => {
    const message = turn?.message();
    if (message) messages.push(message);
    turn = undefined;
  };
  input.forEach((item, index) => {
    const path = `input[${index}]`;
    if (isAssistants(item)) {
      turn ??= new AssistantTurn(names);
      calls.add(item['call_id']);
      turn.add(item, path);
      return;
    }
    const message = toMessage(item, path, names, calls);
    if (message) {
      closeTurn();
      messages.push(message);
    } else if (item.type !== 'additional_tools') drop(path);
  });
  closeTurn();
  return messages;
}

function isAssistants(item: InputItem): boolean {
  if (isMessage(item)) return item.role === 'assistant';
  return ASSISTANTS.has(item.type);
}

const ASSISTANTS: ReadonlySet<string> = new Set(['function_call', 'reasoning', 'custom_tool_call', 'tool_search_call']);

function isMessage(item: InputItem): item is MessageItem {
  return item.type === undefined || item.type === null || item.type === 'message';
}

const CHAT_ROLES: ReadonlyMap<string, 'user' | 'system'> = new Map([
  ['user', 'user'],
  ['system', 'system'],
  ['developer', 'system'],
]);

/** Undefined for an item that chat has no form for. */
function toMessage(
  item: InputItem,
  path: string,
  names: ToolNames,
  calls: ReadonlySet<unknown>,
): ChatMessage | undefined {
  if (isMessage(item)) {
    const role = CHAT_ROLES.get(item.role);
    if (role === undefined)
      throw wrongValue(`${path}.role`, "supported values are 'user', 'assistant', 'system', 'developer'");
    return { role, content: toContent(item.content, `${path}.content`) };
  }
  if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') {
    const { call_id: callId, output } = item as FunctionOutputItem;
    const content = toContent(output, `${path}.output`);
    return { role: 'tool', tool_call_id: callId, content: content.length === 0 ? '' : content };
  }
  const callId = item['call_id'];
  if (item.type !== 'tool_search_output' || !calls.has(callId)) return undefined;
  const found = names.tools.filter((tool) => tool.path.startsWith(`${path}.`)).map(({ chatName }) => chatName);
  return { role: 'tool', tool_call_id: String(callId), content: JSON.stringify({ tools: found }) };
}

/** Gathers the items of one assistant turn. */
class AssistantTurn {
  readonly #parts: ContentPart[] = [];
  readonly #calls: ToolCall[] = [];
  readonly #carried: CarriedReasoning = { details: [], calls: {} };
  readonly #names: ToolNames;
  #thoughts = '';

  constructor(names: ToolNames) {
    this.#names = names;
  }

  add(item: InputItem, path: string): void {
    if (isMessage(item)) {
      const content = toContent(item.content, `${path}.content`);
      if (typeof content !== 'string') this.#parts.push(...content);
      else if (content !== '') this.#parts.push({ type: 'text', text: content });
    } else if (item.type === 'reasoning') this.#carry(item as ReasoningItem);
    else this.#call(item);
  }

  #call(item: InputItem): void {
    const { call_id: id, name, namespace, arguments: given, input } = item as Readonly<Record<string, unknown>>;
    const kind = item.type === 'custom_tool_call' ? 'custom' : 'function';
    const called = { name: String(name), kind, ...(typeof namespace === 'string' && { namespace }) } as const;
    const args = kind === 'custom' ? customArguments(input) : given;
    this.#calls.push({
      id: typeof id === 'string' ? id : '',
      type: 'function',
      function: {
        name: this.#names.chatNameOf(item.type === 'tool_search_call' ? SEARCH_TOOL : called),
        arguments: typeof args === 'string' ? args : JSON.stringify(args ?? {}),
      },
    });
  }

  #carry({ encrypted_content: encrypted, summary }: ReasoningItem): void {
    const carried = decodeReasoning(encrypted ?? '');
    if (!carried) return;
    this.#thoughts += carried.text ?? summaryOf(summary);
    this.#carried.details.push(...carried.details);
    if (carried.extra) this.#carried.extra = carried.extra;
    Object.assign(this.#carried.calls, carried.calls);
  }

  /** Undefined when all there was is reasoning that its provider would not know. */
  message(): AssistantMessage | undefined {
    if (this.#parts.length === 0 && this.#calls.length === 0) return undefined;
    const { details, extra, calls } = this.#carried;
    const toolCalls = this.#calls.map((call) => {
      const own = Object.hasOwn(calls, call.id) ? calls[call.id] : undefined;
      return own ? { ...call, extra_content: own } : call;
    });
    return {
      role: 'assistant',
      content: contentOf(this.#parts),
      ...(this.#thoughts !== '' && { reasoning_content: this.#thoughts }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
      ...(details.length > 0 && { reasoning_details: details }),
      ...(extra && { extra_content: extra }),
    };
  }
}

function summaryOf(summary: readonly unknown[] | undefined): string {
  return (summary ?? [])
    .map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function contentOf(parts: readonly ContentPart[]): string | ContentPart[] | null {
  const [first] = parts;
  if (first === undefined) return null;
  return parts.length === 1 && first.type === 'text' ? first.text : [...parts];
}

function toContent(content: string | readonly InputPart[], path: string): string | ContentPart[] {
  if (typeof content === 'string') return content;
  const parts = content.map((part, index) => toPart(part, `${path}[${index}]`));
  const [first] = parts;
  return parts.length === 1 && first?.type === 'text' ? first.text : parts;
}

/** One part as chat has it. @throws {GatewayError} for a file that another server keeps. */
export function toPart(part: InputPart, path: string): ContentPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.refusal };
    case 'input_audio':
      return { type: 'input_audio', input_audio: part.input_audio };
    case 'input_image': {
      if (typeof part.image_url !== 'string') throw storedFile(`${path}.file_id`);
      const detail = DETAILS[part.detail ?? ''];
      return { type: 'image_url', image_url: { url: part.image_url, ...(detail && { detail }) } };
    }
    case 'input_file': {
      const data = part.file_data ?? part.file_url;
      const name = typeof part.filename === 'string' ? { filename: part.filename } : {};
      if (typeof data === 'string') return { type: 'file', file: { ...name, file_data: data } };
      return { type: 'file', file: { ...name, file_id: part.file_id ?? '' } };
    }
    default:
      // of a type that OpenAI does not list: the model's provider may know it
      return part satisfies never;
  }
}

const DETAILS: Readonly<Record<string, 'auto' | 'low' | 'high'>> = {
  auto: 'auto',
  low: 'low',
  high: 'high',
  original: 'high',
};

function storedFile(param: string): GatewayError {
  const message = `'${param}' is not supported: the model can read an image by image_url only.`;
  return new GatewayError('unsupported_value', { message, param });
}
