import { GatewayError } from '../lib/errors.js';
import type { UnsupportedPolicy } from './adapter.js';

/** Collects the request fields that are dropped, or refuses the first of them. */
export class UnsupportedParams {
  readonly #policy: UnsupportedPolicy;
  #names: Set<string> | undefined;

  constructor(policy: UnsupportedPolicy) {
    this.#policy = policy;
  }

  /**
   * Notes that a field has no effect.
   *
   * @param name what the client reads in the header: a field name or a path without indices.
   * @param param the exact path for an error; default: `name`.
   * @throws {GatewayError} `unsupported_parameter` under the policy `error`.
   */
  drop(name: string, param: string = name): void {
    if (this.#policy === 'error') {
      throw new GatewayError('unsupported_parameter', { param, message: `The model does not support '${param}'.` });
    }
    if (this.#policy === 'warn') (this.#names ??= new Set()).add(name);
  }

  /** What to name to the client, in the order in which it was met, each once; nothing under the policy `drop`. */
  get names(): readonly string[] {
    return this.#names ? [...this.#names] : NONE;
  }
}

const NONE: readonly string[] = [];
