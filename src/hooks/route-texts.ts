import type { AnswerPart } from './hook.js';

/** A request, an answer or a part of one. */
export type Fields = Readonly<Record<string, unknown>>;

/** A text of an answer, and what it is. */
export interface AnswerText {
  readonly part: AnswerPart;
  readonly text: string;
}

/** Where the requests and answers of a route hold text: its row names them for hooks. */
export interface RouteTexts {
  /** Members of a request that hold what a model reads. */
  readonly read: readonly string[];
  /** Members of a request that hold such texts among settings, as `description` or `instructions`. @default none */
  readonly describing?: readonly string[];
  /** Names of strings in a request that are not text: ids, data, and what only a provider reads. @default kinds, roles, names */
  readonly opaque?: readonly string[];
  /**
   * A request with fields of chat form put where its own format says the same. Unset: the format has the same fields, but
   * for messages.
   */
  readonly withChatFields?: (body: Fields, fields: Fields) => Fields;
  /** The texts of a whole answer in this format. @default none */
  readonly answer?: (answer: Fields) => AnswerText[];
  /** The texts that an event of a stream adds. @default none */
  readonly event?: (event: Fields) => AnswerText[];
}

/** A text, where there is one. */
export function plain(part: AnswerPart, text: unknown): AnswerText[] {
  return typeof text === 'string' ? [{ part, text }] : [];
}
