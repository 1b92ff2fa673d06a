import type { GatewayError } from '../../lib/errors.js';
import type { Usage } from '../../lib/usage.js';
import type { CallIds } from '../call-ids.js';
import type { CarriedReasoning } from '../carried-reasoning.js';
import type { ChatChunkChoice, ChatCompletionChunk, ChatDelta, ToolCallDelta } from '../chat-chunk.js';
import type { FinishReason } from '../chat-completion.js';
import { tokensOf } from './from-chat-completion.js';
import { type ItemEvent, OpenCall, type OpenItem, OpenMessage, OpenReasoning } from './open-items.js';
import { callIdsFor, outputCall } from './output-calls.js';
import { ReasoningWish } from './reasoning-wish.js';
import { emptyResponse, endOf, ItemIds, type OutputItem, type Response, toResponsesUsage } from './response.js';
import type { ResponsesRequest } from './responses-request.js';
import type { ToolNames } from './tool-names.js';

/** One event of a streamed response. Source: the OpenAI API reference, `ResponseStreamEvent`. */
export interface ResponseEvent extends ItemEvent {
  readonly sequence_number: number;
}

/** The events that end an answer, and what is remembered of it. */
export interface RememberedEnd {
  readonly events: ResponseEvent[];
  /** With what the model's provider needs of its reasoning, whether the client asked for that or not. */
  readonly output: readonly OutputItem[];
  /** Reasoning that no item shows. */
  readonly unseen: OutputItem | undefined;
}

/** Makes the events of a streamed response out of the chunks of a chat answer. */
export class ResponseEvents {
  readonly #request: ResponsesRequest;
  readonly #ids: ItemIds;
  readonly #names: ToolNames | undefined;
  readonly #wish: ReasoningWish;
  readonly #calls = new Map<number, OpenCall>();
  readonly #callIds: CallIds;
  readonly #output: OutputItem[] = [];
  #sequence = 0;
  #items = 0;
  #response: Response | undefined;
  #message: OpenMessage | undefined;
  #reasoning: OpenReasoning | undefined;
  #carried: CarriedReasoning = { details: [], calls: {} };
  #thoughts = '';
  #finish: FinishReason | null = null;

  /** @param names maps the functions of chat to the client's tools. */
  constructor(request: ResponsesRequest, requestId: string, names?: ToolNames) {
    this.#request = request;
    this.#names = names;
    this.#wish = new ReasoningWish(request);
    this.#ids = new ItemIds(requestId);
    this.#callIds = callIdsFor(request, requestId);
  }

  /** The events that a chunk means. */
  chunk(chunk: ChatCompletionChunk): ResponseEvent[] {
    const events = this.#response ? [] : this.#begin(chunk.created, chunk.model);
    const [choice] = chunk.choices;
    if (choice) events.push(...this.#choice(choice));
    return this.#numbered(events);
  }

  /** The events that end a complete answer, and its items as they are to be remembered. */
  end(usage: Usage): RememberedEnd {
    const events = this.#response ? [] : this.#begin(0, this.#request.model);
    const { itemStatus, ...end } = endOf(this.#finish);
    if (this.#items === 0 || (this.#output.every(isReasoning) && this.#open().every(({ item }) => isReasoning(item)))) {
      events.push(...this.#inMessage((message) => message.text('', [])));
    }
    const open = this.#open();
    // Where an answer was cut off, only its last item is.
    for (const item of open) events.push(...this.#close(item, item === open.at(-1) ? itemStatus : 'completed'));
    events.push(...this.#carryRest());
    const unseen = this.#wish.unseen(this.#carried, this.#thoughts);
    const output = this.#sorted();
    const shown = output.map((item) => this.#wish.shown(item));
    const response = { ...this.#response, ...end, output: shown, usage: toResponsesUsage(usage) };
    events.push({ type: `response.${end.status}`, response });
    return { events: this.#numbered(events), output, unseen };
  }

  /**
   * The events that end an answer which failed. The last one holds the error twice: where the schema has it, and under
   * `error`, which is what makes both official clients raise.
   */
  fail(error: GatewayError): ResponseEvent[] {
    const { message, param, publicCode: code, type } = error;
    const events: ItemEvent[] = [];
    if (this.#response) {
      const failure = { code: 'server_error', message };
      const response = {
        ...this.#response,
        status: 'failed',
        error: failure,
        output: this.#sorted().map((item) => this.#wish.shown(item)),
      };
      events.push({ type: 'response.failed', response });
    }
    events.push({ type: 'error', code, message, param, error: { type, code, message, param } });
    return this.#numbered(events);
  }

  /** Takes over a stream whose events another server made, for the case that it fails. */
  follow(response: Response | undefined, sequence: number): void {
    this.#response ??= response;
    this.#sequence = sequence;
  }

  #begin(created: number, model: string): ItemEvent[] {
    this.#response = emptyResponse(this.#request, { id: this.#ids.response, created, model });
    return [
      { type: 'response.created', response: this.#response },
      { type: 'response.in_progress', response: this.#response },
    ];
  }

  #choice({ delta, logprobs, finish_reason: finish }: ChatChunkChoice): ItemEvent[] {
    const events = this.#think(delta);
    if (delta.content)
      events.push(...this.#inMessage((message) => message.text(delta.content ?? '', tokensOf(logprobs))));
    if (delta.refusal) events.push(...this.#inMessage((message) => message.refusal(delta.refusal ?? '')));
    if (delta.annotations?.length && this.#message) events.push(...this.#message.annotations(delta.annotations));
    for (const call of delta.tool_calls ?? []) events.push(...this.#call(call));
    if (finish) this.#finish = finish;
    return events;
  }

  /** Collects what must come back, and shows what was thought to who asked for both. */
  #think({
    reasoning_content: text,
    reasoning_details: details,
    extra_content: extra,
    tool_calls: calls,
  }: ChatDelta): ItemEvent[] {
    if (!this.#wish.any) return [];
    this.#carried.details.push(...(details ?? []));
    if (extra) this.#carried.extra = { ...this.#carried.extra, ...extra };
    for (const { index, id, extra_content: signed } of calls ?? []) {
      if (signed) this.#carried.calls[this.#callIds.of(index, id)] = signed;
    }
    if (!text) return [];
    if (!this.#wish.summary) {
      this.#thoughts += text;
      return [];
    }
    const events: ItemEvent[] = [];
    if (!this.#reasoning) {
      this.#reasoning = this.#newReasoning();
      events.push(...this.#reasoning.open());
    }
    events.push(...this.#reasoning.summary(text));
    return events;
  }

  /** Continues the open message, or opens one; what was thought before it is complete then. */
  #inMessage(write: (message: OpenMessage) => ItemEvent[]): ItemEvent[] {
    const events: ItemEvent[] = [];
    if (!this.#message) {
      if (this.#reasoning) events.push(...this.#close(this.#reasoning, 'completed'));
      else events.push(...this.#carryBefore());
      this.#message = new OpenMessage(this.#items++, this.#ids.next('msg'));
      events.push(...this.#message.open());
    }
    events.push(...write(this.#message));
    return events;
  }

  #call({ index, id, function: called }: ToolCallDelta): ItemEvent[] {
    const events: ItemEvent[] = [];
    let call = this.#calls.get(index);
    if (!call) {
      for (const open of [this.#reasoning, this.#message]) if (open) events.push(...this.#close(open, 'completed'));
      events.push(...this.#carryBefore());
      const named = this.#names?.find(called?.name ?? '') ?? { kind: 'function' as const, name: called?.name ?? '' };
      call = new OpenCall(
        this.#items++,
        outputCall(named, this.#callIds.of(index, id), (prefix) => this.#ids.next(prefix)),
      );
      this.#calls.set(index, call);
      events.push(...call.open());
    }
    if (called?.arguments) events.push(...call.arguments(called.arguments));
    return events;
  }

  /** Reasoning that arrived after its item was complete, or that had no text to show. */
  #carryRest(): ItemEvent[] {
    if (!this.#wish.has(this.#carried, this.#thoughts)) return [];
    const rest = this.#newReasoning();
    return [...rest.open(), ...this.#close(rest, 'completed')];
  }

  /** Reasoning without text to show, before what it led to. */
  #carryBefore(): ItemEvent[] {
    return this.#thoughts === '' ? [] : this.#carryRest();
  }

  #newReasoning(): OpenReasoning {
    return new OpenReasoning(this.#items++, this.#ids.next('rs'), this.#wish, () => {
      const encrypted = this.#wish.encode(this.#carried, this.#thoughts);
      this.#carried = { details: [], calls: {} };
      this.#thoughts = '';
      return encrypted;
    });
  }

  #open(): OpenItem[] {
    const items = [this.#reasoning, this.#message, ...this.#calls.values()];
    return items.filter((item) => item !== undefined).sort((a, b) => a.index - b.index);
  }

  #close(open: OpenItem, status: 'completed' | 'incomplete' | 'in_progress'): ItemEvent[] {
    const events = open.close(status);
    this.#output[open.index] = open.item;
    if (open === this.#reasoning) this.#reasoning = undefined;
    if (open === this.#message) this.#message = undefined;
    return events;
  }

  #sorted(): OutputItem[] {
    return this.#output.filter((item) => item !== undefined);
  }

  #numbered(events: readonly ItemEvent[]): ResponseEvent[] {
    return events.map((event) => {
      const { type, ...fields } = event;
      return { type, sequence_number: this.#sequence++, ...fields };
    });
  }
}

function isReasoning(item: OutputItem): boolean {
  return item.type === 'reasoning';
}
