import type { LogprobsCandidate, LogprobsResult } from './api.js';

/** One token of OpenAI's `logprobs.content`. */
interface TokenLogprob {
  token: string;
  logprob: number;
  /** UTF-8 bytes of the token. */
  bytes: number[];
}

/** OpenAI's `logprobs` of a choice. */
export interface ChoiceLogprobs {
  content: (TokenLogprob & { top_logprobs: TokenLogprob[] })[];
  refusal: null;
  [extension: string]: unknown;
}

/** Gemini's two parallel lists (chosen and best tokens) as OpenAI's one. Source: API reference, `LogprobsResult`. */
export function toLogprobs(result: LogprobsResult): ChoiceLogprobs | undefined {
  const chosen = result.chosenCandidates;
  if (!Array.isArray(chosen) || chosen.length === 0) return undefined;
  const content = chosen.map((candidate, index) => ({
    ...toToken(candidate),
    top_logprobs: (result.topCandidates?.[index]?.candidates ?? []).map(toToken),
  }));
  return { content, refusal: null };
}

function toToken({ token = '', logProbability = 0 }: LogprobsCandidate): TokenLogprob {
  return { token, logprob: logProbability, bytes: [...new TextEncoder().encode(token)] };
}
