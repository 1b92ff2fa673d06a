import { type Counts, completionTokens, promptTokens } from '../../lib/usage.js';
import type { FinishReason } from '../chat-completion.js';
import type { ResponsesRequest } from './responses-request.js';

/**
 * The answer of `POST /responses`.
 *
 * Source: the OpenAI API reference, `Response`.
 */
export interface Response {
  id: string;
  object: 'response';
  /** Unix seconds. */
  created_at: number;
  status: 'completed' | 'incomplete' | 'in_progress' | 'failed';
  error: { code: string; message: string } | null;
  incomplete_details: { reason: 'max_output_tokens' | 'content_filter' } | null;
  model: string;
  output: OutputItem[];
  usage?: ResponsesUsage;
  [echoed: string]: unknown;
}

export type OutputItem = OutputMessage | OutputCall | OutputCustomCall | OutputToolSearch | OutputReasoning;
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface OutputMessage {
  type: 'message';
  id: string;
  status: ItemStatus;
  role: 'assistant';
  content: OutputPart[];
}

export type OutputPart =
  | { type: 'output_text'; text: string; annotations: OutputAnnotation[]; logprobs: unknown[] }
  | { type: 'refusal'; refusal: string };

/** A citation over the text of its part. */
export interface OutputAnnotation {
  type: 'url_citation';
  start_index: number;
  end_index: number;
  url: string;
  title: string;
}

export interface OutputCall {
  type: 'function_call';
  id: string;
  call_id: string;
  name: string;
  /** Of a tool that the client declared in a group. */
  namespace?: string;
  arguments: string;
  status: ItemStatus;
}

export interface OutputCustomCall {
  type: 'custom_tool_call';
  id: string;
  call_id: string;
  name: string;
  namespace?: string;
  input: string;
  status: ItemStatus;
}

export interface OutputToolSearch {
  type: 'tool_search_call';
  id: string;
  call_id: string;
  execution: 'client';
  arguments: unknown;
  status: ItemStatus;
}

export interface OutputReasoning {
  type: 'reasoning';
  id: string;
  summary: { type: 'summary_text'; text: string }[];
  /** Sent to clients that ask for it. */
  encrypted_content?: string;
}

export interface ResponsesUsage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

/** What is known of an answer before its content. */
export interface ResponseHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** An answer without content, with the settings that the request has or that hold without it. */
export function emptyResponse(request: ResponsesRequest, { id, created, model }: ResponseHead): Response {
  const { text, reasoning } = request;
  return {
    id,
    object: 'response',
    created_at: created,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    store: false,
    temperature: request.temperature ?? 1,
    text: { format: text?.format ?? { type: 'text' }, ...(text?.verbosity && { verbosity: text.verbosity }) },
    tool_choice: request.tool_choice ?? 'auto',
    tools: (request.tools ?? []).map(echoedTool),
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    metadata: request.metadata ?? {},
    ...(request.user !== undefined && { user: request.user }),
  };
}

function echoedTool(tool: object): object {
  return 'type' in tool && tool.type === 'function' ? { strict: null, parameters: null, ...tool } : tool;
}

/** How an answer ended, by the finish reason of chat. */
export function endOf(
  finish: FinishReason | null | undefined,
): Pick<Response, 'status' | 'incomplete_details'> & { readonly itemStatus: ItemStatus } {
  if (finish !== 'length' && finish !== 'content_filter') {
    return { status: 'completed', incomplete_details: null, itemStatus: 'completed' };
  }
  const reason = finish === 'length' ? 'max_output_tokens' : 'content_filter';
  return { status: 'incomplete', incomplete_details: { reason }, itemStatus: 'incomplete' };
}

/** Projects the disjoint buckets onto the overlapping fields of a response. */
export function toResponsesUsage(usage: Counts): ResponsesUsage {
  const input = promptTokens(usage);
  const output = completionTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens + usage.cacheWrite1hTokens,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: input + output,
  };
}

/** Ids of the items of one answer, which come from the id of its request. */
export class ItemIds {
  #count = 0;

  constructor(private readonly requestId: string) {}

  get response(): string {
    return `resp_${this.#stem}`;
  }

  next(prefix: 'msg' | 'fc' | 'rs' | 'ctc' | 'tsc'): string {
    const position = (this.#count++).toString(16).padStart(4, '0');
    return `${prefix}_${this.#stem}${position}`;
  }

  get #stem(): string {
    return this.requestId.replace(/^req_/, '');
  }
}
