import type { BodyOutline, ParsedBody } from '../json/parsed-body.js';
import { withFields } from '../lib/with-fields.js';
import type { ChatMessage, ChatRequest } from '../openai-api/chat-request.js';
import { countedSize, inputSize, instructionTokens } from '../openai-api/input-size.js';
import { OpenIds } from '../openai-api/open-ids.js';
import { parseChatRequest } from '../openai-api/parse-chat-request.js';
import { isPlainText } from '../openai-api/plain-text.js';
import type { CountTokens, InputSize, MeasureSent, Operation } from '../pipeline/operation.js';
import { openaiSize } from '../providers/sizing.js';
import { withoutForeignTools } from './chat-tools.js';
import { asksForCost, withoutUsageOption } from './usage-option.js';

/** The checked body of a chat request. A large one is read whole only for those who need all of it. */
export class ChatBody {
  /** The request with long texts cut: enough to decide about it, never to be sent. */
  readonly outline: ChatRequest;
  /** True: the client asks to see the cost in its answer. */
  readonly includeCost: boolean;
  readonly #body: ParsedBody;
  /** True if the bytes say the same as the request: nothing was removed from it. */
  readonly #isWhole: boolean;
  #request: ChatRequest | undefined;

  private constructor(body: ParsedBody, { value, measure }: BodyOutline, parsed: ChatRequest) {
    const outline = withoutUsageOption(parsed);
    this.outline = outline;
    this.includeCost = outline !== parsed && asksForCost(parsed);
    this.#isWhole = outline === value;
    this.#body = body;
    this.#request = measure ? undefined : outline;
  }

  /** @throws {GatewayError} that names the wrong field. */
  static of(body: ParsedBody): ChatBody {
    const outlined = body.outline();
    try {
      return new ChatBody(body, outlined, parseChatRequest(outlined.value));
    } catch (thrown) {
      // The refusal may quote what the outline has cut.
      if (outlined.measure) parseChatRequest(body.value);
      throw thrown;
    }
  }

  /** The client's own bytes, where they say the same as the request to every parser. */
  get bytes(): Uint8Array | undefined {
    return this.#isWhole ? this.#body.relayed : undefined;
  }

  /** The whole request. */
  get request(): ChatRequest {
    return (this.#request ??= withoutUsageOption(parseChatRequest(this.#body.value)));
  }

  /** What sizes the request as an adapter would send it, where not all of that is the text in it. */
  get sizes(): Pick<Operation, 'sentSize' | 'recalledSize'> {
    const { messages } = this.outline;
    const isText = isPlainText(this.outline) && isAnswered(messages);
    if (isText && !messages.some(calls)) return NO_SIZES;
    const measure: MeasureSent = (adapter, attempt) => {
      const { sizes } = adapter;
      const { request } = withoutForeignTools(this, adapter, attempt).source;
      return sizes ? sizes.chat(withFields(attempt, { request })) : openaiSize(request, attempt.model);
    };
    return isText ? { sentSize: undefined, recalledSize: measure } : { sentSize: measure, recalledSize: undefined };
  }

  /** Exactly counted where the operator provides a counter, else estimated from the size of the body. */
  size(count: CountTokens | undefined): InputSize {
    const counted = count?.(this.request);
    const size = counted === undefined ? undefined : countedSize(counted);
    if (size) return size;
    const { messages, tools, functions, response_format: format } = this.outline;
    const added = instructionTokens(tools, functions, format, messages.some(calls));
    return inputSize(this.#body.size, messages, added, this.#body.outline().measure);
  }
}

const NO_SIZES = { sentSize: undefined, recalledSize: undefined };

/** True where nothing is made up in place of a result or a call that is not there. */
function isAnswered(messages: readonly ChatMessage[]): boolean {
  const ids = new OpenIds();
  for (const message of messages) {
    if (message.role === 'tool') ids.result(message.tool_call_id);
    else if (message.role === 'assistant') for (const { id } of message.tool_calls ?? []) ids.call(id);
  }
  return ids.areAnswered;
}

/** True of a message that calls a tool. */
function calls(message: object): boolean {
  return 'tool_calls' in message || 'function_call' in message;
}
