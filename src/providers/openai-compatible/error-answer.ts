import { type Fields, isFields } from '../openai/fields.js';

/** True for an error that comes with an answer: an object, or a text. */
export function isProblem(error: unknown): boolean {
  return isFields(error) || (typeof error === 'string' && error !== '');
}

/**
 * True for an error in place of a chunk: under `error`, or with its
 * fields at the top.
 *
 * Sources: the OpenAI API reference, streaming errors; vLLM and Mistral, `{"object":"error","message"}`; FastAPI, `detail`.
 */
export function isErrorAnswer(chunk: Fields): boolean {
  const { error, object, choices, message, detail } = chunk;
  return isProblem(error) || (!choices && (object === 'error' || isProblem(message ?? detail)));
}
