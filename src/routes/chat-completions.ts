import { errorBody, type GatewayError } from '../errors.js';
import { toOpenAIUsage } from '../meter/usage.js';
import type { ChatCompletion } from '../openai/chat-completion.js';
import type { ChatRequest } from '../openai/chat-request.js';
import { estimateOutput, inputSize } from '../openai/input-size.js';
import { parseChatRequest } from '../openai/parse-chat-request.js';
import type { CallContext, InputSize, Operation } from '../pipeline/operation.js';
import type { ParsedBody } from '../pipeline/parse.js';
import type { Runtime } from '../pipeline/runtime.js';
import type { Attempt, ChatAnswer, ChatCall } from '../providers/provider-adapter.js';
import { CHAT_TEXTS, chunkStream } from './chat-stream.js';

/** `POST /chat/completions`: makes an operation of its body. @throws {GatewayError} that names the wrong field. */
export function readChatCompletion(body: ParsedBody, gateway: Runtime): Operation {
  return chatOperation(parseChatRequest(body.value), body, gateway);
}

function chatOperation(request: ChatRequest, body: ParsedBody, gateway: Runtime): Operation {
  return {
    route: 'chat/completions',
    model: request.model,
    stream: request.stream === true,
    input: sizeOf(request, body, gateway),
    output: { choices: request.n ?? 1, limit: request.max_completion_tokens ?? request.max_tokens },
    stickyKey: request.prompt_cache_key ?? request.safety_identifier ?? request.user,
    chat: request,
    fits: () => true,

    async call(adapter, context) {
      const answer = await adapter.chat(chatCall(request, body, context));
      const completion = withUsage(answer);
      return {
        body: answer.text ?? JSON.stringify(completion),
        usage: answer.usage,
        estimatedOutput: answer.usage ? 0 : estimateOutput(JSON.stringify(completion.choices).length),
        dropped: answer.dropped ?? [],
      };
    },

    async open(adapter, context) {
      const { batches, dropped } = await adapter.stream(chatCall(request, body, context));
      const includeUsage = request.stream_options?.include_usage === true;
      return chunkStream(batches, { includeUsage, texts: CHAT_TEXTS }, dropped);
    },

    fail: errorFrame,
  };
}

/** The answer with the provider's usage in OpenAI's terms, unless the adapter has put it there itself. */
function withUsage({ completion, usage }: ChatAnswer): ChatCompletion {
  return completion.usage === undefined && usage ? { ...completion, usage: toOpenAIUsage(usage) } : completion;
}

/** Exactly counted where the operator provides a counter, else estimated from the size of the body. */
export function sizeOf(request: ChatRequest, body: ParsedBody, gateway: Runtime): InputSize {
  const counted = gateway.countTokens?.(request);
  if (counted !== undefined) return { estimatedTokens: counted, maxTokens: counted };
  return inputSize(body.size, request.messages);
}

function chatCall(request: ChatRequest, body: ParsedBody, context: CallContext): ChatCall {
  return {
    ...attemptOf(context),
    request,
    // where parsing removed nulls, the bytes no longer say the same
    ...(body.bytes && request === body.value && { body: body.bytes }),
  };
}

/** What adapters are told of an attempt. */
export function attemptOf({ maxOutputTokens, modelOutputLimit, ...rest }: CallContext): Attempt {
  return {
    ...rest,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(modelOutputLimit !== undefined && { modelOutputLimit }),
  };
}

/** What ends a stream that failed: both official clients raise on it. */
export function errorFrame(error: GatewayError): string {
  return `data: ${JSON.stringify(errorBody(error))}\n\n`;
}
