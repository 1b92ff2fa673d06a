import type { ParsedBody } from '../json/parsed-body.js';
import { promptTokens, type Usage } from '../lib/usage.js';
import { type EmbeddingsRequest, inputCount, parseEmbeddings } from '../openai-api/embeddings.js';
import { extraSize, textSize } from '../openai-api/input-size.js';
import type { InputSize, Operation } from '../pipeline/operation.js';
import type { EmbeddingsAnswer } from '../providers/adapter.js';
import { errorFrame } from './chat-completions.js';
import { served } from './served.js';
import { asksForCost, withCost, withoutUsageOption } from './usage-option.js';

/** `POST /embeddings`: makes an operation of its body. @throws {GatewayError} that names the wrong field. */
export function readEmbeddings(body: ParsedBody): Operation {
  const parsed = parseEmbeddings(body.value);
  const request = withoutUsageOption(parsed);
  const includeCost = asksForCost(parsed);
  const extra = extraSize(request, TEXT_FIELDS);
  const input = sizeOf(request, extra);
  return {
    route: 'embeddings',
    model: request.model,
    stream: false,
    input,
    output: undefined,
    stickyKey: undefined,
    endUser: request.user,
    fits: ({ routes }) => routes?.embeddings !== undefined,
    call: async (adapter, attempt) => {
      const answer = await served(adapter.routes?.embeddings)(attempt.routeCall(request));
      const { usage, dropped = [] } = answer;
      const costed = includeCost ? withCost : undefined;
      const body = bodyOf(answer, usage ? promptTokens(usage) : input.estimatedTokens);
      const bodyWith = (charged: Usage) => bodyOf(answer, promptTokens(charged));
      return { body, bodyWith, usage, estimatedOutput: 0, dropped, withCost: costed };
    },
    open: () => Promise.reject(new Error('embeddings are not streamed')),
    fail: errorFrame,
  };
}

/** Fields that are counted exactly, or that no model reads. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format', 'dimensions', 'user']);

/** Native options may be sent once for each input, and count so, also where the provider reports no counts. */
function sizeOf(request: EmbeddingsRequest, extra: number): InputSize {
  const { estimatedTokens, maxTokens } = textSize(request.input);
  const added = extra * inputCount(request);
  return { estimatedTokens: estimatedTokens + Math.ceil(added / 4), maxTokens: maxTokens + added };
}

/** The answer, with the usage that is charged; the schema demands it of every answer. */
function bodyOf({ text, embeddings }: EmbeddingsAnswer, tokens: number): string {
  return text ?? JSON.stringify({ ...embeddings, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}
