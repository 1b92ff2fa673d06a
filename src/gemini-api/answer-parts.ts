import type { Usage } from '../lib/usage.js';
import { withFields } from '../lib/with-fields.js';
import { callArguments } from '../openai-api/call-arguments.js';
import { CallIds } from '../openai-api/call-ids.js';
import { type CarriedReasoning, isEmpty } from '../openai-api/carried-reasoning.js';
import type { ChatChunkChoice, ChatCompletionChunk, ToolCallDelta } from '../openai-api/chat-chunk.js';
import type { ChatCompletion, FinishReason } from '../openai-api/chat-completion.js';
import type { ExtraContent } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import {
  type Candidate,
  type GenerateContentResponse,
  type OutputPart,
  toFinishReason,
  toLogprobsResult,
  toUsageMetadata,
} from './answer.js';
import { toSignature } from './carried-signature.js';
import type { GenerateContentRequest } from './generate-content-request.js';

interface Call {
  readonly id: string;
  readonly name: string;
  json: string;
  extra: ExtraContent | undefined;
}

/**
 * Makes the events of a Gemini stream out of the chunks of a chat answer; a whole answer is one event. Function calls are
 * whole in Gemini's format, so that they come with the end.
 *
 * What a provider needs back of its model's reasoning travels as the thought signature of the first call, or of the text.
 */
export class AnswerParts {
  /** The client asked for summaries of the thoughts. */
  readonly #showsThoughts: boolean;
  readonly #callIds: CallIds;
  readonly #calls = new Map<number, Call>();
  readonly #carried: CarriedReasoning = { details: [], calls: {} };
  #head: Pick<GenerateContentResponse, 'modelVersion' | 'responseId'>;
  #finish: FinishReason | null = null;
  #refusal = '';
  #thoughts = '';

  constructor(request: GenerateContentRequest, model: string, requestId: string) {
    this.#head = { modelVersion: model, responseId: requestId.replace(/^req_/, '') };
    this.#showsThoughts = request.generationConfig?.thinkingConfig?.includeThoughts === true;
    this.#callIds = new CallIds(() => callsIn(request), requestId);
  }

  /** The event that a chunk means; undefined for one that adds nothing to be shown yet. */
  chunk(chunk: ChatCompletionChunk): GenerateContentResponse | undefined {
    if (chunk.model) this.#head = { ...this.#head, modelVersion: chunk.model };
    const [choice] = chunk.choices;
    const parts = choice ? this.#read(choice) : [];
    const logprobs = choice && toLogprobsResult(choice.logprobs);
    if (parts.length === 0 && !logprobs) return undefined;
    const event = this.#event(parts);
    const [candidate] = event.candidates;
    if (logprobs && candidate) candidate.logprobsResult = logprobs;
    return event;
  }

  /** The last event of a complete answer. */
  end(usage: Usage): GenerateContentResponse {
    const event = this.#event(this.#lastParts());
    const [candidate] = event.candidates;
    if (candidate) candidate.finishReason = this.#refusal ? 'SAFETY' : toFinishReason(this.#finish);
    return withFields(event, { usageMetadata: toUsageMetadata(usage) });
  }

  #event(parts: OutputPart[]): GenerateContentResponse {
    return { candidates: [{ content: { role: 'model', parts }, index: 0 }], ...this.#head };
  }

  #read({ delta, finish_reason: finish }: ChatChunkChoice): OutputPart[] {
    const parts: OutputPart[] = [];
    const { reasoning_content: thought, reasoning_details: details, extra_content: extra } = delta;
    if (thought) {
      this.#thoughts += thought;
      if (this.#showsThoughts) parts.push({ text: thought, thought: true });
    }
    if (details) this.#carried.details.push(...details);
    if (extra) this.#carried.extra = { ...this.#carried.extra, ...extra };
    if (delta.content) parts.push({ text: delta.content });
    if (delta.refusal) {
      this.#refusal += delta.refusal;
      parts.push({ text: delta.refusal });
    }
    for (const image of delta.images ?? []) parts.push(...imageParts(image));
    for (const call of delta.tool_calls ?? []) this.#call(call);
    if (finish) this.#finish = finish;
    return parts;
  }

  #call({ index, id, function: called, extra_content: extra }: ToolCallDelta): void {
    const call = this.#calls.get(index);
    if (call) {
      call.json += called?.arguments ?? '';
      call.extra ??= extra;
      return;
    }
    const json = called?.arguments ?? '';
    this.#calls.set(index, { id: this.#callIds.of(index, id), name: called?.name ?? '', json, extra });
  }

  #lastParts(): OutputPart[] {
    const calls = [...this.#calls.values()];
    const parts = calls.map(({ id, name, json, extra }): OutputPart => {
      const own = signatureOf(extra);
      if (extra && own === undefined) this.#carried.calls[id] = extra;
      return {
        functionCall: { id, name, args: callArguments(json) },
        ...(own !== undefined && { thoughtSignature: own }),
      };
    });
    const signature = this.#signature(calls.length > 0);
    const [first] = parts;
    if (!first) parts.push({ text: '', ...(signature !== undefined && { thoughtSignature: signature }) });
    else if (signature !== undefined) first.thoughtSignature ??= signature;
    return parts;
  }

  /** Gemini's own signature as it is; anything else in this gateway's form. */
  #signature(hasCalls: boolean): string | undefined {
    const { extra, details, calls } = this.#carried;
    const own = signatureOf(extra);
    if (own !== undefined && details.length === 0 && Object.keys(calls).length === 0) return own;
    const text = hasCalls ? this.#thoughts : '';
    const carried = { ...this.#carried, ...(text !== '' && { text }) };
    return isEmpty(carried) ? undefined : toSignature(carried);
  }
}

function callsIn({ contents }: GenerateContentRequest): unknown[] {
  return contents.flatMap(({ parts }) => (parts ?? []).map(({ functionCall: call }) => call?.id));
}

/** Gemini's signature, where that is all there is to carry. */
function signatureOf(extra: ExtraContent | undefined): string | undefined {
  const { thought_signature: signature, ...others } = extra?.google ?? {};
  if (typeof signature !== 'string' || Object.keys(others).length > 0) return undefined;
  return signature;
}

const DATA_URL = /^data:([^;,]+);base64,(.*)$/s;

function imageParts(image: unknown): OutputPart[] {
  const url = isObject(image) && isObject(image['image_url']) ? image['image_url']['url'] : undefined;
  const [, mimeType, data] = typeof url === 'string' ? (DATA_URL.exec(url) ?? []) : [];
  return mimeType !== undefined && data !== undefined ? [{ inlineData: { mimeType, data } }] : [];
}

/** A chat completion as a whole answer: its events in one. */
export function fromChatCompletion(
  completion: ChatCompletion,
  usage: Usage,
  request: GenerateContentRequest,
  requestId: string,
): GenerateContentResponse {
  const answer = new AnswerParts(request, completion.model, requestId);
  const [choice] = completion.choices;
  let said: Candidate | undefined;
  if (choice) {
    const { message, logprobs, finish_reason } = choice;
    const { role: _, tool_calls: calls, annotations: __, function_call: ___, refusal, ...rest } = message;
    const delta = {
      ...rest,
      ...(refusal !== null && { refusal }),
      ...(calls && { tool_calls: calls.map((call, index) => ({ index, ...call })) }),
    };
    const chunk: ChatCompletionChunk = {
      id: completion.id,
      object: 'chat.completion.chunk',
      created: completion.created,
      model: completion.model,
      choices: [{ index: 0, delta, logprobs, finish_reason }],
    };
    said = answer.chunk(chunk)?.candidates[0];
  }
  const last = answer.end(usage);
  const [candidate] = last.candidates;
  if (candidate) {
    candidate.content.parts = joined([...(said?.content.parts ?? []), ...candidate.content.parts]);
    if (said?.logprobsResult) candidate.logprobsResult = said.logprobsResult;
  }
  return last;
}

/** An empty last text carries its signature on the text before it. */
function joined(parts: OutputPart[]): OutputPart[] {
  const last = parts.at(-1);
  const before = parts.at(-2);
  if (last?.text !== '' || before?.text === undefined || before.thought) return parts;
  if (last.thoughtSignature !== undefined) before.thoughtSignature = last.thoughtSignature;
  return parts.slice(0, -1);
}
