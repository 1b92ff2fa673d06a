import type { CallIds } from '../openai-api/call-ids.js';
import type { ToolCallDelta } from '../openai-api/chat-chunk.js';

/** A tool call whose arguments are still arriving. */
export interface StreamedCall {
  readonly id: string;
  readonly name: string;
  /** Arguments that have not been passed on yet. */
  waiting: string;
  json: string;
}

/**
 * Tool calls in the order in which they begin, one after the other, as Anthropic's events need them. Chunks may bring the
 * arguments of several calls in turn: a call waits until the one before it is complete.
 */
export class StreamedCalls {
  readonly #calls = new Map<number, StreamedCall>();
  readonly #queue: StreamedCall[] = [];

  constructor(private readonly ids: CallIds) {}

  get count(): number {
    return this.#calls.size;
  }

  add({ index, id, function: called }: ToolCallDelta): StreamedCall {
    let call = this.#calls.get(index);
    if (!call) {
      call = { id: this.ids.of(index, id), name: called?.name ?? '', waiting: '', json: '' };
      this.#calls.set(index, call);
      this.#queue.push(call);
    }
    const text = called?.arguments ?? '';
    call.json += text;
    call.waiting += text;
    return call;
  }

  /** The call whose turn it is; undefined when none waits. */
  get current(): StreamedCall | undefined {
    return this.#queue[0];
  }

  /**
   * Whether what comes after the current call may begin.
   *
   * @param over nothing more will arrive.
   * @param isAwaited something else than a call waits for it.
   */
  mayAdvance(over: boolean, isAwaited: boolean): boolean {
    return over || ((isAwaited || this.#queue.length > 1) && isComplete(this.#queue[0]?.json ?? ''));
  }

  advance(): void {
    this.#queue.shift();
  }
}

/** Arguments that have not begun are not over: some servers announce all calls before the arguments of the first. */
function isComplete(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
