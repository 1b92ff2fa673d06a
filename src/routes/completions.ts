import type { ParsedBody } from '../json/parsed-body.js';
import { toOpenAIUsage, type Usage } from '../lib/usage.js';
import { checkAnswerSize } from '../openai-api/answer-size.js';
import {
  DEFAULT_COMPLETION_TOKENS,
  parseCompletion,
  promptCount,
  writtenAnswers,
} from '../openai-api/completion-request.js';
import { estimateOutput, extraSize, textSize } from '../openai-api/input-size.js';
import { estimateRelayedText } from '../openai-api/relayed-output.js';
import type { Operation } from '../pipeline/operation.js';
import { errorFrame } from './chat-completions.js';
import { chunkStream } from './chat-stream.js';
import { served } from './served.js';
import { asksForCost, withCost, withoutUsageOption } from './usage-option.js';

/** Fields that are counted exactly, or that no model reads. */
const TEXT_FIELDS: ReadonlySet<string> = new Set([
  ...['model', 'prompt', 'max_tokens', 'n', 'best_of', 'stream', 'stream_options', 'user', 'echo', 'logprobs', 'seed'],
  ...['stop', 'temperature', 'top_p', 'frequency_penalty', 'presence_penalty', 'logit_bias'],
]);

/** `POST /completions`, the legacy route: makes an operation of its body. @throws {GatewayError} that names the field. */
export function readCompletion(body: ParsedBody): Operation {
  const parsed = parseCompletion(body.value);
  const request = withoutUsageOption(parsed);
  const includeCost = asksForCost(parsed);
  const prompt = textSize(request.prompt);
  // A suffix is read with each prompt.
  const extra = extraSize(request, TEXT_FIELDS) * promptCount(request);
  const output = { choices: writtenAnswers(request), limit: request.max_tokens ?? DEFAULT_COMPLETION_TOKENS };
  const { logprobs } = request;
  if (typeof logprobs === 'number' && !request.stream) {
    checkAnswerSize(output.choices, output.limit, logprobs, 'answer', 'logprobs');
  }
  return {
    route: 'completions',
    model: request.model,
    stream: request.stream === true,
    input: {
      estimatedTokens: prompt.estimatedTokens + Math.ceil(extra / 4),
      maxTokens: prompt.maxTokens + extra,
    },
    output,
    stickyKey: request.user,
    endUser: request.user,
    fits: ({ routes }) => routes?.completions !== undefined,

    async call(adapter, attempt) {
      const answer = await served(adapter.routes?.completions).answer(attempt.routeCall(request));
      const { json, text, usage, characters, dropped = [] } = answer;
      const bodyWith = (counted: Usage) => JSON.stringify({ ...json, usage: toOpenAIUsage(counted) });
      const estimatedOutput = usage ? 0 : estimateOutput(characters);
      return { body: text, bodyWith, usage, estimatedOutput, dropped, withCost: includeCost ? withCost : undefined };
    },

    async open(adapter, attempt) {
      const { batches, dropped } = await served(adapter.routes?.completions).stream(attempt.routeCall(request));
      const includeUsage = includeCost || request.stream_options?.include_usage === true;
      const estimateRelayed = (chunk: string) => estimateRelayedText(chunk);
      return chunkStream(batches, { includeUsage, includeCost, estimateRelayed }, dropped);
    },

    fail: errorFrame,
  };
}
