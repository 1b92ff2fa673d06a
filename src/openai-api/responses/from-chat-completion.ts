import type { Usage } from '../../lib/usage.js';
import { type CarriedReasoning, encodeReasoning, isEmpty } from '../carried-reasoning.js';
import type { Annotation, ChatAnswerMessage, ChatCompletion } from '../chat-completion.js';
import type { ExtraContent } from '../chat-request.js';
import {
  emptyResponse,
  endOf,
  ItemIds,
  type ItemStatus,
  type OutputAnnotation,
  type OutputItem,
  type OutputPart,
  type Response,
  toResponsesUsage,
} from './response.js';
import type { ResponsesRequest } from './responses-request.js';

/** What asks for reasoning that can be sent back. */
const WITH_REASONING = 'reasoning.encrypted_content';

/** True when the client wants reasoning in a form that a server without a memory understands again. */
export function wantsReasoning({ include }: ResponsesRequest): boolean {
  return include?.includes(WITH_REASONING) === true;
}

/** A chat completion as the answer to a responses request. */
export function fromChatCompletion(
  completion: ChatCompletion,
  usage: Usage,
  request: ResponsesRequest,
  requestId: string,
): Response {
  const ids = new ItemIds(requestId);
  const { created, model } = completion;
  const response = emptyResponse(request, { id: ids.response, created, model });
  const [choice] = completion.choices;
  const { itemStatus, ...end } = endOf(choice?.finish_reason);
  if (choice) response.output = toOutput(choice.message, choice.logprobs, request, ids, itemStatus);
  return { ...response, ...end, usage: toResponsesUsage(usage) };
}

function toOutput(
  message: ChatAnswerMessage,
  logprobs: Record<string, unknown> | null,
  request: ResponsesRequest,
  ids: ItemIds,
  status: ItemStatus,
): OutputItem[] {
  const output: OutputItem[] = [];
  const carried = carriedOf(message);
  if (wantsReasoning(request) && !isEmpty(carried)) {
    const text = request.reasoning?.summary ? message.reasoning_content : undefined;
    output.push({
      type: 'reasoning',
      id: ids.next('rs'),
      summary: text ? [{ type: 'summary_text', text }] : [],
      encrypted_content: encodeReasoning(carried),
    });
  }
  const calls = message.tool_calls ?? [];
  const content = partsOf(message, logprobs);
  if (content.length > 0 || calls.length === 0) {
    output.push({ type: 'message', id: ids.next('msg'), status, role: 'assistant', content });
  }
  for (const { id, function: called } of calls) {
    const { name, arguments: text } = called;
    output.push({ type: 'function_call', id: ids.next('fc'), call_id: id, name, arguments: text, status });
  }
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
