import { SIMPLE_STRING, stringValue } from '../../json/text.js';
import type { GenerateContentResponse } from './api.js';
import { RestLayout } from './usage-fast-path.js';

const ROLE = '"role": ?"model"';
/** Nothing but words of the first candidate, in the layouts of Google's APIs, and what they say beside it. */
const WORDS_EVENT = new RegExp(
  String.raw`^\{"candidates": ?\[\{"content": ?\{(?:${ROLE},)?"parts": ?\[\{"text": ?(${SIMPLE_STRING})\}\](?:,${ROLE})?\}(?:,"index": ?0)?\}\],(?="usageMetadata")`,
);

/** A stream whose events look different each time is not worth looking for what they have in common. */
const MOST_LAYOUTS = 8;

/** Reads those events of one stream that bring words and counts, as most do. */
export class WordsEvents {
  #layout: RestLayout | undefined;
  #layouts = 0;

  /**
   * What an event says; undefined for any other event. The lists and objects around the words would take a JSON parser
   * the larger part of its time, and so would the fields behind them, which differ in their counts alone.
   *
   * @returns an object that is good until the next event is read.
   */
  read(data: string): GenerateContentResponse | undefined {
    const found = WORDS_EVENT.exec(data);
    if (found === null) return undefined;
    const [candidates, words = ''] = found;
    const response = this.#layout?.read(data, candidates.length) ?? this.#parseRest(data.slice(candidates.length));
    if (response !== undefined) response.candidates = [{ content: { parts: [{ text: stringValue(words) }] } }];
    return response;
  }

  #parseRest(rest: string): GenerateContentResponse | undefined {
    const response = parsed(rest);
    if (response === undefined || response.candidates !== undefined) return undefined;
    if (this.#layouts < MOST_LAYOUTS) this.#layout = RestLayout.of(rest, response);
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
