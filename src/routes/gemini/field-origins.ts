import { inClientTerms } from '../client-terms.js';

/** The client's fields behind the fields of a chat request, for errors and reports of adapters. */
const ORIGINS: readonly (readonly [RegExp, string])[] = [
  [/^messages\b.*$/, 'contents'],
  [/^response_format\b.*$/, 'generationConfig.responseSchema'],
  [/^reasoning_effort$/, 'generationConfig.thinkingConfig'],
  [/^max_(?:completion_)?tokens$/, 'generationConfig.maxOutputTokens'],
  [/^stop$/, 'generationConfig.stopSequences'],
  [/^top_p$/, 'generationConfig.topP'],
  [/^top_k$/, 'generationConfig.topK'],
  [/^top_logprobs$/, 'generationConfig.logprobs'],
  [/^logprobs$/, 'generationConfig.responseLogprobs'],
  [/^presence_penalty$/, 'generationConfig.presencePenalty'],
  [/^frequency_penalty$/, 'generationConfig.frequencyPenalty'],
  [/^(temperature|seed)$/, 'generationConfig.$1'],
  [/^tool_choice\b.*$/, 'toolConfig.functionCallingConfig'],
  [/^tools\b.*$/, 'tools'],
];

/** The name that a field of a chat request has in the Gemini request it was made of. */
export function originOf(param: string): string {
  for (const [pattern, origin] of ORIGINS) if (pattern.test(param)) return param.replace(pattern, origin);
  return param;
}

/** Translates errors of adapters, which name fields of the chat request, to the client's fields. */
export function inGeminiTerms<T>(work: () => Promise<T>): Promise<T> {
  return inClientTerms(work, originOf);
}
