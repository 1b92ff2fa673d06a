import { SIMPLE_STRING, stringValue } from '../../json/text.js';
import type { GenerateContentResponse } from './api.js';

const ROLE = '"role": ?"model"';
/** Nothing but text of the first candidate, in the layouts of Google's APIs, and the fields that follow it. */
const TEXT_DELTA = new RegExp(
  String.raw`^\{"candidates": ?\[\{"content": ?\{(?:${ROLE},)?"parts": ?\[\{"text": ?(${SIMPLE_STRING})\}\](?:,${ROLE})?\}(?:,"index": ?0)?\}\],(?="usageMetadata")`,
);

/**
 * Reads an event that brings text and counts, as most of a stream do, without parsing the lists and objects around the
 * text; undefined for any other. Saves 9 % of a burst (bench:tricks `readTextDelta`).
 */
export function readTextDelta(data: string): GenerateContentResponse | undefined {
  const found = TEXT_DELTA.exec(data);
  if (found === null) return undefined;
  const [candidates, text = ''] = found;
  const response = parsed(data.slice(candidates.length));
  if (response === undefined || response.candidates !== undefined) return undefined;
  response.candidates = [{ content: { parts: [{ text: stringValue(text) }] } }];
  return response;
}

function parsed(fields: string): GenerateContentResponse | undefined {
  try {
    return JSON.parse(`{${fields}`) as GenerateContentResponse;
  } catch {
    return undefined;
  }
}
