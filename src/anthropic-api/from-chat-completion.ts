import type { JsonObject } from '../lib/is-object.js';
import type { Usage } from '../lib/usage.js';
import { withFields } from '../lib/with-fields.js';
import { callArguments } from '../openai-api/call-arguments.js';
import type { ChatCompletionChunk, ChatDelta } from '../openai-api/chat-chunk.js';
import type { ChatCompletion } from '../openai-api/chat-completion.js';
import { type Citation, type Message, type OutputBlock, toMessageUsage } from './message.js';
import { type MessageEvent, MessageEvents } from './message-events.js';
import type { MessagesRequest } from './messages-request.js';

/** A chat completion as a message: what its events would add up to. */
export function fromChatCompletion(
  completion: ChatCompletion,
  usage: Usage,
  request: MessagesRequest,
  requestId: string,
): Message {
  const events = new MessageEvents(request, requestId);
  const all = chunksOf(completion).flatMap((chunk) => events.chunk(chunk));
  all.push(...events.end(usage));
  const [start] = all;
  const delta = all.find(({ type }) => type === 'message_delta');
  return {
    ...(start?.['message'] as Message),
    content: contentOf(all),
    ...(delta?.['delta'] as Partial<Message>),
    usage: toMessageUsage(usage, events.tier),
  };
}

/** The parts of an answer in the order in which a stream would bring them. */
function chunksOf(completion: ChatCompletion): ChatCompletionChunk[] {
  const { id, created, model, service_tier: tier, choices } = completion;
  const head = { id, object: 'chat.completion.chunk', created, model, ...(tier && { service_tier: tier }) } as const;
  const chunk = (delta: ChatDelta, end: object = {}): ChatCompletionChunk =>
    withFields(head, { choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...end }] });
  const [choice] = choices;
  if (!choice) return [{ ...head, choices: [] }];
  const { message, finish_reason, native_finish_reason } = choice;
  const { reasoning_content, reasoning_details, extra_content, content, refusal, annotations, tool_calls } = message;
  return [
    chunk({
      ...(reasoning_content && { reasoning_content }),
      ...(reasoning_details && { reasoning_details }),
      ...(extra_content && { extra_content }),
    }),
    chunk({ content, ...(refusal && { refusal }), ...(annotations && { annotations }) }),
    ...(tool_calls ? [chunk({ tool_calls: tool_calls.map((call, index) => ({ index, ...call })) })] : []),
    chunk({}, { finish_reason, ...(native_finish_reason !== undefined && { native_finish_reason }) }),
  ];
}

function contentOf(events: readonly MessageEvent[]): OutputBlock[] {
  const content: OutputBlock[] = [];
  let json = '';
  for (const event of events) {
    const block = content.at(-1);
    if (event.type === 'content_block_start') {
      content.push({ ...(event['content_block'] as OutputBlock) });
      json = '';
    } else if (event.type === 'content_block_delta' && block) {
      json += extend(block, event['delta'] as JsonObject);
    } else if (event.type === 'content_block_stop' && block?.type === 'tool_use') block.input = callArguments(json);
  }
  return content;
}

/** Adds a delta to its block; the pieces of a call's input are returned, since they are whole at the end only. */
function extend(block: OutputBlock, delta: JsonObject): string {
  if (block.type === 'text' && delta['type'] === 'text_delta') block.text += delta['text'];
  if (block.type === 'text' && delta['type'] === 'citations_delta') {
    block.citations = [...(block.citations ?? []), delta['citation'] as Citation];
  }
  if (block.type === 'thinking' && delta['type'] === 'thinking_delta') block.thinking += delta['thinking'];
  if (block.type === 'thinking' && delta['type'] === 'signature_delta') block.signature = delta['signature'] as string;
  return delta['type'] === 'input_json_delta' ? (delta['partial_json'] as string) : '';
}
