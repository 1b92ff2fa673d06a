import type { Gateway } from '../gateway.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { ChangeOptions } from '../management/changes.js';
import type { Fields, Schema } from './schema.js';

/** What a call carries: the path's parameters, the query by name, and the JSON body. */
export interface OperationInput {
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How a change stands in the audit log, but for who made it. */
export type NotedChange = Omit<ChangeOptions, 'operator'>;

/** Says how a change stands there, from what a call carried and what it was answered with. */
export type Note = (input: OperationInput, result: unknown) => NotedChange;

/** One row of the admin API: how it is called, what it answers, and which method of the gateway it is. */
export interface AdminOperation {
  /** The method of the gateway: `keys.create`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/keys`, `/keys/{id}`, `/keys/{id}/revoke`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Fields;
  /** The JSON body; `{}` where all of it is optional. */
  readonly body?: Fields;
  /** What it answers with; undefined: nothing. */
  readonly answer?: Schema;
  /** The error codes that are its own, besides those of bad input and missing credentials. */
  readonly errors?: readonly string[];
  run(gateway: Gateway, input: OperationInput): MaybePromise<unknown>;
  /** How it stands in the audit log; set for everything that changes something. */
  readonly note?: Note;
}

/** Lines of JSON that are sent as they come. */
export class LinesAnswer {
  readonly lines: AsyncIterable<string>;

  constructor(lines: AsyncIterable<string>) {
    this.lines = lines;
  }
}

/** The body or query as a method's options: the method itself refuses what it does not know. */
export function as<T>(fields: Readonly<Record<string, unknown>>): T {
  return fields as T;
}
