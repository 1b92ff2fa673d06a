import { NO_USAGE, type Usage } from '../lib/usage.js';
import { CallIds } from '../openai-api/call-ids.js';
import { type CarriedReasoning, encodeReasoning, isEmpty } from '../openai-api/carried-reasoning.js';
import type { ChatChunkChoice, ChatCompletionChunk, ChatDelta } from '../openai-api/chat-chunk.js';
import type { Annotation, FinishReason } from '../openai-api/chat-completion.js';
import {
  type Citation,
  type Message,
  messageId,
  type OutputBlock,
  type StopReason,
  toMessageUsage,
  toStopReason,
} from './message.js';
import type { MessagesRequest } from './messages-request.js';
import { StreamedCalls } from './streamed-calls.js';
import { wantsThinking } from './to-chat-request.js';

/** One event of a streamed message. Source: Anthropic docs, streaming messages. */
export interface MessageEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Makes the events of a streamed message out of the chunks of a chat answer: blocks one after the other, each complete
 * before the next.
 *
 * What a provider needs back of its model's reasoning travels as the signature of a thinking block, or as a redacted one
 * where there is nothing to show, so that the next turn can be answered by any process.
 */
export class MessageEvents {
  readonly #request: MessagesRequest;
  readonly #id: string;
  readonly #shows: boolean;
  readonly #wants: boolean;
  readonly #calls: StreamedCalls;
  #begun = false;
  #index = -1;
  #open: 'text' | 'thinking' | 'tool' | undefined;
  /** What was thought and said before a call was complete: no block stands inside of another. */
  readonly #held: ChatDelta[] = [];
  #text = '';
  #carried: CarriedReasoning = { details: [], calls: {} };
  #finish: FinishReason | null = null;
  #native: string | undefined;
  #refusal = '';
  #tier: 'standard' | 'priority' | null = null;

  constructor(request: MessagesRequest, requestId: string) {
    this.#request = request;
    this.#id = messageId(requestId);
    this.#calls = new StreamedCalls(new CallIds(() => callsIn(request), requestId));
    this.#wants = wantsThinking(request);
    this.#shows = this.#wants && request.thinking?.display !== 'omitted';
  }

  /** The events that a chunk means. @param usage what is known so far of the tokens, for the first of them. */
  chunk(chunk: ChatCompletionChunk, usage: Usage = NO_USAGE): MessageEvent[] {
    const events: MessageEvent[] = [];
    this.#tier = tierOf(chunk.service_tier) ?? this.#tier;
    if (!this.#begun) this.#begin(chunk.model, usage, events);
    const [choice] = chunk.choices;
    if (choice) this.#choice(choice, events);
    return events;
  }

  /** The events that end a complete answer. */
  end(usage: Usage): MessageEvent[] {
    const events: MessageEvent[] = [];
    if (!this.#begun) this.#begin(this.#request.model, usage, events);
    this.#callsUpTo(true, events);
    this.#closeBlock(events);
    if (!isEmpty(this.#carried) && (this.#wants || this.#calls.count > 0)) this.#redacted(events);
    const { service_tier: _, cache_creation: __, inference_geo: ___, speed: ____, ...counts } = toMessageUsage(usage);
    events.push({ type: 'message_delta', delta: this.#ending(), usage: counts }, { type: 'message_stop' });
    return events;
  }

  /** The tier that answered, where the provider says it. */
  get tier(): 'standard' | 'priority' | null {
    return this.#tier;
  }

  #ending(): Pick<Message, 'stop_reason' | 'stop_sequence' | 'stop_details' | 'container'> {
    const reason: StopReason = this.#refusal
      ? 'refusal'
      : toStopReason(this.#finish, this.#native, this.#calls.count > 0);
    const [only, second] = this.#request.stop_sequences ?? [];
    return {
      stop_reason: reason,
      stop_sequence: reason === 'stop_sequence' && second === undefined ? (only ?? null) : null,
      stop_details:
        reason === 'refusal' ? { type: 'refusal', category: null, explanation: this.#refusal || null } : null,
      container: null,
    };
  }

  #begin(model: string, usage: Usage, events: MessageEvent[]): void {
    this.#begun = true;
    const message: Message = {
      id: this.#id,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: toMessageUsage(usage, this.#tier),
    };
    events.push({ type: 'message_start', message }, { type: 'ping' });
  }

  #choice(
    { delta, finish_reason: finish, native_finish_reason: native }: ChatChunkChoice,
    events: MessageEvent[],
  ): void {
    this.#carry(delta);
    if (this.#calls.current && saysAnything(delta)) {
      this.#held.push(delta);
      this.#callsUpTo(false, events);
    } else this.#tell(delta, events);
    if (delta.annotations && this.#open === 'text') this.#cite(delta.annotations, events);
    for (const call of delta.tool_calls ?? []) {
      const { id } = this.#calls.add(call);
      if (call.extra_content) this.#carried.calls[id] = call.extra_content;
    }
    if (delta.tool_calls) this.#callsUpTo(false, events);
    if (finish) this.#finish = finish;
    if (native !== undefined) this.#native = native;
  }

  #carry({ reasoning_details: details, extra_content: extra }: ChatDelta): void {
    if (details) this.#carried.details.push(...details);
    if (extra) this.#carried.extra = { ...this.#carried.extra, ...extra };
  }

  #tell({ reasoning_content: thought, content, refusal }: ChatDelta, events: MessageEvent[]): void {
    if (thought) this.#think(thought, events);
    if (content) this.#say(content, events);
    if (!refusal) return;
    this.#refusal += refusal;
    this.#say(refusal, events);
  }

  #release(events: MessageEvent[]): void {
    for (const delta of this.#held.splice(0)) this.#tell(delta, events);
  }

  #think(text: string, events: MessageEvent[]): void {
    if (!this.#shows) {
      this.#carried.text = (this.#carried.text ?? '') + text;
      return;
    }
    if (this.#open !== 'thinking')
      this.#openBlock('thinking', { type: 'thinking', thinking: '', signature: '' }, events);
    this.#delta({ type: 'thinking_delta', thinking: text }, events);
  }

  #say(text: string, events: MessageEvent[]): void {
    if (this.#open !== 'text') {
      this.#openBlock('text', { type: 'text', text: '' }, events);
      this.#text = '';
    }
    this.#text += text;
    this.#delta({ type: 'text_delta', text }, events);
  }

  #cite(annotations: readonly Annotation[], events: MessageEvent[]): void {
    for (const { url_citation: cited } of annotations) {
      const citation: Citation = {
        type: 'web_search_result_location',
        url: cited.url,
        title: cited.title || null,
        cited_text: this.#text.slice(cited.start_index, cited.end_index),
        encrypted_index: '',
      };
      this.#delta({ type: 'citations_delta', citation }, events);
    }
  }

  /** Passes on the calls whose turn has come. @param over no more will arrive of any. */
  #callsUpTo(over: boolean, events: MessageEvent[]): void {
    for (let call = this.#calls.current; call; call = this.#calls.current) {
      if (this.#open !== 'tool') {
        if (this.#open !== 'thinking' && !isEmpty(this.#carried)) this.#redacted(events);
        const { id, name } = call;
        this.#openBlock('tool', { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } }, events);
      }
      if (call.waiting !== '') this.#delta({ type: 'input_json_delta', partial_json: call.waiting }, events);
      call.waiting = '';
      if (!this.#calls.mayAdvance(over, this.#held.length > 0)) return;
      this.#calls.advance();
      this.#closeBlock(events);
    }
    this.#release(events);
  }

  #redacted(events: MessageEvent[]): void {
    this.#openBlock('text', { type: 'redacted_thinking', data: this.#takeCarried() }, events);
    this.#closeBlock(events);
  }

  #openBlock(kind: 'text' | 'thinking' | 'tool', block: OutputBlock, events: MessageEvent[]): void {
    this.#closeBlock(events);
    this.#open = kind;
    this.#index += 1;
    events.push({ type: 'content_block_start', index: this.#index, content_block: block });
  }

  #closeBlock(events: MessageEvent[]): void {
    if (!this.#open) return;
    if (this.#open === 'thinking') this.#delta({ type: 'signature_delta', signature: this.#takeCarried() }, events);
    this.#open = undefined;
    events.push({ type: 'content_block_stop', index: this.#index });
  }

  #takeCarried(): string {
    const carried = this.#carried;
    this.#carried = { details: [], calls: {} };
    return encodeReasoning(carried);
  }

  #delta(delta: object, events: MessageEvent[]): void {
    events.push({ type: 'content_block_delta', index: this.#index, delta });
  }
}

function callsIn({ messages }: MessagesRequest): unknown[] {
  return messages.flatMap(({ content }) => (Array.isArray(content) ? content.map(({ id }) => id) : []));
}

function saysAnything({ reasoning_content: thought, content, refusal }: ChatDelta): boolean {
  return Boolean(thought || content || refusal);
}

function tierOf(tier: string | undefined): 'standard' | 'priority' | undefined {
  if (tier === 'default') return 'standard';
  return tier === 'priority' ? tier : undefined;
}
