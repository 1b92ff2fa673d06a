import { withFields } from '../lib/with-fields.js';
import type { ChatChunkChoice, ChatCompletionChunk, ToolCallDelta } from '../openai-api/chat-chunk.js';
import type { ChatCompletion } from '../openai-api/chat-completion.js';
import type { CustomToolCall, ToolCall } from '../openai-api/chat-message.js';
import type { ChatMessage, ChatRequest, Tool, ToolChoice } from '../openai-api/chat-request.js';
import { checkCustomTools } from '../openai-api/check-custom-tools.js';
import {
  CustomInputReader,
  customArguments,
  customFunction,
  customInput,
  grammarIn,
} from '../openai-api/custom-tools.js';
import { isObject, wrongValue } from '../openai-api/field-checks.js';
import type { Operation } from '../pipeline/operation.js';
import type { ChatCall, ProviderAdapter, StreamBatch } from '../providers/adapter.js';

const SAMPLE: Tool = { type: 'custom', custom: { name: 'sample' } };

/**
 * An operation on chat whose custom tools reach every provider.
 *
 * @throws {GatewayError} that names what is wrong with one of them.
 */
export function withCustomTools(operation: Operation, request: ChatRequest): Operation {
  checkCustomTools(request);
  const { sentSize, recalledSize } = operation;
  return {
    ...operation,
    sentSize: sentSize && ((adapter, attempt) => sentSize(customToolsAsFunctions(adapter), attempt)),
    recalledSize: recalledSize && ((adapter, attempt) => recalledSize(customToolsAsFunctions(adapter), attempt)),
    // methods of a class are not copied
    fits: (adapter) => operation.fits(adapter),
    recall: (adapter, recollection) => operation.recall?.(customToolsAsFunctions(adapter), recollection),
    call: (adapter, attempt) => operation.call(customToolsAsFunctions(adapter), attempt),
    open: (adapter, attempt) => operation.open(customToolsAsFunctions(adapter), attempt),
    fail: (error, requestId) => operation.fail(error, requestId),
  };
}

/**
 * An adapter that is sent functions where the client has custom tools, and whose calls of these are calls of custom tools
 * again; the same adapter where its provider takes custom tools itself.
 */
function customToolsAsFunctions(adapter: ProviderAdapter): ProviderAdapter {
  if (adapter.takesTool?.(SAMPLE)) return adapter;
  const { recall, sizes } = adapter;
  return {
    name: adapter.name,
    ...(adapter.takesTool && { takesTool: adapter.takesTool }),
    ...(recall && { recall: (request, recollection) => recall(withFunctions(request), recollection) }),
    ...(sizes && { sizes: { chat: (call: ChatCall) => sizes.chat(asFunctions(call)) } }),
    async chat(call) {
      const { text: _, completion, ...rest } = await adapter.chat(asFunctions(call));
      return { ...rest, completion: withCustomCalls(completion, customNames(call.request)) };
    },
    async stream(call) {
      const { batches, ...rest } = await adapter.stream(asFunctions(call));
      return { ...rest, batches: new CustomCalls(customNames(call.request)).read(batches) };
    },
  };
}

function asFunctions({ body: _, request, ...call }: ChatCall): ChatCall {
  return { ...call, request: withFunctions(request) };
}

function customNames({ tools = [] }: ChatRequest): ReadonlySet<string> {
  return new Set(tools.flatMap((tool) => (tool.type === 'custom' ? [tool.custom.name] : [])));
}

/** Declarations, choice and history with functions in place of custom tools. */
function withFunctions(request: ChatRequest): ChatRequest {
  const { messages, tools, tool_choice: choice } = request;
  checkNames(tools ?? []);
  return {
    ...request,
    messages: messages.map(withFunctionCalls),
    ...(tools && { tools: tools.map(toFunction) }),
    ...(choice !== undefined && { tool_choice: toFunctionChoice(choice) }),
  };
}

/** @throws {GatewayError} where a function has the name of a custom tool. */
function checkNames(tools: readonly Tool[]): void {
  const functions = new Set(tools.map((tool) => (tool.type === 'function' ? tool.function.name : undefined)));
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== 'custom' || !functions.has(tool.custom.name)) continue;
    throw wrongValue(`tools[${index}].custom.name`, 'a function has the same name');
  }
}

function toFunction(tool: Tool): Tool {
  if (tool.type !== 'custom') return tool;
  const { custom, ...marks } = tool;
  return { ...marks, type: 'function', function: customFunction({ ...custom, grammar: grammarIn(custom.format) }) };
}

function toFunctionChoice(choice: ToolChoice): ToolChoice {
  if (typeof choice === 'string' || choice.type === 'function') return choice;
  if (choice.type === 'custom') return { type: 'function', function: { name: choice.custom.name } };
  const { mode, tools } = choice.allowed_tools;
  const allowed = tools.map((tool) =>
    tool['type'] === 'custom' && isObject(tool['custom']) ? { type: 'function', function: tool['custom'] } : tool,
  );
  return { type: 'allowed_tools', allowed_tools: { mode, tools: allowed } };
}

function withFunctionCalls(message: ChatMessage): ChatMessage {
  if (message.role !== 'assistant' || !message.tool_calls) return message;
  return { ...message, tool_calls: message.tool_calls.map(toFunctionCall) };
}

function toFunctionCall(call: ToolCall | CustomToolCall): ToolCall {
  if (call.type !== 'custom') return call;
  const { custom, ...rest } = call;
  return { ...rest, type: 'function', function: { name: custom.name, arguments: customArguments(custom.input) } };
}

function withCustomCalls(completion: ChatCompletion, names: ReadonlySet<string>): ChatCompletion {
  const choices = completion.choices.map((choice) => {
    const { tool_calls: calls } = choice.message;
    if (!calls) return choice;
    // Adapters make calls of functions alone; what reaches the client may be either.
    const toolCalls = calls.map((call) => toCustomCall(call, names)) as ToolCall[];
    return { ...choice, message: { ...choice.message, tool_calls: toolCalls } };
  });
  return withFields(completion, { choices });
}

function toCustomCall(call: ToolCall, names: ReadonlySet<string>): ToolCall | CustomToolCall {
  if (!names.has(call.function.name)) return call;
  const { function: called, ...rest } = call;
  return { ...rest, type: 'custom', custom: { name: called.name, input: customInput(called.arguments) } };
}

/** Calls of functions in a stream that are calls of custom tools to the client. */
class CustomCalls {
  readonly #names: ReadonlySet<string>;
  /** Calls whose input is still arriving, by choice and position. */
  readonly #open = new Map<number, Map<number, CustomInputReader>>();

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
  }

  async *read(batches: AsyncIterable<StreamBatch>): AsyncGenerator<StreamBatch, void> {
    for await (const batch of batches) {
      const chunks = batch.chunks.map((chunk) =>
        this.#chunk(typeof chunk === 'string' ? (JSON.parse(chunk) as ChatCompletionChunk) : chunk),
      );
      yield { ...batch, chunks };
    }
  }

  #chunk(chunk: ChatCompletionChunk): ChatCompletionChunk {
    return { ...chunk, choices: chunk.choices.map((choice) => this.#choice(choice)) };
  }

  #choice(choice: ChatChunkChoice): ChatChunkChoice {
    const { index, delta, finish_reason: finish } = choice;
    const { tool_calls: calls, ...others } = delta;
    const readers = this.#open.get(index) ?? new Map<number, CustomInputReader>();
    this.#open.set(index, readers);
    const said = (calls ?? []).flatMap((call) => this.#call(call, readers));
    if (finish) said.push(...rest(readers));
    return { ...choice, delta: { ...others, ...(said.length > 0 && { tool_calls: said }) } };
  }

  #call(call: ToolCallDelta, readers: Map<number, CustomInputReader>): ToolCallDelta[] {
    const { function: called, type, ...head } = call;
    let reader = readers.get(call.index);
    const name = called?.name;
    if (!reader && name !== undefined && this.#names.has(name)) {
      reader = new CustomInputReader();
      readers.set(call.index, reader);
      return [{ ...head, type: 'custom', custom: { name, input: reader.add(called?.arguments ?? '') } }];
    }
    if (!reader) return [call];
    const input = reader.add(called?.arguments ?? '');
    if (input === '' && head.extra_content === undefined) return [];
    return [{ ...head, custom: { input } }];
  }
}

function rest(readers: ReadonlyMap<number, CustomInputReader>): ToolCallDelta[] {
  return [...readers].flatMap(([index, reader]) => {
    const input = reader.end();
    return input === '' ? [] : [{ index, custom: { input } }];
  });
}
