import { isObject } from '../openai-api/field-checks.js';
import type { Fields } from './route-texts.js';

/** Where another format says what a field of chat says: the members to put into `body`. */
export type ChatFieldMove = (name: string, value: unknown, body: Fields) => Fields;

/** Puts fields of chat form into a request of another format, one after the other. */
export function withMovedFields(body: Fields, fields: Fields, move: ChatFieldMove): Fields {
  let edited = body;
  for (const [name, value] of Object.entries(fields)) edited = { ...edited, ...move(name, value, edited) };
  return edited;
}

export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** The functions among tools of chat. */
export function functionsOf(tools: unknown): Fields[] {
  return (tools as Fields[]).map((tool) => fieldsOf(tool['function']));
}

/** The name of the one function that must be called. */
export function forcedFunction(choice: unknown): unknown {
  return fieldsOf(fieldsOf(choice)['function'])['name'];
}
