import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest, Tool, ToolChoice } from '../chat-request.js';
import { customFunction, grammarIn } from '../custom-tools.js';
import { isObject } from '../field-checks.js';
import type { ResponsesRequest, ResponsesToolChoice } from './responses-request.js';
import type { NamedTool, ToolNames } from './tool-names.js';

/**
 * Tools and the choice among them in chat form.
 *
 * @throws {GatewayError} `unsupported_parameter` when the choice forces a tool that was left out.
 */
export function toChatTools(
  { tool_choice: choice, parallel_tool_calls: parallel }: ResponsesRequest,
  names: ToolNames,
): Pick<ChatRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'> {
  const toolChoice = choice === undefined ? undefined : toChoice(choice, names);
  if (names.tools.length === 0) return {};
  return {
    tools: names.tools.map(toTool),
    ...(toolChoice !== undefined && { tool_choice: toolChoice }),
    ...(parallel !== undefined && { parallel_tool_calls: parallel }),
  };
}

function toTool({ kind, chatName, tool }: NamedTool): Tool {
  const { description, parameters, strict } = tool;
  const described = typeof description === 'string' && description ? { description } : {};
  if (kind === 'custom') {
    const grammar = grammarIn(tool['format']);
    return { type: 'function', function: customFunction({ name: chatName, description, grammar }) };
  }
  return {
    type: 'function',
    function: {
      name: chatName,
      ...described,
      ...(isObject(parameters) && { parameters: withoutMarks(parameters) as Record<string, unknown> }),
      ...(typeof strict === 'boolean' && { strict }),
    },
  };
}

/** Without OpenAI's mark of fields that it keeps encrypted: no other provider knows the keyword. */
function withoutMarks(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutMarks);
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).filter(([name, value]) => name !== 'encrypted' || typeof value !== 'boolean');
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutMarks(value)]));
}

function toChoice(choice: ResponsesToolChoice, names: ToolNames): ToolChoice | undefined {
  if (typeof choice === 'string') {
    if (choice === 'required' && names.tools.length === 0 && names.dropped.size > 0) throw unavailable('tools');
    return choice;
  }
  if (choice.type === 'allowed_tools') {
    const chatNames = (choice.tools ?? []).flatMap((tool) => chatNameIn(tool, names) ?? []);
    const mode = choice.mode ?? 'auto';
    if (chatNames.length === 0 && mode === 'required') throw unavailable('tools');
    const tools = chatNames.map((name) => ({ type: 'function', function: { name } }));
    return { type: 'allowed_tools', allowed_tools: { mode, tools } };
  }
  const name = chatNameIn(choice, names);
  if (name === undefined) throw unavailable(choice.type);
  return { type: 'function', function: { name } };
}

/** The name in chat of a tool that a choice names; undefined for one that does not run. */
function chatNameIn(named: Readonly<Record<string, unknown>>, names: ToolNames): string | undefined {
  const { type, name, namespace } = named;
  if (type === 'tool_search') return names.tools.find(({ kind }) => kind === 'tool_search')?.chatName;
  if ((type !== 'function' && type !== 'custom') || typeof name !== 'string') return undefined;
  return names.chatNameOf({ name, kind: type, ...(typeof namespace === 'string' && { namespace }) });
}

function unavailable(what: string): GatewayError {
  const message = `'tool_choice' forces ${what} that the model's provider would have to run, which is not available here.`;
  return new GatewayError('unsupported_parameter', { message, param: 'tool_choice' });
}
