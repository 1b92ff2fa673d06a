import { unreadablePart } from '../../openai-api/unreadable-part.js';
import { type Fields, isFields } from '../openai/fields.js';
import type { NativeRole } from './facts.js';
import { knownPart } from './known-members.js';
import type { MessageContext } from './message-edit.js';

/** What becomes of the content of one message. */
export interface NativeContent {
  /** The same value where nothing changed. */
  readonly content: unknown;
  /** Parts of a tool result that belong into a user message. */
  readonly media: Fields[];
}

/** Parts that the API writes as a list of strings or does not have; text alone is the same as a string. */
export class ContentTranslator {
  readonly #context: MessageContext;
  readonly #isAsked: (index: number) => boolean;

  /** @param isAsked true for a message with what the user asks now: all else has been dealt with, or comes from tools. */
  constructor(context: MessageContext, isAsked: (index: number) => boolean) {
    this.#context = context;
    this.#isAsked = isAsked;
  }

  /** @throws {GatewayError} for a part of the newest question that the model can't read. */
  translate(content: unknown, role: NativeRole, index: number): NativeContent {
    const media: Fields[] = [];
    if (!Array.isArray(content)) return { content, media };
    const parts: unknown[] = [];
    content.forEach((part, position) => {
      const native = this.#part(part, role, index, `messages[${index}].content[${position}]`);
      if (native === undefined) return;
      if (role === 'tool' && isFields(native) && native.type !== 'text' && !this.#allows('tool', native.type)) {
        media.push(native);
      } else parts.push(native);
    });
    const { facts } = this.#context;
    const asString = facts.parts !== undefined && facts.parts[role] === undefined;
    if (asString || (role === 'tool' && (media.length > 0 || parts.every(isText)))) {
      return { content: parts.map(textOf).join(''), media };
    }
    const isSame = parts.length === content.length && parts.every((part, position) => part === content[position]);
    return { content: isSame ? content : parts, media };
  }

  #allows(role: NativeRole, type: unknown): boolean {
    const { parts } = this.#context.facts;
    if (parts === undefined) return role !== 'tool' || type === 'text';
    return parts[role]?.includes(String(type)) ?? type === 'text';
  }

  #part(part: unknown, role: NativeRole, index: number, path: string): unknown {
    if (!isFields(part)) return part;
    const { facts, unsupported } = this.#context;
    if (part.type === 'refusal') return { type: 'text', text: part.refusal };
    let native = part;
    if ('cache_control' in part && !facts.cacheControl) {
      const { cache_control: mark, ...rest } = part;
      if (mark !== null) unsupported.drop('messages.content.cache_control', `${path}.cache_control`);
      native = rest;
    }
    native = this.#converted(knownPart(native, path, this.#context));
    // a part that a tool result can't hold may still stand in a user message
    const place = role === 'tool' && !this.#allows('tool', native.type) ? 'user' : role;
    if (this.#allows(place, native.type)) return native;
    return this.#drop(native, index, path);
  }

  /** Mistral's own forms of files and sound. */
  #converted(part: Fields): Fields {
    if (this.#context.facts.parts?.user?.includes('document_url') !== true) return part;
    if (part.type === 'file' && isFields(part.file) && typeof part.file.file_data === 'string') {
      const { file_data: url, filename } = part.file;
      return {
        type: 'document_url',
        document_url: url,
        ...(typeof filename === 'string' && { document_name: filename }),
      };
    }
    if (part.type === 'input_audio' && isFields(part.input_audio)) {
      return { type: 'input_audio', input_audio: part.input_audio.data };
    }
    return part;
  }

  /**
   * A picture of an earlier turn or of a tool is dropped, so that it does not make every later turn fail; one that the user asks
   * about is refused.
   */
  #drop({ type }: Fields, index: number, path: string): Fields | undefined {
    const name = String(type).slice(0, 40);
    if (name === 'thinking' || name === 'reasoning') return undefined;
    if (this.#isAsked(index)) throw unreadablePart(name, path);
    this.#context.unsupported.drop(`messages.content.${/^\w+$/.test(name) ? name : 'unknown'}`, `${path}.type`);
    return { type: 'text', text: `[${name}: not readable for this model]` };
  }
}

function isText(part: unknown): boolean {
  return isFields(part) && part.type === 'text';
}

function textOf(part: unknown): string {
  return isFields(part) && typeof part.text === 'string' ? part.text : '';
}
