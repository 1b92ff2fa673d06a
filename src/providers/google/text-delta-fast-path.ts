import { SIMPLE_STRING, stringValue } from '../../json/text.js';
import type { GenerateContentResponse } from './api.js';
import { UsageLayout } from './usage-fast-path.js';

const ROLE = '"role": ?"model"';
/** Nothing but text of the first candidate, in the layouts of Google's APIs, and the fields that follow it. */
const TEXT_DELTA = new RegExp(
  String.raw`^\{"candidates": ?\[\{"content": ?\{(?:${ROLE},)?"parts": ?\[\{"text": ?(${SIMPLE_STRING})\}\](?:,${ROLE})?\}(?:,"index": ?0)?\}\],(?="usageMetadata")`,
);

/** A stream whose events look different each time is not worth looking for what they have in common. */
const MOST_LAYOUTS = 8;

/** Reads those events of one stream that bring text and counts, as most do. */
export class TextDeltaReader {
  #layout: UsageLayout | undefined;
  #layouts = 0;

  /**
   * What an event says; undefined for any other event. The lists and objects around the text would take a JSON parser
   * the larger part of its time, and so would the fields behind it, which differ in their counts alone.
   */
  read(data: string): GenerateContentResponse | undefined {
    const found = TEXT_DELTA.exec(data);
    if (found === null) return undefined;
    const [candidates, text = ''] = found;
    const response = this.#layout?.read(data, candidates.length) ?? this.#parseRest(data.slice(candidates.length));
    if (response !== undefined) response.candidates = [{ content: { parts: [{ text: stringValue(text) }] } }];
    return response;
  }

  #parseRest(rest: string): GenerateContentResponse | undefined {
    const response = parsed(rest);
    if (response === undefined || response.candidates !== undefined) return undefined;
    if (this.#layouts < MOST_LAYOUTS) this.#layout = UsageLayout.of(rest, response);
    this.#layouts += 1;
    return response;
  }
}

function parsed(fields: string): GenerateContentResponse | undefined {
  try {
    return JSON.parse(`{${fields}`) as GenerateContentResponse;
  } catch {
    return undefined;
  }
}
