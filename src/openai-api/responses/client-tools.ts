import { GatewayError } from '../../lib/errors.js';
import { isObject } from '../field-checks.js';
import type { InputItem, ResponsesRequest, ResponsesTool, ToolChoiceObject } from './responses-request.js';

/** Tools of OpenAI's that the client runs, besides its own. Source: OpenAI's guides to tools. */
const RUN_BY_CLIENT: ReadonlySet<string> = new Set([
  'function',
  'custom',
  'tool_search',
  'local_shell',
  'apply_patch',
  'computer',
  'computer_use_preview',
]);

/** Items that bring tools along. Source: the OpenAI API reference, `additional_tools`, `tool_search_output`. */
const BRINGS_TOOLS: ReadonlySet<string | undefined> = new Set(['additional_tools', 'tool_search_output']);

/** A request for OpenAI's own API without the tools that OpenAI would run. */
export interface ClientToolsForm {
  readonly tools: ResponsesTool[] | undefined;
  readonly input: ResponsesRequest['input'];
  /** Paths of what was left out: `tools[2]`, `tools[4].tools[0]`. */
  readonly dropped: readonly string[];
}

/**
 * Leaves out the tools that OpenAI runs, at its own prices.
 *
 * @throws {GatewayError} `unsupported_parameter` when the choice of tools forces one of them.
 */
export function clientToolsOnly({ tools, tool_choice: choice, input }: ResponsesRequest): ClientToolsForm {
  const dropped: string[] = [];
  const kept = tools && clientTools(tools, 'tools', dropped);
  const items = typeof input === 'string' ? input : input.map((item, index) => cleaned(item, index, dropped));
  if (dropped.length > 0) checkChoice(choice, kept ?? []);
  return { tools: kept && kept.length === 0 && dropped.length > 0 ? undefined : kept, input: items, dropped };
}

function cleaned(item: InputItem, index: number, dropped: string[]): InputItem {
  const tools: unknown = BRINGS_TOOLS.has(item.type) ? item['tools'] : undefined;
  if (!Array.isArray(tools)) return item;
  return { ...item, tools: clientTools(tools as ResponsesTool[], `input[${index}].tools`, dropped) } as InputItem;
}

function clientTools(tools: readonly ResponsesTool[], path: string, dropped: string[]): ResponsesTool[] {
  return tools.flatMap((tool, index): ResponsesTool[] => {
    const at = `${path}[${index}]`;
    if (tool.type === 'namespace' && Array.isArray(tool['tools'])) {
      return [{ ...tool, tools: clientTools(tool['tools'] as ResponsesTool[], `${at}.tools`, dropped) }];
    }
    if (RUN_BY_CLIENT.has(tool.type) || isLocalShell(tool)) return [tool];
    dropped.push(at);
    return [];
  });
}

function isLocalShell({ type, environment }: ResponsesTool): boolean {
  return type === 'shell' && isObject(environment) && environment['type'] === 'local';
}

function checkChoice(choice: ResponsesRequest['tool_choice'], kept: readonly ResponsesTool[]): void {
  if (choice === 'required' ? kept.length === 0 : forcesDropped(choice)) {
    const message =
      "'tool_choice' forces a tool that the model's provider would have to run, which is not available here.";
    throw new GatewayError('unsupported_parameter', { message, param: 'tool_choice' });
  }
}

function forcesDropped(choice: ResponsesRequest['tool_choice']): boolean {
  if (typeof choice !== 'object') return false;
  if (choice.type !== 'allowed_tools') return !isKept(choice);
  return choice.mode === 'required' && !(choice.tools ?? []).some((tool) => isKept(tool as ToolChoiceObject));
}

function isKept({ type }: ToolChoiceObject): boolean {
  return RUN_BY_CLIENT.has(type) || type === 'shell' || type === 'namespace';
}
