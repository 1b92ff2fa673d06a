import { GatewayError } from '../lib/errors.js';
import type { JsonObject } from '../lib/is-object.js';
import type { CacheControl, ChatRequest, Tool, ToolChoice } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import { isClientTool, type MessagesRequest, type ToolParam } from './messages-request.js';
import { type ChatTarget, type Drop, stringOf } from './to-chat-content.js';

/**
 * Tools and the choice among them in chat form. Tools that Anthropic runs are left out; those that it defines and the
 * client runs become functions with the fields that Anthropic documents for them.
 *
 * @throws {GatewayError} `unsupported_parameter` when the choice forces a tool that was left out.
 */
export function toChatTools(
  { tools = [], tool_choice: choice }: MessagesRequest,
  target: ChatTarget,
  drop: Drop,
): Pick<ChatRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'> {
  const kept: Tool[] = [];
  const lost = new Set<string>();
  tools.forEach((tool, index) => {
    const translated = toTool(tool, target);
    if (translated) kept.push(translated);
    else {
      lost.add(stringOf(tool.name));
      drop(`tools[${index}]`);
    }
  });
  if (choice?.type === 'tool' && lost.has(choice.name ?? '')) {
    const message = `'tool_choice' forces a tool that the model can't use: '${choice.name}'.`;
    throw new GatewayError('unsupported_parameter', { message, param: 'tool_choice' });
  }
  if (kept.length === 0) return {};
  return {
    tools: kept,
    ...(choice && { tool_choice: toChoice(choice) }),
    ...(choice?.disable_parallel_tool_use === true && { parallel_tool_calls: false }),
  };
}

function toChoice({ type, name }: NonNullable<MessagesRequest['tool_choice']>): ToolChoice {
  if (type === 'tool') return { type: 'function', function: { name: name ?? '' } };
  // a newer one is for the model's provider to judge
  return type === 'any' ? 'required' : (type as ToolChoice);
}

function toTool(tool: ToolParam, { claude }: ChatTarget): Tool | undefined {
  const { name, description, input_schema: parameters, strict, cache_control: mark } = tool;
  if (!isClientTool(tool)) return definedTool(tool);
  return {
    type: 'function',
    function: {
      name: stringOf(name),
      ...(description && { description }),
      ...(parameters && { parameters }),
      ...(strict === true && { strict }),
    },
    ...(claude && isObject(mark) && { cache_control: mark as unknown as CacheControl }),
  };
}

const STRING = { type: 'string' };
const PATH = { type: 'string', description: 'Path of a file or directory.' };

const EDITS = {
  path: PATH,
  file_text: { ...STRING, description: 'The content of a new file, for create.' },
  old_str: { ...STRING, description: 'The text to replace, for str_replace: it must occur exactly once.' },
  new_str: { ...STRING, description: 'The text that takes its place.' },
  insert_line: { type: 'integer', description: 'The line after which to insert; 0 is the beginning of the file.' },
  insert_text: { ...STRING, description: 'The text to insert.' },
  view_range: { type: 'array', items: { type: 'integer' }, description: 'First and last line to view; -1 is the end.' },
};

/**
 * Tools whose schema Anthropic has trained into its models. Source: Anthropic docs, bash tool, text editor tool, memory
 * tool.
 */
const DEFINED: readonly {
  readonly pattern: RegExp;
  readonly description: string;
  readonly required: readonly string[];
  readonly properties: JsonObject;
}[] = [
  {
    pattern: /^bash_\d+$/,
    description: 'Runs a command in a bash session that keeps its state between calls.',
    required: [],
    properties: {
      command: { ...STRING, description: 'The command to run.' },
      restart: { type: 'boolean', description: 'Starts the session anew.' },
    },
  },
  {
    pattern: /^text_editor_\d+$/,
    description: 'Views, creates and edits text files.',
    required: ['command', 'path'],
    properties: { command: { ...STRING, enum: ['view', 'create', 'str_replace', 'insert'] }, ...EDITS },
  },
  {
    pattern: /^memory_\d+$/,
    description: 'Reads and writes the files of a memory directory.',
    required: ['command'],
    properties: {
      command: { ...STRING, enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
      ...EDITS,
      old_path: { ...STRING, description: 'The path to rename.' },
      new_path: { ...STRING, description: 'The new path.' },
    },
  },
];

function definedTool({ type, name }: ToolParam): Tool | undefined {
  const found = DEFINED.find(({ pattern }) => pattern.test(type ?? ''));
  if (!found) return undefined;
  const { description, required, properties } = found;
  return {
    type: 'function',
    function: { name: stringOf(name), description, parameters: { type: 'object', properties, required } },
  };
}
