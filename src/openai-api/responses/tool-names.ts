import { digest } from '../../lib/digest.js';
import { isObject } from '../field-checks.js';
import type { InputItem, ResponsesRequest, ResponsesTool } from './responses-request.js';

/** A tool of the client's own as a function of chat: its name there, and the tool itself. */
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

/** What distinguishes the client's tools. */
type ToolIdentity = Pick<NamedTool, 'name' | 'namespace' | 'kind'>;

/**
 * The tools of a request that its client runs itself, each under a name of its own in chat, and the paths of those that are
 * left out since a provider would have to run them.
 */
export class ToolNames {
  readonly tools: NamedTool[] = [];
  /** Paths of the tools that were left out, and their types. */
  readonly dropped = new Map<string, string>();
  // Both also of calls whose tools are not declared any more.
  readonly #chatNames = new Map<string, string>();
  readonly #byChatName = new Map<string, ToolIdentity>();

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

  /** The client's tool behind a function of chat; one that it did not declare is a plain function. */
  find(chatName: string): ToolIdentity {
    return this.#byChatName.get(chatName) ?? { name: chatName, kind: 'function' };
  }

  /** The name in chat of a tool; of one that is not declared, a name that no other tool has. */
  chatNameOf(tool: ToolIdentity): string {
    const known = this.#chatNames.get(identityOf(tool));
    if (known !== undefined || tool.kind === 'tool_search') return known ?? this.#take(tool);
    // A call or a choice may name a custom tool as a function, and the other way round.
    const other = tool.kind === 'custom' ? 'function' : 'custom';
    return this.#chatNames.get(identityOf({ ...tool, kind: other })) ?? this.#take(tool);
  }

  #add(tool: ResponsesTool, path: string): void {
    const { type } = tool;
    if (type === 'namespace' && Array.isArray(tool['tools'])) {
      tool['tools'].filter(isObject).forEach((inner, index) => {
        const kind = inner['type'] === 'custom' ? 'custom' : 'function';
        if (inner['type'] !== kind) this.dropped.set(`${path}.tools[${index}]`, String(inner['type']));
        else this.#name(kind, inner, `${path}.tools[${index}]`, String(tool['name'] ?? ''));
      });
    } else if (type === 'function' || type === 'custom') this.#name(type, tool, path);
    else if (type === 'tool_search' && tool['execution'] === 'client') {
      this.#name('tool_search', { ...tool, name: SEARCH_TOOL.name }, path);
    } else this.dropped.set(path, type);
  }

  #name(kind: NamedTool['kind'], tool: Readonly<Record<string, unknown>>, path: string, namespace?: string): void {
    const one = { name: String(tool['name'] ?? ''), kind, ...(namespace !== undefined && { namespace }) };
    // Found tools come back with each turn: the first declaration counts.
    if (this.#chatNames.has(identityOf(one))) return;
    this.tools.push({ chatName: this.#take(one), ...one, tool, path });
  }

  /**
   * Gives a tool its own name, joined with its namespace; where another tool has that one (`c` in `a__b` and `b__c` in
   * `a`), a name with a digest. Always the same for the same tools in the same order, so that prompt caches hold.
   */
  #take(tool: ToolIdentity): string {
    const identity = identityOf(tool);
    const joined = joinedName(tool);
    let chatName = joined;
    for (let text = identity; this.#byChatName.has(chatName); text += '+') chatName = digested(joined, text);
    this.#chatNames.set(identity, chatName);
    this.#byChatName.set(chatName, tool);
    return chatName;
  }
}

/** The search for tools that the client runs itself. */
export const SEARCH_TOOL = { name: 'tool_search', kind: 'tool_search' } as const;

function identityOf({ name, namespace, kind }: ToolIdentity): string {
  return JSON.stringify([kind, namespace, name]);
}

function joinedName({ name, namespace }: ToolIdentity): string {
  if (namespace === undefined) return name;
  const joined = `${namespace}__${name}`;
  return /^[\w-]+$/.test(joined) && joined.length <= MAX_NAME ? joined : digested(joined, joined);
}

function digested(joined: string, text: string): string {
  return `${joined.replace(/[^\w-]/g, '_').slice(0, MAX_NAME - 12)}_${digest(text).slice(0, 11)}`;
}

/** Tools that an item brings along. Source: the OpenAI API reference, `additional_tools`, `tool_search_output`. */
export function toolsIn(item: InputItem): readonly ResponsesTool[] {
  if (item.type !== 'additional_tools' && item.type !== 'tool_search_output') return [];
  const tools: unknown = item['tools'];
  return Array.isArray(tools) ? (tools.filter(isObject) as ResponsesTool[]) : [];
}
