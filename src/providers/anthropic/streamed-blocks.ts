import type { ChatDelta } from '../../openai-api/chat-chunk.js';
import type { Annotation } from '../../openai-api/chat-completion.js';
import type { ChatRequest, ReasoningDetail } from '../../openai-api/chat-request.js';
import { usesLegacyFunctions } from '../legacy-functions.js';
import { isObject, type JsonObject, stringOf } from './api.js';
import type { CallForm } from './map-stop-reason.js';
import { isCarried } from './reasoning-details.js';
import { StreamedCarriedBlock } from './streamed-carried-block.js';
import { toAnnotations } from './to-annotations.js';
import { jsonToolName } from './to-output-format.js';

type OpenBlock =
  | { kind: 'text'; start: number; citations: unknown[] }
  | { kind: 'tool'; index: number; input: unknown; sent: boolean }
  | { kind: 'json'; input: unknown; sent: boolean }
  | StreamedCarriedBlock;

/**
 * The content blocks of one streamed message as deltas. Lists (reasoning details, annotations) wait for `finish`,
 * because client libraries accept a list in one delta only; calls are counted from 0, whatever their block's index.
 */
export class StreamedBlocks {
  readonly #open = new Map<number, OpenBlock>();
  readonly #details: ReasoningDetail[] = [];
  readonly #annotations: Annotation[] = [];
  readonly #legacy: boolean;
  readonly #jsonTool: string | undefined;
  /** Text that waits until it is clear that no stand-in call follows it. */
  #heldText = '';
  #jsonAnswered = false;
  #length = 0;
  #calls = 0;
  #begun = false;

  constructor(request: ChatRequest, model: string) {
    this.#legacy = usesLegacyFunctions(request);
    this.#jsonTool = jsonToolName(request, model);
  }

  /** True once any block has begun. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  get callForm(): CallForm {
    if (this.#calls === 0) return 'none';
    return this.#legacy ? 'function_call' : 'tool_calls';
  }

  start(index: number, block: unknown): ChatDelta[] {
    this.#begun = true;
    if (!isObject(block)) return [];
    switch (block['type']) {
      case 'text':
        this.#open.set(index, { kind: 'text', start: this.#length, citations: listOf(block['citations']) });
        return this.#text(block['text']);
      case 'tool_use':
        return this.#startCall(index, block);
      default:
        if (!isCarried(block['type'])) return [];
        this.#open.set(index, new StreamedCarriedBlock(block, this.#length));
        return reasoning(block['thinking']);
    }
  }

  delta(index: number, delta: unknown): ChatDelta[] {
    const block = this.#open.get(index);
    if (block === undefined || !isObject(delta)) return [];
    switch (delta['type']) {
      case 'text_delta':
        return block.kind === 'text' ? this.#text(delta['text']) : [];
      case 'citations_delta':
        if (block.kind === 'text') block.citations.push(delta['citation']);
        return [];
      case 'thinking_delta': {
        const thinking = stringOf(delta['thinking']);
        if (block.kind !== 'carried' || thinking === '') return [];
        block.addThinking(thinking);
        return reasoning(thinking);
      }
      case 'signature_delta':
      case 'compaction_delta':
        if (block.kind === 'carried') block.setFields(delta);
        return [];
      case 'input_json_delta':
        return this.#arguments(block, delta['partial_json']);
      default:
        return [];
    }
  }

  stop(index: number): ChatDelta[] {
    const block = this.#open.get(index);
    this.#open.delete(index);
    switch (block?.kind) {
      case 'text':
        this.#annotations.push(...toAnnotations(block.citations, block.start, this.#length));
        return [];
      case 'carried':
        this.#details.push(block.toDetail(index));
        return [];
      case 'tool':
      case 'json':
        return block.sent ? [] : this.#arguments(block, JSON.stringify(isObject(block.input) ? block.input : {}));
      default:
        return [];
    }
  }

  /** Closes what is still open and gives the lists, all in one delta. */
  finish(): ChatDelta[] {
    const deltas = [...this.#open.keys()].flatMap((index) => this.stop(index));
    deltas.push(...this.#release());
    const lists: ChatDelta = {
      ...(this.#annotations.length > 0 && !this.#jsonAnswered && { annotations: this.#annotations }),
      ...(this.#details.length > 0 && { reasoning_details: this.#details }),
    };
    if (Object.keys(lists).length > 0) deltas.push(lists);
    return deltas;
  }

  #text(text: unknown): ChatDelta[] {
    if (typeof text !== 'string' || text === '') return [];
    this.#length += text.length;
    if (this.#jsonTool === undefined) return [{ content: text }];
    this.#heldText += text;
    return [];
  }

  #release(): ChatDelta[] {
    const content = this.#heldText;
    this.#heldText = '';
    return content && !this.#jsonAnswered ? [{ content }] : [];
  }

  #startCall(index: number, block: JsonObject): ChatDelta[] {
    const input = block['input'];
    if (this.#jsonTool !== undefined && block['name'] === this.#jsonTool) {
      // Only the first stand-in call is the answer: two concatenated JSON texts are not valid JSON.
      if (!this.#jsonAnswered) this.#open.set(index, { kind: 'json', input, sent: false });
      this.#jsonAnswered = true;
      return [];
    }
    const position = this.#calls++;
    if (this.#legacy && position > 0) return [];
    this.#open.set(index, { kind: 'tool', index: position, input, sent: false });
    const name = stringOf(block['name']);
    if (this.#legacy) return [{ function_call: { name, arguments: '' } }];
    const id = stringOf(block['id']) || `call_${position}`;
    return [{ tool_calls: [{ index: position, id, type: 'function', function: { name, arguments: '' } }] }];
  }

  #arguments(block: OpenBlock, json: unknown): ChatDelta[] {
    if (block.kind === 'text' || typeof json !== 'string' || json === '') return [];
    if (block.kind === 'carried') {
      block.addInput(json);
      return [];
    }
    block.sent = true;
    if (block.kind === 'json') return [{ content: json }];
    if (this.#legacy) return [{ function_call: { arguments: json } }];
    return [{ tool_calls: [{ index: block.index, function: { arguments: json } }] }];
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? [...value] : [];
}

function reasoning(text: unknown): ChatDelta[] {
  return typeof text === 'string' && text !== '' ? [{ reasoning_content: text }] : [];
}
