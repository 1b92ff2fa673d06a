import type { ChatDelta } from '../../openai-api/chat-chunk.js';
import type { FunctionCall } from './api.js';
import { PartialCall } from './partial-call.js';
import { signatureContent } from './thought-signature.js';

/** How calls are written. */
export interface CallOptions {
  /** The deprecated form: `function_call` in place of `tool_calls`. */
  readonly legacyFunctions: boolean;
  /** The client's own names of functions whose names were changed, by the native ones. */
  readonly names: ReadonlyMap<string, string>;
  /** A fresh id for a tool call that came without one. */
  readonly newCallId: () => string;
  /** Called with the signature of a tool call. */
  readonly onSignature: (callId: string, name: string, signature: string) => void;
}

/**
 * Tells the function calls of an answer, each complete in one delta, with indices that are dense over the whole
 * stream: events of Gemini do not number their calls.
 */
export class CallReader {
  /** Complete calls so far. */
  count = 0;
  readonly #ids = new Set<string>();
  #open: PartialCall | undefined;

  constructor(private readonly options: CallOptions) {}

  /** Adds a call, or a piece of one; gives the calls that are complete now. */
  read(call: FunctionCall, signature: string | undefined): ChatDelta[] {
    const open = this.#open;
    const isContinued = open !== undefined && (!call.name || (call.id !== undefined && call.id === open.first.id));
    if (isContinued) {
      open.add(call);
      return call.willContinue ? [] : this.flush();
    }
    const deltas = this.flush();
    if (!call.name) return deltas;
    const next = new PartialCall(call, signature);
    next.add(call);
    this.#open = next;
    return call.willContinue ? deltas : [...deltas, ...this.flush()];
  }

  /** Ends a call that lacks its last piece. */
  flush(): ChatDelta[] {
    const open = this.#open;
    if (open === undefined) return [];
    this.#open = undefined;
    const { id, name: native = '', args } = open.complete();
    const name = this.options.names.get(native) ?? native;
    const index = this.count++;
    const definition = { name, arguments: JSON.stringify(args) };
    if (this.options.legacyFunctions) return index === 0 ? [{ function_call: definition }] : [];
    const callId = this.#uniqueId(id);
    if (open.signature !== undefined) this.options.onSignature(callId, name, open.signature);
    return [
      {
        tool_calls: [
          {
            index,
            id: callId,
            type: 'function',
            function: definition,
            ...(open.signature !== undefined && { extra_content: signatureContent(open.signature) }),
          },
        ],
      },
    ];
  }

  /** The provider's id, where it gives a different one to each call. */
  #uniqueId(given: string | undefined): string {
    const isFresh = typeof given === 'string' && given !== '' && !this.#ids.has(given);
    const id = isFresh ? given : this.options.newCallId();
    this.#ids.add(id);
    return id;
  }
}
