import type { ParsedBody } from '../json/parsed-body.js';
import { promptTokens } from '../lib/usage.js';
import { parseEmbeddings } from '../openai-api/embeddings.js';
import { textSize } from '../openai-api/input-size.js';
import type { InputSize, Operation } from '../pipeline/operation.js';
import type { EmbeddingsAnswer } from '../providers/adapter.js';
import { errorFrame } from './chat-completions.js';

/** `POST /embeddings`: makes an operation of its body. @throws {GatewayError} that names the wrong field. */
export function readEmbeddings(body: ParsedBody): Operation {
  const request = parseEmbeddings(body.value);
  const input = textSize(request.input);
  return {
    route: 'embeddings',
    model: request.model,
    stream: false,
    input,
    output: undefined,
    stickyKey: undefined,
    fits: ({ routes }) => routes?.embeddings !== undefined,
    call: async (adapter, attempt) => {
      const answer = await required(adapter.routes?.embeddings)(attempt.routeCall(request));
      return { body: bodyOf(answer, input), usage: answer.usage, estimatedOutput: 0, dropped: answer.dropped ?? [] };
    },
    open: () => Promise.reject(new Error('embeddings are not streamed')),
    fail: errorFrame,
  };
}

/** The answer, with the usage that is charged; the schema demands it of every answer. */
function bodyOf({ text, embeddings, usage }: EmbeddingsAnswer, input: InputSize): string {
  if (text !== undefined) return text;
  const tokens = usage ? promptTokens(usage) : input.estimatedTokens;
  return JSON.stringify({ ...embeddings, usage: { prompt_tokens: tokens, total_tokens: tokens } });
}

/** What `fits` has made sure of. */
export function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('a target that does not fit');
  return part;
}
