import type { Usage } from '../../lib/usage.js';
import type { ChatDelta } from '../../openai-api/chat-chunk.js';
import type { FinishReason } from '../../openai-api/chat-completion.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import { clientText } from '../client-text.js';
import { invalidAnswer } from '../http/http-provider.js';
import { type AnswerImage, toAnswerImage } from './answer-images.js';
import type { Candidate, GenerateContentResponse, GroundingMetadata, Part } from './api.js';
import { type CallOptions, CallReader } from './call-reader.js';
import { isFailure, mapFinishReason } from './map-finish-reason.js';
import { modelFailure } from './model-failure.js';
import { toAnnotations } from './to-annotations.js';
import { type ChoiceLogprobs, toLogprobs } from './to-logprobs.js';
import { noCounts, toUsage, updateCounts } from './to-usage.js';

/** A step of the answer. */
export interface Emission {
  delta: ChatDelta;
  logprobs?: ChoiceLogprobs;
}

/** How the answer ended. */
export interface AnswerEnd {
  /** What is only complete at the end: citations, pictures, the signature of the text. */
  emissions: Emission[];
  finishReason: FinishReason;
  nativeFinishReason?: string;
}

/**
 * Reads an answer, whole or event by event, and translates it to OpenAI deltas; JSON and stream agree because both are read
 * here. Only the first candidate counts: no other is asked for.
 *
 * Source: ai.google.dev, API reference, `GenerateContentResponse`.
 */
export class AnswerReader {
  id: string | undefined;
  model: string | undefined;
  /** Unix seconds, where the provider reports it. */
  created: number | undefined;
  serviceTier: string | undefined;
  #content = '';
  readonly #calls: CallReader;
  #signature: string | undefined;
  readonly #images: AnswerImage[] = [];
  readonly #otherParts: Part[] = [];
  #grounding: GroundingMetadata | undefined;
  #finishReason: string | undefined;
  #finishMessage: string | undefined;
  #blockReason: string | undefined;
  readonly #counts = noCounts();

  constructor(private readonly options: CallOptions) {
    this.#calls = new CallReader(options);
  }

  /** The newest usage; undefined while the provider reported none. */
  get usage(): Usage | undefined {
    return toUsage(this.#counts, this.#grounding);
  }

  /** True once the provider said how the answer ended. */
  get isComplete(): boolean {
    return this.#finishReason !== undefined || this.#blockReason !== undefined;
  }

  /** Adds one native answer or event. @throws {UpstreamError} `invalid` when it makes no sense. */
  read(response: GenerateContentResponse): Emission[] {
    return understood(() => this.#readResponse(response));
  }

  /** Ends the answer. @throws {UpstreamError} when it holds nothing and its finish reason is a failure. */
  end(): AnswerEnd {
    return understood(() => this.#end());
  }

  #end(): AnswerEnd {
    const emissions: Emission[] = this.#calls.flush().map((delta) => ({ delta }));
    const native = this.#finishReason ?? this.#blockReason;
    const isBlocked = this.#finishReason === undefined && this.#blockReason !== undefined;
    const finishReason = isBlocked ? 'content_filter' : mapFinishReason(native ?? 'STOP', this.#calls.count > 0);
    const hasSaid = this.#content !== '' || this.#calls.count > 0 || this.#images.length > 0;
    if (!hasSaid) {
      if (!isBlocked && native !== undefined && isFailure(native)) throw modelFailure(native);
      emissions.push({ delta: finishReason === 'content_filter' ? { refusal: this.#refusal() } : { content: '' } });
    }
    const closing = this.#closingDelta();
    if (Object.keys(closing).length > 0) emissions.push({ delta: closing });
    return {
      emissions,
      finishReason: finishReason === 'tool_calls' && this.options.legacyFunctions ? 'function_call' : finishReason,
      ...(native !== undefined && { nativeFinishReason: native }),
    };
  }

  #readResponse(response: GenerateContentResponse): Emission[] {
    this.#readHead(response);
    const emissions: Emission[] = [];
    const candidate = firstOf(response.candidates);
    if (candidate === undefined) return emissions;
    candidate.content?.parts?.forEach((part) => {
      this.#readPart(part, emissions);
    });
    this.#readTail(candidate);
    const logprobs = candidate.logprobsResult ? toLogprobs(candidate.logprobsResult) : undefined;
    if (logprobs !== undefined) {
      const withText = emissions.findLast(({ delta }) => delta.content !== undefined);
      if (withText) withText.logprobs = logprobs;
      else emissions.push({ delta: {}, logprobs });
    }
    return emissions;
  }

  #readHead({ responseId, modelVersion, createTime, promptFeedback, usageMetadata }: GenerateContentResponse): void {
    if (typeof responseId === 'string' && responseId !== '') this.id ??= responseId;
    if (typeof modelVersion === 'string' && modelVersion !== '') this.model ??= modelVersion;
    const created = typeof createTime === 'string' ? Date.parse(createTime) : Number.NaN;
    if (!Number.isNaN(created)) this.created ??= Math.floor(created / 1_000);
    if (typeof promptFeedback?.blockReason === 'string') {
      this.#blockReason = promptFeedback.blockReason;
      this.#finishMessage ??= promptFeedback.blockReasonMessage;
    }
    if (typeof usageMetadata !== 'object' || usageMetadata === null) return;
    updateCounts(this.#counts, usageMetadata);
    this.serviceTier = tierOf(usageMetadata.serviceTier ?? usageMetadata.trafficType) ?? this.serviceTier;
  }

  #readPart(part: Part, emissions: Emission[]): void {
    const signature = typeof part.thoughtSignature === 'string' ? part.thoughtSignature : undefined;
    if (part.functionCall) {
      // The deprecated form has no room for it on the call.
      if (this.options.legacyFunctions) this.#signature ??= signature;
      for (const delta of this.#calls.read(part.functionCall, signature)) emissions.push({ delta });
      return;
    }
    if (typeof part.text === 'string' || isBare(part)) this.#signature = signature ?? this.#signature;
    const image = part.thought === true ? undefined : toAnswerImage(part, this.#images.length);
    if (image) this.#images.push(image);
    else if (typeof part.text === 'string') this.#readText(part.text, part.thought === true, emissions);
    else if (part.thought !== true && !isBare(part)) this.#otherParts.push(part);
  }

  #readText(text: string, isThought: boolean, emissions: Emission[]): void {
    if (text === '') return;
    if (!isThought) this.#content += text;
    emissions.push({ delta: isThought ? { reasoning_content: text } : { content: text } });
  }

  #readTail({ finishReason, finishMessage, groundingMetadata }: Candidate): void {
    if (typeof finishReason === 'string' && finishReason !== 'FINISH_REASON_UNSPECIFIED') {
      this.#finishReason = finishReason;
    }
    if (typeof finishMessage === 'string') this.#finishMessage = finishMessage;
    if (groundingMetadata) this.#grounding = { ...this.#grounding, ...groundingMetadata };
  }

  #refusal(): string {
    const reason = this.#finishReason ?? this.#blockReason;
    return clientText(`The provider withheld the answer (${reason}). ${this.#finishMessage ?? ''}`, []);
  }

  /** Lists and carriers, each complete in one delta: SDKs do not join them. */
  #closingDelta(): ChatDelta {
    const annotations = this.#grounding ? toAnnotations(this.#grounding, this.#content) : [];
    const google = {
      ...(this.#signature !== undefined && { thought_signature: this.#signature }),
      ...(this.#otherParts.length > 0 && { parts: this.#otherParts }),
    };
    return {
      ...(annotations.length > 0 && { annotations }),
      ...(this.#images.length > 0 && { images: this.#images }),
      ...(Object.keys(google).length > 0 && { extra_content: { google } }),
    };
  }
}

/** The native answer in a parsed JSON value. @throws {UpstreamError} `invalid` when it can be none. */
export function asResponse(value: unknown): GenerateContentResponse {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalidAnswer(new Error('the answer is not an object'));
}

function firstOf(candidates: unknown): Candidate | undefined {
  if (!Array.isArray(candidates)) return undefined;
  for (const candidate of candidates as Candidate[]) if ((candidate.index ?? 0) === 0) return candidate;
  return undefined;
}

/** Nothing but a signature. */
function isBare(part: Part): boolean {
  return Object.keys(part).every((key) => key === 'thoughtSignature');
}

/** Fields of an unexpected type show up as a `TypeError`; they are the provider's fault, not the gateway's. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw UpstreamError.isInstance(thrown) ? thrown : invalidAnswer(thrown);
  }
}

function tierOf(tier: unknown): string | undefined {
  if (typeof tier !== 'string') return undefined;
  return /(flex|priority)$/i.exec(tier)?.[1]?.toLowerCase();
}
