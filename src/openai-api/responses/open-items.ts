import type { Annotation } from '../chat-completion.js';
import { CustomInputReader } from '../custom-tools.js';
import { toOutputAnnotation } from './from-chat-completion.js';
import { type AnyCall, completeCall } from './output-calls.js';
import type { ReasoningWish } from './reasoning-wish.js';
import type {
  ItemStatus,
  OutputAnnotation,
  OutputItem,
  OutputMessage,
  OutputPart,
  OutputReasoning,
} from './response.js';

/** One event before it is numbered. */
export interface ItemEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** An item of a streamed answer that still grows. */
export interface OpenItem {
  readonly index: number;
  /** The events that end it; the item is complete afterwards. */
  close(status: ItemStatus): ItemEvent[];
  readonly item: OutputItem;
}

function added(index: number, item: OutputItem): ItemEvent {
  return { type: 'response.output_item.added', output_index: index, item: structuredClone(item) };
}

function done(index: number, item: OutputItem): ItemEvent {
  return { type: 'response.output_item.done', output_index: index, item: structuredClone(item) };
}

/** A message: text, then perhaps a refusal. */
export class OpenMessage implements OpenItem {
  readonly item: OutputMessage;
  #part: OutputPart | undefined;

  constructor(
    readonly index: number,
    id: string,
  ) {
    this.item = { type: 'message', id, status: 'in_progress', role: 'assistant', content: [] };
  }

  open(): ItemEvent[] {
    return [added(this.index, this.item)];
  }

  text(delta: string, logprobs: unknown[]): ItemEvent[] {
    const events = this.#ensure('output_text');
    const part = this.#part as Extract<OutputPart, { type: 'output_text' }>;
    part.text += delta;
    part.logprobs.push(...logprobs);
    events.push({ type: 'response.output_text.delta', ...this.#place(), delta, logprobs });
    return events;
  }

  refusal(delta: string): ItemEvent[] {
    const events = this.#ensure('refusal');
    (this.#part as Extract<OutputPart, { type: 'refusal' }>).refusal += delta;
    events.push({ type: 'response.refusal.delta', ...this.#place(), delta });
    return events;
  }

  annotations(list: readonly Annotation[]): ItemEvent[] {
    const events = this.#ensure('output_text');
    const part = this.#part as { annotations: OutputAnnotation[] };
    for (const entry of list) {
      const annotation = toOutputAnnotation(entry);
      const annotation_index = part.annotations.push(annotation) - 1;
      const type = 'response.output_text.annotation.added';
      events.push({ type, ...this.#place(), annotation_index, annotation });
    }
    return events;
  }

  close(status: ItemStatus): ItemEvent[] {
    const events = this.#closePart();
    this.item.status = status;
    events.push(done(this.index, this.item));
    return events;
  }

  #ensure(type: OutputPart['type']): ItemEvent[] {
    if (this.#part?.type === type) return [];
    const events = this.#closePart();
    this.#part =
      type === 'refusal' ? { type, refusal: '' } : { type: 'output_text', text: '', annotations: [], logprobs: [] };
    this.item.content.push(this.#part);
    events.push({ type: 'response.content_part.added', ...this.#place(), part: structuredClone(this.#part) });
    return events;
  }

  #closePart(): ItemEvent[] {
    const part = this.#part;
    if (!part) return [];
    const place = this.#place();
    this.#part = undefined;
    const ended: ItemEvent =
      part.type === 'refusal'
        ? { type: 'response.refusal.done', ...place, refusal: part.refusal }
        : { type: 'response.output_text.done', ...place, text: part.text, logprobs: part.logprobs };
    return [ended, { type: 'response.content_part.done', ...place, part: structuredClone(part) }];
  }

  #place(): object {
    return { item_id: this.item.id, output_index: this.index, content_index: this.item.content.length - 1 };
  }
}

/** A call of one of the client's tools. */
export class OpenCall implements OpenItem {
  readonly item: AnyCall;
  readonly #input = new CustomInputReader();
  #json = '';

  constructor(
    readonly index: number,
    item: AnyCall,
  ) {
    this.item = item;
  }

  open(): ItemEvent[] {
    return [added(this.index, this.item)];
  }

  arguments(delta: string): ItemEvent[] {
    this.#json += delta;
    if (this.item.type === 'custom_tool_call') return this.#says(this.#input.add(delta));
    if (this.item.type !== 'function_call') return [];
    return [{ type: 'response.function_call_arguments.delta', ...this.#place(), delta }];
  }

  close(status: ItemStatus): ItemEvent[] {
    const { item } = this;
    completeCall(item, this.#json, status);
    const events: ItemEvent[] = [];
    if (item.type === 'function_call') {
      const { name, arguments: text } = item;
      events.push({ type: 'response.function_call_arguments.done', ...this.#place(), name, arguments: text });
    } else if (item.type === 'custom_tool_call') {
      const { input } = item;
      events.push(...this.#says(this.#input.end()));
      events.push({ type: 'response.custom_tool_call_input.done', ...this.#place(), input });
    }
    return [...events, done(this.index, item)];
  }

  #says(delta: string): ItemEvent[] {
    return delta === '' ? [] : [{ type: 'response.custom_tool_call_input.delta', ...this.#place(), delta }];
  }

  #place(): object {
    return { item_id: this.item.id, output_index: this.index };
  }
}

/** Reasoning, with a readable summary where one was asked for. What its provider needs back comes with its end. */
export class OpenReasoning implements OpenItem {
  readonly item: OutputReasoning;

  constructor(
    readonly index: number,
    id: string,
    private readonly wish: ReasoningWish,
    private readonly encrypted: () => string,
  ) {
    this.item = { type: 'reasoning', id, summary: [], encrypted_content: '' };
  }

  open(): ItemEvent[] {
    return [added(this.index, this.wish.shown(this.item))];
  }

  summary(delta: string): ItemEvent[] {
    const events: ItemEvent[] = [];
    if (this.item.summary.length === 0) {
      const part = { type: 'summary_text' as const, text: '' };
      this.item.summary.push(part);
      events.push({ type: 'response.reasoning_summary_part.added', ...this.#place(), part: { ...part } });
    }
    const [part] = this.item.summary;
    if (part) part.text += delta;
    events.push({ type: 'response.reasoning_summary_text.delta', ...this.#place(), delta });
    return events;
  }

  close(): ItemEvent[] {
    const [part] = this.item.summary;
    this.item.encrypted_content = this.encrypted();
    const place = this.#place();
    return [
      ...(part
        ? [
            { type: 'response.reasoning_summary_text.done', ...place, text: part.text },
            { type: 'response.reasoning_summary_part.done', ...place, part: { ...part } },
          ]
        : []),
      done(this.index, this.wish.shown(this.item)),
    ];
  }

  #place(): object {
    return { item_id: this.item.id, output_index: this.index, summary_index: 0 };
  }
}
