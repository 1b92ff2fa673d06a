import type { Usage } from '../../lib/usage.js';
import type { CarriedReasoning } from '../carried-reasoning.js';
import type { Annotation, ChatAnswerMessage, ChatCompletion } from '../chat-completion.js';
import type { ExtraContent } from '../chat-request.js';
import { callIdsFor, completeCall, outputCall } from './output-calls.js';
import { ReasoningWish } from './reasoning-wish.js';
import {
  emptyResponse,
  endOf,
  ItemIds,
  type ItemStatus,
  type OutputAnnotation,
  type OutputItem,
  type OutputPart,
  type OutputReasoning,
  type Response,
  toResponsesUsage,
} from './response.js';
import type { ResponsesRequest } from './responses-request.js';
import type { ToolNames } from './tool-names.js';

/** An answer in the client's form, and its items as they are to be remembered. */
export interface ResponseForm {
  readonly response: Response;
  /** With what the model's provider needs of its reasoning, whether the client asked for that or not. */
  readonly items: readonly OutputItem[];
  /** Reasoning that no item shows. */
  readonly unseen: OutputReasoning | undefined;
}

/** A chat completion as the answer to a responses request. */
export function fromChatCompletion(
  completion: ChatCompletion,
  usage: Usage,
  request: ResponsesRequest,
  requestId: string,
  names: ToolNames,
): ResponseForm {
  const ids = new ItemIds(requestId);
  const { created, model } = completion;
  const response = emptyResponse(request, { id: ids.response, created, model });
  const [choice] = completion.choices;
  const message = choice && withCallIds(choice.message, request, requestId);
  const { itemStatus, ...end } = endOf(choice?.finish_reason);
  const wish = new ReasoningWish(request);
  const items = choice && message ? toOutput(message, choice.logprobs, wish, ids, itemStatus, names) : [];
  response.output = items.map((item) => wish.shown(item));
  const unseen = message && wish.unseen(carriedOf(message), message.reasoning_content ?? '');
  return { response: Object.assign(response, end, { usage: toResponsesUsage(usage) }), items, unseen };
}

function withCallIds(message: ChatAnswerMessage, request: ResponsesRequest, requestId: string): ChatAnswerMessage {
  if (!message.tool_calls) return message;
  const ids = callIdsFor(request, requestId);
  return { ...message, tool_calls: message.tool_calls.map((call, index) => ({ ...call, id: ids.of(index, call.id) })) };
}

function toOutput(
  message: ChatAnswerMessage,
  logprobs: Record<string, unknown> | null,
  wish: ReasoningWish,
  ids: ItemIds,
  status: ItemStatus,
  names: ToolNames,
): OutputItem[] {
  const output: OutputItem[] = [];
  const reasoning = wish.item(carriedOf(message), message.reasoning_content ?? '', () => ids.next('rs'));
  if (reasoning) output.push(reasoning);
  const calls = message.tool_calls ?? [];
  const content = partsOf(message, logprobs);
  // Where an answer was cut off, only its last item is.
  if (content.length > 0 || calls.length === 0) {
    const own = calls.length > 0 ? 'completed' : status;
    output.push({ type: 'message', id: ids.next('msg'), status: own, role: 'assistant', content });
  }
  calls.forEach(({ id, function: called }, index) => {
    const call = outputCall(names.find(called.name), id, (prefix) => ids.next(prefix));
    completeCall(call, called.arguments, index < calls.length - 1 ? 'completed' : status);
    output.push(call);
  });
  return output;
}

function carriedOf({ reasoning_details: details, extra_content: extra, tool_calls: calls }: ChatAnswerMessage) {
  const signed = (calls ?? []).flatMap((call): [string, ExtraContent][] =>
    call.extra_content ? [[call.id, call.extra_content]] : [],
  );
  const carried: CarriedReasoning = {
    details: [...(details ?? [])],
    ...(extra && { extra }),
    calls: Object.fromEntries(signed),
  };
  return carried;
}

function partsOf(message: ChatAnswerMessage, logprobs: Record<string, unknown> | null): OutputPart[] {
  const parts: OutputPart[] = [];
  if (message.content !== null && (message.content !== '' || (!message.tool_calls?.length && !message.refusal))) {
    const annotations = (message.annotations ?? []).map(toOutputAnnotation);
    parts.push({ type: 'output_text', text: message.content, annotations, logprobs: tokensOf(logprobs) });
  }
  if (message.refusal) parts.push({ type: 'refusal', refusal: message.refusal });
  return parts;
}

/** A citation in the flat form that responses have. */
export function toOutputAnnotation({ url_citation: citation }: Annotation): OutputAnnotation {
  const { start_index, end_index, url, title } = citation;
  return { type: 'url_citation', start_index, end_index, url, title };
}

/** The tokens of chat's `logprobs`. */
export function tokensOf(logprobs: Record<string, unknown> | null | undefined): unknown[] {
  const tokens = logprobs?.['content'];
  return Array.isArray(tokens) ? tokens : [];
}
