import type { ToolCallDelta } from '../../openai-api/chat-chunk.js';
import type { ToolCall } from '../../openai-api/chat-message.js';
import type { ExtraContent } from '../../openai-api/chat-request.js';
import { type Fields, isFields } from '../openai/fields.js';
import { newCallId } from './random-id.js';

/**
 * Whole tool calls of an answer: ids, `type` and JSON text for arguments are supplied where they are missing. A call
 * without a name calls nothing and is left out.
 */
export function readToolCalls(value: unknown, random: () => number): ToolCall[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isFields).flatMap((call): ToolCall[] => {
    const { id, index, function: called, ...extensions } = call;
    const { name, arguments: args } = isFields(called) ? called : {};
    if (text(name) === '') return [];
    const whole = { name: text(name), arguments: argumentText(args) || '{}' };
    return [{ ...extensions, id: idText(id) || newCallId(random), type: 'function', function: whole }];
  });
}

interface OpenCall {
  /** Its place among the calls that have a name; undefined until it is announced. */
  index: number | undefined;
  readonly nativeIndex: number | undefined;
  id: string;
  name: string;
  arguments: string;
  extra: ExtraContent | undefined;
}

/** Puts the tool-call deltas of one choice of a stream in order: dense indices, id, type and name once, arguments as text. */
export class ToolCallStream {
  readonly #random: () => number;
  readonly #calls: OpenCall[] = [];
  #announced = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** True once a call has a name. */
  used(): boolean {
    return this.#announced > 0;
  }

  read(value: unknown): ToolCallDelta[] {
    if (!Array.isArray(value)) return [];
    const natives = value.filter(isFields).map(readDelta);
    return natives.flatMap((native, position) => {
      const fromEnd = natives.slice(position).filter(({ name }) => name === '').length;
      return this.#advance(this.#find(native, fromEnd) ?? this.#open(native), native) ?? [];
    });
  }

  /** What is still owed when the answer is complete: `{}` for calls without arguments. Nameless calls are left out. */
  finish(): ToolCallDelta[] {
    return this.#calls.flatMap((call): ToolCallDelta[] => {
      if (call.index === undefined || call.arguments !== '') return [];
      call.arguments = '{}';
      return [{ index: call.index, function: { arguments: '{}' } }];
    });
  }

  #open(native: NativeDelta): OpenCall {
    const call: OpenCall = {
      index: undefined,
      nativeIndex: native.index,
      id: native.id,
      name: '',
      arguments: '',
      extra: undefined,
    };
    this.#calls.push(call);
    return call;
  }

  /**
   * The call that a delta goes on with; undefined when it begins another one.
   *
   * @param fromEnd how many calls before the end the one is that its place in the list stands for, where nothing else says it.
   */
  #find({ index, id, name, arguments: args }: NativeDelta, fromEnd: number): OpenCall | undefined {
    const calls = this.#calls;
    if (id !== '') {
      const known = calls.find((call) => call.id === id);
      if (known) return known;
    }
    const call =
      index === undefined
        ? calls.at(-Math.max(1, fromEnd))
        : calls.findLast((candidate) => candidate.nativeIndex === index);
    if (call === undefined) return undefined;
    if (name === '') return call;
    if (index === undefined || (id !== '' && call.id !== '')) return undefined;
    if (call.name !== '' && (call.name !== name || (isObject(call.arguments) && isObject(args)))) return undefined;
    return call;
  }

  /** Announces a call once its name is known; before that its fragments are kept. */
  #advance(call: OpenCall, native: NativeDelta): ToolCallDelta | undefined {
    if (call.id === '') call.id = native.id;
    if (call.name === '') call.name = native.name;
    call.arguments += native.arguments;
    call.extra = native.extra ?? call.extra;
    if (call.index !== undefined) {
      if (native.arguments === '' && native.extra === undefined) return undefined;
      return {
        index: call.index,
        ...(native.arguments !== '' && { function: { arguments: native.arguments } }),
        ...(native.extra && { extra_content: native.extra }),
      };
    }
    return call.name === '' ? undefined : this.#announce(call);
  }

  #announce(call: OpenCall): ToolCallDelta {
    call.id ||= newCallId(this.#random);
    call.index = this.#announced++;
    return {
      index: call.index,
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
      ...(call.extra && { extra_content: call.extra }),
    };
  }
}

interface NativeDelta {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly extra: ExtraContent | undefined;
}

function readDelta(item: Fields): NativeDelta {
  const called = isFields(item.function) ? item.function : {};
  return {
    index: typeof item.index === 'number' ? item.index : undefined,
    id: idText(item.id),
    name: text(called.name),
    arguments: argumentText(called.arguments),
    extra: isFields(item.extra_content) ? item.extra_content : undefined,
  };
}

/** Arguments as JSON text; some servers send the object itself. */
function argumentText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function isObject(json: string): boolean {
  try {
    return isFields(JSON.parse(json));
  } catch {
    return false;
  }
}

/** Mistral's streams have the word `null` for no id. */
function idText(value: unknown): string {
  return value === 'null' ? '' : text(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
