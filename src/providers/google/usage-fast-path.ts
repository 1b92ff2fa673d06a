import { standsAt } from '../../json/text.js';
import type { GenerateContentResponse, UsageMetadata } from './api.js';
import { mediaTokens } from './modalities.js';

/** A whole number as the value of a field. */
const NUMBER = /(?<=": ?)\d+(?=[,}])/g;
const MARK = /^#(\d+)$/;
const ZERO = 0x30;

type CountName = keyof UsageMetadata;

/**
 * The fields of an event behind its text. Most events of a stream differ from the one before in their counts alone, and
 * are read by comparing what stands between the numbers, in a third of the time that a JSON parser takes for them.
 */
export class UsageLayout {
  private constructor(
    private readonly between: readonly string[],
    /** By number; undefined for one that nothing depends on, such as a count of one modality. */
    private readonly names: readonly (CountName | undefined)[],
    private readonly response: GenerateContentResponse,
    private readonly usage: UsageMetadata,
  ) {}

  /**
   * @param rest all that follows the candidates, with the last brace; `response` is what it says.
   * @returns undefined when the numbers can't be separated from the rest.
   */
  static of(rest: string, response: GenerateContentResponse): UsageLayout | undefined {
    const { usageMetadata: usage } = response;
    if (typeof usage !== 'object' || usage === null || mediaTokens(usage)) return undefined;
    const between = rest.split(NUMBER);
    const names = countNames(between);
    return names && new UsageLayout(between, names, { ...response }, usage);
  }

  /**
   * What another event says; undefined for one that differs in more than its numbers.
   *
   * @param from where its fields begin.
   */
  read(data: string, from: number): GenerateContentResponse | undefined {
    const { between, names } = this;
    const usage: UsageMetadata = { ...this.usage };
    let at = from;
    for (let index = 0; index < names.length; index += 1) {
      const before = between[index] as string;
      if (!standsAt(data, before, at)) return undefined;
      const start = at + before.length;
      at = start;
      let value = 0;
      for (let digit = digitAt(data, at); digit >= 0; digit = digitAt(data, at)) {
        value = value * 10 + digit;
        at += 1;
      }
      if (at === start || (at > start + 1 && digitAt(data, start) === 0)) return undefined;
      const name = names[index];
      if (name !== undefined) usage[name] = value;
    }
    const ending = between.at(-1) as string;
    if (data.length !== at + ending.length || !data.endsWith(ending)) return undefined;
    return { ...this.response, usageMetadata: usage };
  }
}

/** Each number's field in the usage, found by parsing the text with marks in place of its numbers. */
function countNames(between: readonly string[]): (CountName | undefined)[] | undefined {
  const marked = between.reduce((text, piece, index) => `${text}"#${index - 1}"${piece}`);
  const names = new Array<CountName | undefined>(between.length - 1).fill(undefined);
  try {
    const { usageMetadata } = JSON.parse(`{${marked}`) as { usageMetadata: UsageMetadata };
    for (const [name, value] of Object.entries(usageMetadata)) {
      const mark = typeof value === 'string' ? MARK.exec(value) : null;
      if (mark) names[Number(mark[1])] = name as CountName;
    }
    return names;
  } catch {
    return undefined;
  }
}

/** -1 for anything else, and behind the end. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : -1;
}
