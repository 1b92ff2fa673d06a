import { digest } from '../../lib/digest.js';
import { isObject } from '../field-checks.js';
import type { InputItem, ResponsesRequest, ResponsesTool } from './responses-request.js';

/** A tool of the client's own as a function of chat: its name there, and what it is to the client. */
export interface NamedTool {
  readonly chatName: string;
  readonly name: string;
  readonly namespace?: string;
  readonly kind: 'function' | 'custom' | 'tool_search';
  /** As the client declared it. */
  readonly tool: Readonly<Record<string, unknown>>;
  /** Where: `tools[2]`, `tools[2].tools[0]`, `input[4].tools[1]`. */
  readonly path: string;
}

/** The longest name of a function that every provider takes. */
const MAX_NAME = 64;

/**
 * The tools of a request that its client runs itself, under the names that they have in chat, and the paths of those that
 * are left out since a provider would have to run them.
 */
export class ToolNames {
  readonly tools: NamedTool[] = [];
  /** Paths of the tools that were left out, and their types. */
  readonly leftOut = new Map<string, string>();
  readonly #byChatName = new Map<string, NamedTool>();

  constructor({ tools = [], input }: ResponsesRequest) {
    tools.forEach((tool, index) => {
      this.#add(tool, `tools[${index}]`);
    });
    if (typeof input === 'string') return;
    input.forEach((item, index) => {
      toolsIn(item).forEach((tool, position) => {
        this.#add(tool, `input[${index}].tools[${position}]`);
      });
    });
  }

  /** What a function of chat is to the client; one that it did not declare is a plain function. */
  find(chatName: string): Pick<NamedTool, 'name' | 'namespace' | 'kind'> {
    return this.#byChatName.get(chatName) ?? { name: chatName, kind: 'function' };
  }

  #add(tool: ResponsesTool, path: string): void {
    const { type } = tool;
    if (type === 'namespace' && Array.isArray(tool['tools'])) {
      tool['tools'].filter(isObject).forEach((inner, index) => {
        const kind = inner['type'] === 'custom' ? 'custom' : 'function';
        if (inner['type'] !== kind) this.leftOut.set(`${path}.tools[${index}]`, String(inner['type']));
        else this.#name(kind, inner, `${path}.tools[${index}]`, String(tool['name'] ?? ''));
      });
    } else if (type === 'function' || type === 'custom') this.#name(type, tool, path);
    else if (type === 'tool_search' && tool['execution'] === 'client') {
      this.#name('tool_search', { ...tool, name: 'tool_search' }, path);
    } else this.leftOut.set(path, type);
  }

  #name(
    kind: NamedTool['kind'],
    tool: Readonly<Record<string, unknown>>,
    path: string,
    namespace: string | undefined = undefined,
  ): void {
    const name = String(tool['name'] ?? '');
    const chatName = chatNameOf(name, namespace);
    // Found tools come back with each turn: the first declaration counts.
    if (this.#byChatName.has(chatName)) return;
    const named = { chatName, name, kind, tool, path, ...(namespace !== undefined && { namespace }) };
    this.#byChatName.set(chatName, named);
    this.tools.push(named);
  }
}

/** The name in chat of a tool in a namespace: always the same for the same two, so that prompt caches hold. */
export function chatNameOf(name: string, namespace: string | undefined): string {
  const joined = namespace === undefined ? name : `${namespace}__${name}`;
  if (/^[\w-]+$/.test(joined) && (joined.length <= MAX_NAME || namespace === undefined)) return joined;
  if (namespace === undefined) return name;
  const readable = joined.replace(/[^\w-]/g, '_').slice(0, MAX_NAME - 12);
  return `${readable}_${digest(joined).slice(0, 11)}`;
}

/** Tools that an item brings along. Source: the OpenAI API reference, `additional_tools`, `tool_search_output`. */
export function toolsIn(item: InputItem): readonly ResponsesTool[] {
  if (item.type !== 'additional_tools' && item.type !== 'tool_search_output') return [];
  const tools: unknown = item['tools'];
  return Array.isArray(tools) ? (tools.filter(isObject) as ResponsesTool[]) : [];
}
