import { isObject } from '../lib/is-object.js';
import type { Note } from './operation.js';

/** A change of the account in the path. @param names of the fields of the body that are kept. */
export function ofAccount(action: string, ...names: readonly string[]): Note {
  return ({ id, body }) => ({ action, accountId: id, details: picked(body, names) });
}

/** A change of the account that the body names. */
export function ofNamedAccount(action: string, ...names: readonly string[]): Note {
  return ({ body }) => ({ action, ...accountOf(body), details: picked(body, names) });
}

/** A change of a key, which the answer is or has; all of the body is kept. */
export function ofKey(action: string): Note {
  return ({ body: { accountId: _accountId, name: _name, ...details } }, result) => {
    const key = fieldsOf(fieldsOf(result)['record'] ?? result);
    return { action, ...accountOf(key), subject: String(key['name']), details };
  };
}

/** The fields of an answer. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function accountOf({ accountId }: Readonly<Record<string, unknown>>): { readonly accountId?: string } {
  return typeof accountId === 'string' ? { accountId } : {};
}

function picked(body: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));
}
