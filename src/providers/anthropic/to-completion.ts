import type { Annotation, ChatAnswerMessage } from '../../openai-api/chat-completion.js';
import type { ToolCall } from '../../openai-api/chat-message.js';
import type { ReasoningDetail } from '../../openai-api/chat-request.js';
import type { ChatAnswer, ChatCall } from '../adapter.js';
import { chatId } from '../chat-id.js';
import { invalidAnswer } from '../http/http-provider.js';
import { usesLegacyFunctions } from '../legacy-functions.js';
import { isObject, type JsonObject, stringOf } from './api.js';
import { type CallForm, mapStopReason, refusalText } from './map-stop-reason.js';
import { isCarried, toReasoningDetail } from './reasoning-details.js';
import { toAnnotations } from './to-annotations.js';
import { jsonToolName } from './to-output-format.js';
import { mergeUsage, toServiceTierName, toUsage } from './to-usage.js';

/**
 * A native message as a chat completion. Only calls of client tools become tool calls: what Anthropic's own tools did is
 * over by now, and no client could answer it. Source: Anthropic API reference, `Message`.
 *
 * @throws {UpstreamError} `invalid` if it is not a message.
 */
export function toCompletion(json: unknown, call: ChatCall): Omit<ChatAnswer, 'dropped'> {
  if (!isObject(json) || json['type'] === 'error' || !('content' in json)) throw invalidAnswer(new Error('no message'));
  const native = mergeUsage({}, json['usage']);
  const usage = toUsage(native);
  const parts = readBlocks(json, jsonToolName(call.request, call.model));
  const legacy = usesLegacyFunctions(call.request);
  const form: CallForm = parts.toolCalls.length === 0 ? 'none' : legacy ? 'function_call' : 'tool_calls';
  const completion: ChatAnswer['completion'] = {
    id: chatId(stringOf(json['id']) || call.requestId),
    object: 'chat.completion',
    created: Math.floor(call.now() / 1000),
    model: stringOf(json['model']) || call.model,
    choices: [
      {
        index: 0,
        message: toMessage(parts, form, refusalText(json['stop_reason'], json['stop_details'])),
        logprobs: null,
        ...mapStopReason(json['stop_reason'], form),
      },
    ],
    ...toServiceTierName(native),
  };
  return { completion, ...(usage && { usage }) };
}

interface AnswerParts {
  /** Undefined: no text block. */
  text: string | undefined;
  reasoning: string;
  readonly details: ReasoningDetail[];
  readonly toolCalls: ToolCall[];
  readonly annotations: Annotation[];
}

function readBlocks(message: JsonObject, jsonTool: string | undefined): AnswerParts {
  const parts: AnswerParts = { text: undefined, reasoning: '', details: [], toolCalls: [], annotations: [] };
  let jsonAnswer: string | undefined;
  const blocks: unknown[] = Array.isArray(message['content']) ? message['content'] : [];
  blocks.forEach((block, index) => {
    if (!isObject(block)) return;
    const offset = parts.text?.length ?? 0;
    if (block['type'] === 'text' && typeof block['text'] === 'string') {
      parts.text = (parts.text ?? '') + block['text'];
      const citations = Array.isArray(block['citations']) ? block['citations'] : [];
      parts.annotations.push(...toAnnotations(citations, offset, parts.text.length));
    } else if (block['type'] === 'tool_use') {
      const args = JSON.stringify(isObject(block['input']) ? block['input'] : {});
      if (jsonTool !== undefined && block['name'] === jsonTool) jsonAnswer ??= args;
      else parts.toolCalls.push(toToolCall(block, args, parts.toolCalls.length));
    } else {
      if (typeof block['thinking'] === 'string') parts.reasoning += block['thinking'];
      if (isCarried(block['type'])) parts.details.push(toReasoningDetail(block, index, offset));
    }
  });
  // What the model says in addition to the stand-in call would make the content invalid JSON.
  return jsonAnswer === undefined ? parts : { ...parts, text: jsonAnswer, annotations: [] };
}

function toToolCall(block: JsonObject, args: string, index: number): ToolCall {
  const id = stringOf(block['id']) || `call_${index}`;
  return { id, type: 'function', function: { name: stringOf(block['name']), arguments: args } };
}

function toMessage(parts: AnswerParts, form: CallForm, refusal: string | null): ChatAnswerMessage {
  const { text, reasoning, details, toolCalls, annotations } = parts;
  const [first] = toolCalls;
  return {
    role: 'assistant',
    content: text ?? (form === 'none' ? '' : null),
    refusal,
    ...(form === 'tool_calls' && { tool_calls: toolCalls }),
    ...(form === 'function_call' && first && { function_call: first.function }),
    ...(annotations.length > 0 && { annotations }),
    ...(reasoning && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
  };
}
