import { isObject, type JsonObject } from '../lib/is-object.js';
import { completionTokens, promptTokens, type TokenCounts } from '../lib/usage.js';
import type { FinishReason } from '../openai-api/chat-completion.js';

/**
 * A whole answer of `generateContent`, or one event of a stream.
 *
 * Source: ai.google.dev, API reference, `GenerateContentResponse`.
 */
export interface GenerateContentResponse {
  candidates: Candidate[];
  usageMetadata?: UsageMetadata;
  modelVersion: string;
  responseId: string;
}

export interface Candidate {
  content: { role: 'model'; parts: OutputPart[] };
  finishReason?: 'STOP' | 'MAX_TOKENS' | 'SAFETY';
  logprobsResult?: LogprobsResult;
  index: 0;
}

/** The tokens that a text was written with, and what else could have stood in the place of each. */
export interface LogprobsResult {
  chosenCandidates: TokenLogprob[];
  topCandidates: { candidates: TokenLogprob[] }[];
}

interface TokenLogprob {
  token: string;
  logProbability: number;
}

export interface OutputPart {
  text?: string;
  thought?: true;
  thoughtSignature?: string;
  functionCall?: { id: string; name: string; args: JsonObject };
  inlineData?: { mimeType: string; data: string };
}

export interface UsageMetadata {
  promptTokenCount: number;
  cachedContentTokenCount?: number;
  candidatesTokenCount: number;
  thoughtsTokenCount?: number;
  totalTokenCount: number;
}

/** Disjoint buckets as Gemini writes them: the prompt with what was cached, the candidates without thoughts. */
export function toUsageMetadata(usage: TokenCounts): UsageMetadata {
  return {
    promptTokenCount: promptTokens(usage),
    ...(usage.cachedInputTokens > 0 && { cachedContentTokenCount: usage.cachedInputTokens }),
    candidatesTokenCount: usage.outputTokens,
    ...(usage.reasoningTokens > 0 && { thoughtsTokenCount: usage.reasoningTokens }),
    totalTokenCount: promptTokens(usage) + completionTokens(usage),
  };
}

/** Chat's `logprobs` of a choice; undefined where there are none. */
export function toLogprobsResult(logprobs: Readonly<Record<string, unknown>> | null): LogprobsResult | undefined {
  const tokens = objectsIn(logprobs?.['content']);
  if (tokens.length === 0) return undefined;
  return {
    chosenCandidates: tokens.map(toTokenLogprob),
    topCandidates: tokens.map((token) => ({ candidates: objectsIn(token['top_logprobs']).map(toTokenLogprob) })),
  };
}

function toTokenLogprob({ token, logprob }: JsonObject): TokenLogprob {
  return { token: String(token ?? ''), logProbability: Number(logprob ?? 0) };
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Gemini says STOP also when the model calls functions. */
export function toFinishReason(finish: FinishReason | null): 'STOP' | 'MAX_TOKENS' | 'SAFETY' {
  if (finish === 'length') return 'MAX_TOKENS';
  return finish === 'content_filter' ? 'SAFETY' : 'STOP';
}
