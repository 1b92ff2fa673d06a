import { digest } from '../lib/digest.js';
import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import type { ChatCall, StreamBatch } from './adapter.js';
import type { ChatDialect, StreamTranslator } from './http/dialect.js';
import { outlineOf } from './outline.js';

/** What a dialect takes as the name of a function. */
export interface NameRule {
  readonly valid: RegExp;
  readonly longest: number;
}

/** Source: the OpenAI API reference, `FunctionObject.name`; most copies have the same. */
export const OPENAI_NAMES: NameRule = { valid: /^[\w-]{1,64}$/, longest: 64 };
/** Source: Anthropic API reference, `tools.name`. */
export const ANTHROPIC_NAMES: NameRule = { valid: /^[\w-]{1,128}$/, longest: 128 };

/**
 * A dialect whose requests name functions as their API takes them: clients of another API may use longer names and other
 * characters. Answers have the client's own names again, whole and streamed.
 */
export function withToolNames<Dialect extends ChatDialect>(dialect: Dialect, rule: NameRule): Dialect {
  const { sentSize } = dialect;
  return {
    ...dialect,
    toRequest: (call: ChatCall, stream: boolean) => dialect.toRequest(renamed(call, rule), stream),
    ...(sentSize && { sentSize: (call: ChatCall) => sentSize(renamed(call, rule)) }),
    toCompletion(json: unknown, text: string, call: ChatCall) {
      const answer = dialect.toCompletion(json, text, call);
      const names = clientNames(outlineOf(call), rule);
      if (names === undefined) return answer;
      const { text: _, completion, ...rest } = answer;
      const choices = completion.choices.map((choice) => ({ ...choice, message: restored(choice.message, names) }));
      return { ...rest, completion: { ...completion, choices } };
    },
    toChunks(call: ChatCall) {
      const names = clientNames(outlineOf(call), rule);
      const translator = dialect.toChunks(call);
      return names === undefined ? translator : withNames(translator, names);
    },
  };
}

/** The name as the API takes it; the same name always becomes the same. */
function nativeName(name: string, { valid, longest }: NameRule): string {
  if (valid.test(name)) return name;
  return `${name.replace(/[^\w-]/g, '_').slice(0, longest - 12)}_${digest(name).slice(0, 11)}`;
}

/** The client's own names by the native ones; undefined: no name has to change. */
function clientNames({ tools, functions }: ChatRequest, rule: NameRule): ReadonlyMap<string, string> | undefined {
  let names: Map<string, string> | undefined;
  const add = (name: string) => {
    if (rule.valid.test(name)) return;
    names ??= new Map();
    names.set(nativeName(name, rule), name);
  };
  for (const tool of tools ?? []) if (tool.type === 'function') add(tool.function.name);
  for (const definition of functions ?? []) add(definition.name);
  return names;
}

/** The call with native names in declarations, choice and history. */
function renamed(call: ChatCall, rule: NameRule): ChatCall {
  if (!namesAny(outlineOf(call), rule)) return call;
  const { request } = call;
  const native = (name: string) => nativeName(name, rule);
  const { tools, functions, tool_choice: choice, function_call: legacy } = request;
  return {
    ...call,
    body: undefined,
    request: {
      ...request,
      messages: request.messages.map((message) => renamedMessage(message, native)),
      ...(tools && {
        tools: tools.map((tool) =>
          tool.type === 'function'
            ? { ...tool, function: { ...tool.function, name: native(tool.function.name) } }
            : tool,
        ),
      }),
      ...(functions && { functions: functions.map((one) => ({ ...one, name: native(one.name) })) }),
      ...(choice !== undefined && { tool_choice: renamedChoice(choice, native) as ChatRequest['tool_choice'] }),
      ...(typeof legacy === 'object' && { function_call: { name: native(legacy.name) } }),
    } as ChatRequest,
  };
}

function namesAny(request: ChatRequest, rule: NameRule): boolean {
  if (clientNames(request, rule) !== undefined) return true;
  return request.messages.some((message) => {
    if (message.role !== 'assistant') return false;
    const calls = message.tool_calls ?? [];
    if (message.function_call && !rule.valid.test(message.function_call.name)) return true;
    return calls.some(({ function: called }) => typeof called?.name === 'string' && !rule.valid.test(called.name));
  });
}

type Message = ChatRequest['messages'][number];

function renamedMessage(message: Message, native: (name: string) => string): Message {
  if (message.role === 'function') return { ...message, name: native(message.name) };
  if (message.role !== 'assistant') return message;
  const { tool_calls: calls, function_call: legacy } = message;
  return {
    ...message,
    ...(calls && {
      tool_calls: calls.map((call) =>
        call.function ? { ...call, function: { ...call.function, name: native(call.function.name) } } : call,
      ),
    }),
    ...(legacy && { function_call: { ...legacy, name: native(legacy.name) } }),
  };
}

/** Names stand under `function`, at whatever depth. */
function renamedChoice(choice: unknown, native: (name: string) => string): unknown {
  if (Array.isArray(choice)) return choice.map((one) => renamedChoice(one, native));
  if (typeof choice !== 'object' || choice === null) return choice;
  return Object.fromEntries(
    Object.entries(choice).map(([field, value]) => {
      const named = field === 'function' && typeof value?.name === 'string';
      return [field, named ? { ...value, name: native(value.name) } : renamedChoice(value, native)];
    }),
  );
}

interface Named {
  readonly function?: { readonly name?: string };
}

/** A message or a piece of one with the client's names. */
function restored<Said extends object>(said: Said, names: ReadonlyMap<string, string>): Said {
  const { tool_calls: calls, function_call: legacy } = said as {
    tool_calls?: readonly Named[];
    function_call?: { readonly name?: string };
  };
  const own = <T extends { readonly name?: string }>(called: T): T => {
    const name = called.name === undefined ? undefined : names.get(called.name);
    return name === undefined ? called : { ...called, name };
  };
  return {
    ...said,
    ...(calls && {
      tool_calls: calls.map((call) => (call.function ? { ...call, function: own(call.function) } : call)),
    }),
    ...(legacy && { function_call: own(legacy) }),
  };
}

function withNames(translator: StreamTranslator, names: ReadonlyMap<string, string>): StreamTranslator {
  const restore = (batch: StreamBatch, from: number) => {
    batch.chunks.slice(from).forEach((written, position) => {
      const chunk = typeof written === 'string' ? (JSON.parse(written) as ChatCompletionChunk) : written;
      const choices = chunk.choices.map((choice) => ({ ...choice, delta: restored(choice.delta, names) }));
      batch.chunks[from + position] = { ...chunk, choices };
    });
  };
  return {
    ...(translator.maxEventLength !== undefined && { maxEventLength: translator.maxEventLength }),
    event(data, batch, name) {
      const known = batch.chunks.length;
      translator.event(data, batch, name);
      restore(batch, known);
    },
    end(batch) {
      const known = batch.chunks.length;
      translator.end(batch);
      restore(batch, known);
    },
  };
}
