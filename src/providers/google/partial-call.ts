import { invalidAnswer } from '../http/http-provider.js';
import type { FunctionCall, PartialArg } from './api.js';

/** A call with a longer list in its arguments counts as invalid. */
const MAX_INDEX = 10_000;

type Container = Record<string, unknown> | unknown[];

/**
 * A function call that arrives in pieces, each with the JSONPath of what it adds (`$.steps[0].text`).
 *
 * Source: Vertex AI reference, `FunctionCall.partialArgs`; only with `streamFunctionCallArguments`.
 */
export class PartialCall {
  #args: Record<string, unknown> = {};

  constructor(
    readonly first: FunctionCall,
    readonly signature: string | undefined,
  ) {}

  /** @throws {UpstreamError} `invalid` for a path that makes no sense. */
  add({ args, partialArgs }: FunctionCall): void {
    this.#args = { ...this.#args, ...args };
    for (const piece of Array.isArray(partialArgs) ? partialArgs : []) place(this.#args, piece);
  }

  /** The call as if it had come in one piece. */
  complete(): FunctionCall & { args: Record<string, unknown> } {
    const { id, name } = this.first;
    return { ...(id !== undefined && { id }), ...(name !== undefined && { name }), args: this.#args };
  }
}

function place(root: Container, piece: PartialArg): void {
  const steps = parsePath(piece.jsonPath ?? '');
  let container = root;
  steps.forEach((step, index) => {
    if (Array.isArray(container) !== (typeof step === 'number')) throw invalidAnswer(new Error('a path does not fit'));
    const next = steps[index + 1];
    const before = read(container, step);
    if (next === undefined) {
      write(container, step, extended(piece, before));
      return;
    }
    if (typeof before === 'object' && before !== null) {
      container = before as Container;
      return;
    }
    const made: Container = typeof next === 'number' ? [] : {};
    write(container, step, made);
    container = made;
  });
}

function extended(piece: PartialArg, before: unknown): unknown {
  if (piece.stringValue !== undefined) return (typeof before === 'string' ? before : '') + piece.stringValue;
  return piece.numberValue ?? piece.boolValue ?? null;
}

function read(container: Container, step: string | number): unknown {
  return Object.hasOwn(container, step) ? (container as Record<string | number, unknown>)[step] : undefined;
}

/** Defines a property of its own, whatever its name is. */
function write(container: Container, step: string | number, value: unknown): void {
  Object.defineProperty(container, step, { value, writable: true, enumerable: true, configurable: true });
}

/** Splits `$.a[0]['b c']` into its steps. */
function parsePath(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  const step = /\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/y;
  let at = path.startsWith('$') ? 1 : 0;
  while (at < path.length) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (match === null) throw invalidAnswer(new Error('a path can not be read'));
    const [all, name, index, single, double] = match;
    if (index !== undefined && Number(index) > MAX_INDEX) throw invalidAnswer(new Error('a list is too long'));
    steps.push(index === undefined ? (name ?? single ?? double ?? '') : Number(index));
    at += all.length;
  }
  if (steps.length === 0) throw invalidAnswer(new Error('a path is empty'));
  return steps;
}
