import { textOrTokens } from './embeddings.js';
import {
  aBoolean,
  anInteger,
  anObject,
  anyInteger,
  anyNumber,
  aString,
  bodyFields,
  checkFields,
  fieldChecks,
  required,
  stop,
  streamOptions,
  withoutNulls,
  wrongValue,
} from './field-checks.js';

/**
 * The body of the legacy `POST /completions`, after `parseCompletion`.
 *
 * Source: the OpenAI API reference, `CreateCompletionRequest`.
 */
export interface CompletionRequest {
  model: string;
  prompt: string | string[] | number[] | number[][];
  max_tokens?: number;
  n?: number;
  /** How many answers are generated; the best `n` of them are returned, and all are paid for. */
  best_of?: number;
  stream?: boolean;
  stream_options?: { include_usage?: boolean; include_obfuscation?: boolean };
  user?: string;
  /** Extension: native fields of the named provider dialect. */
  provider_options?: Record<string, unknown>;
  [extension: string]: unknown;
}

/** The output limit of a request that sets none. Source: the OpenAI API reference. */
export const DEFAULT_COMPLETION_TOKENS = 16;

const prompt = textOrTokens(aString());

const fields = fieldChecks({
  max_tokens: anInteger(0, 100_000_000),
  n: anInteger(1, 128),
  best_of: anInteger(1, 20),
  stream: aBoolean,
  stream_options: streamOptions,
  echo: aBoolean,
  suffix: aString(),
  logprobs: anyInteger,
  stop,
  temperature: anyNumber,
  top_p: anyNumber,
  frequency_penalty: anyNumber,
  presence_penalty: anyNumber,
  logit_bias: anObject,
  seed: anyInteger,
  user: aString(1_024),
  provider_options: anObject,
});

/** Checks the body of a completion request. @throws {GatewayError} that names the path of the first mistake. */
export function parseCompletion(value: unknown): CompletionRequest {
  const body = bodyFields(value, ['prompt', 'completions']);
  required(body, 'prompt', prompt, '');
  checkFields(body, fields, '');
  const request = withoutNulls(body);
  const { n = 1, best_of: bestOf } = request as { n?: number; best_of?: number };
  if (bestOf !== undefined && bestOf < n) throw wrongValue('best_of', "it is smaller than 'n'");
  return request as unknown as CompletionRequest;
}

/** How many answers are written for a request, and paid for. */
export function writtenAnswers(request: CompletionRequest): number {
  const { n = 1, best_of: bestOf = 1 } = request;
  return promptCount(request) * Math.max(n, bestOf);
}

/** How many prompts a request has. */
export function promptCount({ prompt }: Pick<CompletionRequest, 'prompt'>): number {
  return Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt.length : 1;
}
