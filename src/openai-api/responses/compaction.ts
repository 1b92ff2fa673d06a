import { isObject } from '../field-checks.js';
import { clientToolsOnly } from './client-tools.js';
import type { InputItem, MessageItem, ResponsesRequest } from './responses-request.js';

/**
 * Compaction: a long conversation is replaced by a summary that its own model writes.
 *
 * OpenAI's compactions can only be read by OpenAI. Those made here are text behind a mark, so that a conversation may go on
 * with another model, and cost what a request for the summary costs. Source of the forms: OpenAI API reference, `responses/compact`
 * and the items `compaction_trigger` and `compaction`.
 */
const COMPACTION_MARK = 'mgc1.';

const ASK = `Write a summary of this conversation for whoever takes it over; it will be all they know of it besides the user's own messages. Say what was asked for and why, what was found out and decided, which files, names, commands and values matter (exactly, as they were), what is done, what failed, and what comes next. Answer with the summary alone.`;

/** Bytes that asking for a summary adds to a body at most. */
export const ASKING_BYTES = Buffer.byteLength(ASK) + 256;

const INTRODUCTION = 'The conversation before this point was shortened. What it was about:';

/** An item that stands for what came before it. */
export interface CompactionItem {
  readonly type: 'compaction';
  readonly id: string;
  readonly encrypted_content: string;
}

/** A conversation that asks to be compacted: its last item says so. */
export function endsWithTrigger({ input }: Pick<ResponsesRequest, 'input'>): boolean {
  return Array.isArray(input) && input.at(-1)?.type === 'compaction_trigger';
}

/** The request with summaries that were made here as messages, which every model can read. */
export function withReadableCompactions(request: ResponsesRequest): ResponsesRequest {
  const { input } = request;
  if (typeof input === 'string' || !input.some((item) => summaryOf(item) !== undefined)) return request;
  return { ...request, input: input.map(readable) };
}

function readable(item: InputItem): InputItem {
  const summary = summaryOf(item);
  if (summary === undefined) return item;
  return { type: 'message', role: 'user', content: `${INTRODUCTION}\n\n${summary}` };
}

/** The request that makes a model write the summary. Its tools stay, so that a cached prompt is found, and none may be called. */
export function summaryRequest(request: ResponsesRequest): ResponsesRequest {
  const { model, instructions, reasoning, service_tier, prompt_cache_key, prompt_cache_retention } = request;
  const { tools, input } = clientToolsOnly({ ...request, tool_choice: 'none' });
  const { user, safety_identifier, max_output_tokens, client_metadata } = request;
  const items: InputItem[] =
    typeof input === 'string'
      ? [{ type: 'message', role: 'user', content: input }]
      : input.filter(({ type }) => type !== 'compaction_trigger');
  const wanted = {
    instructions,
    service_tier,
    prompt_cache_key,
    prompt_cache_retention,
    user,
    safety_identifier,
    max_output_tokens,
    client_metadata,
    ...(reasoning?.effort && { reasoning: { effort: reasoning.effort } }),
    ...(tools && tools.length > 0 && { tools, tool_choice: 'none' }),
  };
  const set = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return {
    model,
    input: [...items, { type: 'message', role: 'user', content: ASK }],
    store: false,
    ...Object.fromEntries(set),
  };
}

/** The item with a summary. */
export function compactionItem(summary: string, id: string): CompactionItem {
  const bytes = new TextEncoder().encode(summary);
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return { type: 'compaction', id, encrypted_content: COMPACTION_MARK + btoa(text) };
}

/** The users' messages of a conversation, which compaction keeps. @param newId makes the ids of those that have none. */
export function userMessages({ input }: ResponsesRequest, newId: () => string): MessageItem[] {
  if (typeof input === 'string') return [userMessage(input, newId())];
  return input.flatMap((item) =>
    'role' in item && item.role === 'user' ? [userMessage(item.content, newId(), item.id)] : [],
  );
}

function userMessage(content: unknown, newId: string, id: unknown = newId): MessageItem {
  const parts = typeof content === 'string' ? [{ type: 'input_text', text: content }] : content;
  return { type: 'message', id, status: 'completed', role: 'user', content: parts } as MessageItem;
}

/** The text of an answer's messages. */
export function textOfResponse(response: Readonly<Record<string, unknown>>): string {
  const output = Array.isArray(response['output']) ? response['output'].filter(isObject) : [];
  return output
    .flatMap((item) => (item['type'] === 'message' && Array.isArray(item['content']) ? item['content'] : []))
    .map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function summaryOf(item: InputItem): string | undefined {
  const content = item.type === 'compaction' ? item['encrypted_content'] : undefined;
  if (typeof content !== 'string' || !content.startsWith(COMPACTION_MARK)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(content.slice(COMPACTION_MARK.length)), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}
