import { GatewayError } from '../lib/errors.js';

/** Bytes of JSON that one alternative of one token takes in an answer. */
const BYTES_PER_ALTERNATIVE = 200;
/** What the gateway reads of a whole answer, and of the event that ends a response. */
const MOST_BYTES = { answer: 64 * 1024 * 1024, event: 16 * 1024 * 1024 } as const;
/** Tokens that an answer without a limit is expected to have. */
const EXPECTED_TOKENS = 3_000;

/**
 * Refuses a request whose answer would be too large to read: it would be paid for and lost.
 *
 * @param choices answers asked for.
 * @param limit output tokens of each.
 * @param alternatives listed for each token; 0: none are.
 * @throws {GatewayError} `invalid_value` for `top_logprobs`.
 */
export function checkAnswerSize(
  choices: number,
  limit: number | undefined,
  alternatives: number,
  whole: keyof typeof MOST_BYTES,
  param = 'top_logprobs',
): void {
  if (
    alternatives === 0 ||
    choices * (limit ?? EXPECTED_TOKENS) * (alternatives + 1) * BYTES_PER_ALTERNATIVE <= MOST_BYTES[whole]
  )
    return;
  const message = `Invalid value for '${param}': with this many answers and tokens the answer would be larger than can be passed on. Ask for fewer alternatives, answers or tokens.`;
  throw new GatewayError('invalid_value', { message, param });
}
