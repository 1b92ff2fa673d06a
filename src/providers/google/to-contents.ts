import { GatewayError } from '../../lib/errors.js';
import { withFields } from '../../lib/with-fields.js';
import type { AssistantMessage, ChatMessage, ToolMessage } from '../../openai-api/chat-request.js';
import { forEachAnswered } from '../tool-pairs.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { Content, Part } from './api.js';
import type { GeminiFamily } from './families.js';
import { nativeName } from './function-names.js';
import { STAND_IN_SIGNATURE, splitCallId } from './thought-signature.js';
import { toFunctionResponse } from './to-function-response.js';
import { toModelParts } from './to-model-parts.js';
import { toParts, unknownPart } from './to-parts.js';

/** The messages of a request in native form. */
export interface Conversation {
  contents: Content[];
  systemInstruction?: { parts: Part[] };
}

/** What the translation of messages depends on. */
export interface ContentsContext {
  readonly family: GeminiFamily;
  readonly unsupported: UnsupportedParams;
  /** The signature of a call that the client sent back without one. */
  readonly recall: (callId: string, name: string) => string | undefined;
}

/**
 * Messages to contents: system texts apart, roles `user` and `model` only, consecutive turns of a role merged, all
 * results of one assistant turn in one content and in call order.
 *
 * Source: ai.google.dev, API reference, `Content`; "Function calling".
 *
 * @throws {GatewayError} with the path of a message or part that has no native form.
 */
export function toContents(messages: readonly ChatMessage[], context: ContentsContext): Conversation {
  const builder = new ContentsBuilder(context);
  forEachAnswered(messages, 'merged turns', context.unsupported, (message, index) => {
    builder.add(message, `messages[${index}]`);
  });
  return builder.build();
}

/** One turn while it grows: the results come first, in the order of their calls. */
interface Turn {
  readonly role: 'user' | 'model';
  readonly results: { readonly order: number; readonly part: Part }[];
  readonly parts: Part[];
}

class ContentsBuilder {
  readonly #system: Part[] = [];
  readonly #turns: Turn[] = [];
  /** By id; a later call takes over the id of an earlier one. */
  readonly #calls = new Map<string, { name: string; order: number }>();
  #callCount = 0;

  constructor(private readonly context: ContentsContext) {}

  add(message: ChatMessage, path: string): void {
    const { unsupported } = this.context;
    switch (message.role) {
      case 'system':
      case 'developer':
        for (const part of toParts(message.content, `${path}.content`, unsupported)) {
          if (part.text === undefined) throw unknownPart(`${path}.content`);
          this.#system.push(part);
        }
        return;
      case 'user':
        this.#turn('user').parts.push(...toParts(message.content, `${path}.content`, unsupported));
        return;
      case 'assistant':
        this.#turn('model').parts.push(...this.#modelParts(message, path));
        return;
      case 'tool':
        this.#addResult(message, path);
        return;
      case 'function': {
        const response = toFunctionResponse(message.content ?? '');
        const part = { functionResponse: { name: nativeName(message.name), response } };
        this.#turn('user').results.push({ order: this.#callCount, part });
        return;
      }
      default:
        throw new GatewayError('invalid_value', { param: `${path}.role`, message: 'The role is not supported.' });
    }
  }

  /** A conversation begins with the user, if need be with an empty text. */
  build(): Conversation {
    if (this.#turns[0]?.role !== 'user') this.#turns.unshift({ role: 'user', results: [], parts: [{ text: '' }] });
    const contents = this.#turns.map((turn) => this.#content(turn));
    if (this.#system.length === 0) return { contents };
    if (this.context.family.systemInstruction) return { contents, systemInstruction: { parts: this.#system } };
    return { contents: withSystemText(this.#system, contents) };
  }

  #turn(role: Turn['role']): Turn {
    const last = this.#turns.at(-1);
    if (last?.role === role) return last;
    const next: Turn = { role, results: [], parts: [] };
    this.#turns.push(next);
    return next;
  }

  #content({ role, results, parts: others }: Turn): Content {
    const ordered = [...results].sort((a, b) => a.order - b.order).map((result) => result.part);
    const parts = [...ordered, ...others];
    if (parts.length === 0) parts.push({ text: '' });
    const firstCall = parts.find((part) => part.functionCall !== undefined);
    if (this.context.family.thinking === 'level' && firstCall) firstCall.thoughtSignature ??= STAND_IN_SIGNATURE;
    return { role, parts };
  }

  #modelParts(message: AssistantMessage, path: string): Part[] {
    if (message.audio) {
      const param = `${path}.audio`;
      throw new GatewayError('unsupported_value', { param, message: 'Audio output is not supported.' });
    }
    const texts = toParts(message.content ?? [], `${path}.content`, this.context.unsupported);
    const content = texts.filter((part) => part.text !== '');
    if (content.length === 0 && message.refusal) content.push({ text: message.refusal });
    return toModelParts(message, content, path, (id, name) => {
      this.#calls.set(id, { name, order: this.#callCount++ });
      return this.context.recall(id, name);
    });
  }

  #addResult(message: ToolMessage, path: string): void {
    const { id } = splitCallId(message.tool_call_id);
    const call = this.#calls.get(id);
    // `forEachAnswered` leaves no result without its call.
    if (call === undefined) throw new Error('a result without its call');
    const content = toParts(message.content, `${path}.content`, this.context.unsupported);
    const response = toFunctionResponse(content.map((part) => part.text ?? '').join(''));
    const media = content.filter((part) => part.text === undefined);
    const isInside = media.length > 0 && this.context.family.thinking === 'level';
    const turn = this.#turn('user');
    turn.results.push({
      order: call.order,
      part: {
        functionResponse: withFields(id ? { id } : {}, {
          name: nativeName(call.name),
          response,
          ...(isInside && { parts: media }),
        }),
      },
    });
    if (!isInside) turn.parts.push(...media);
  }
}

/** For models without a system instruction: its text before the first text of the user, in the same part. */
function withSystemText(system: readonly Part[], [first, ...rest]: readonly Content[]): Content[] {
  const text = system.map((part) => part.text).join('\n\n');
  const [head, ...tail] = first?.parts ?? [];
  const parts =
    head?.text === undefined ? [{ text }, ...(first?.parts ?? [])] : [{ text: `${text}\n\n${head.text}` }, ...tail];
  return [{ role: 'user', parts }, ...rest];
}
