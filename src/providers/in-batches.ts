import type { Embeddings, EmbeddingsRequest } from '../openai-api/embeddings.js';
import type { EmbeddingsAnswer, RouteCall } from './adapter.js';
import { joinedUsage } from './joined-usage.js';

/** Requests of one call that run at the same time. */
const AT_ONCE = 4;

/**
 * Embeds the texts of a call in parts, for APIs that take fewer at once than OpenAI, and joins what came. One part that
 * fails is a failure of them all.
 *
 * @param most texts in one part; undefined: as many as there are.
 */
export async function inBatches(
  call: RouteCall<EmbeddingsRequest>,
  most: number | undefined,
  embed: (part: RouteCall<EmbeddingsRequest>) => Promise<EmbeddingsAnswer>,
): Promise<EmbeddingsAnswer> {
  const { input } = call.request;
  if (most === undefined || !isListOfInputs(input) || input.length <= most) return embed(call);
  const parts: RouteCall<EmbeddingsRequest>[] = [];
  for (let from = 0; from < input.length; from += most) {
    const part = (input as unknown[]).slice(from, from + most) as typeof input;
    parts.push({ ...call, request: { ...call.request, input: part } });
  }
  const answers: EmbeddingsAnswer[] = [];
  for (let from = 0; from < parts.length; from += AT_ONCE) {
    answers.push(...(await Promise.all(parts.slice(from, from + AT_ONCE).map(embed))));
  }
  return joined(answers);
}

/** Tokens of a single text are a list, too. */
function isListOfInputs(input: EmbeddingsRequest['input']): input is string[] | number[][] {
  return Array.isArray(input) && typeof input[0] !== 'number';
}

function joined(answers: readonly EmbeddingsAnswer[]): EmbeddingsAnswer {
  const [first] = answers;
  if (first === undefined) throw new Error('a call without texts');
  const data = answers.flatMap(({ embeddings }) => embeddings.data).map((item, index) => ({ ...item, index }));
  const embeddings: Embeddings = { object: 'list', data, model: first.embeddings.model };
  const usage = joinedUsage(answers.map((answer) => answer.usage));
  return { embeddings, ...(usage && { usage }), ...(first.dropped && { dropped: first.dropped }) };
}
