import { SIMPLE_STRING, stringValue } from '../../openai/json-text.js';
import type { GenerateContentResponse } from './api.js';

const ROLE = '"role": ?"model"';
/** Nothing but words of the first candidate, in the layouts of Google's APIs, and what they say beside it. */
const WORDS_EVENT = new RegExp(
  String.raw`^\{"candidates": ?\[\{"content": ?\{(?:${ROLE},)?"parts": ?\[\{"text": ?(${SIMPLE_STRING})\}\](?:,${ROLE})?\}(?:,"index": ?0)?\}\],(?="usageMetadata")`,
);

/**
 * Reads an event that brings words and counts, as most do; undefined for any other. Only what follows the words goes
 * through a JSON parser, for which the lists and objects around them would take the larger part of its time.
 */
export function readWords(data: string): GenerateContentResponse | undefined {
  const found = WORDS_EVENT.exec(data);
  if (found === null) return undefined;
  const [candidates, words = ''] = found;
  const response = parseRest(data.slice(candidates.length));
  if (response === undefined || response.candidates !== undefined) return undefined;
  response.candidates = [{ content: { parts: [{ text: stringValue(words) }] } }];
  return response;
}

function parseRest(fields: string): GenerateContentResponse | undefined {
  try {
    return JSON.parse(`{${fields}`) as GenerateContentResponse;
  } catch {
    return undefined;
  }
}
