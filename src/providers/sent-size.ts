import type { UnitCounts } from '../lib/usage.js';

/**
 * How large a native request is, by what will be sent. The provider bills what it reads, whatever a client calls it: so media
 * count by their own bytes, and what the provider fetches or looks up itself has no size here.
 */
export interface SentSize {
  /** Bytes of everything that is text, names of fields included: no tokenizer makes more tokens of it. What a provider adds counts, too. */
  readonly textBytes: number;
  /** The most tokens that the inline media can have. */
  readonly mediaTokens: number;
  /** Path of the first part whose size only the provider knows: a URL, a file id, cached content, an archive. */
  readonly unknown: string | undefined;
  /** How often tools that the provider runs may read on their own. */
  readonly reads: number;
  /** The most output in addition to what the limit counts: words of a prediction that the answer does not use. */
  readonly predictedTokens: number;
  /** A wider context window that the request asks for; undefined: the model's own. */
  readonly contextWindow?: number | undefined;
  /** True: it asks for its input to be kept in a cache for an hour, which some providers bill at twice the price. */
  readonly hourWrites?: boolean;
  /** Measures media a step at a time, others are served in between. Without it they are measured at once when first asked for. */
  measure?(): Promise<void>;
}

/** The most input that a request can be billed, in tokens. */
export interface InputBound {
  readonly inputTokens: number;
  /** How many of them may be sound or pictures. */
  readonly mediaTokens: number;
  /** True: they may be written to a cache for an hour. */
  readonly hourWrites?: boolean;
  /** What may be billed in addition to them and the output limit. */
  readonly units?: UnitCounts;
}

/** Counts as output tokens do, at their price. */
const PREDICTED = 'output_prediction_token';

/** The most input tokens that a request of this size can be billed, on a model with this context window. */
export function highestInput(sent: SentSize, contextWindow: number): InputBound {
  const known = sent.textBytes + sent.mediaTokens;
  const { hourWrites = false, predictedTokens } = sent;
  const extras = { hourWrites, ...(predictedTokens > 0 && { units: { [PREDICTED]: predictedTokens } }) };
  if (sent.unknown === undefined && sent.reads === 0)
    return { inputTokens: known, mediaTokens: sent.mediaTokens, ...extras };
  const window = Math.max(contextWindow, sent.contextWindow ?? 0);
  const inputTokens = Math.max(known, window) * (sent.reads + 1);
  return { inputTokens, mediaTokens: inputTokens, ...extras };
}
