import { GatewayError } from '../../errors.js';
import type { UnsupportedPolicy } from '../provider-adapter.js';

/** Collects the request fields that have no place in the native request. */
export class UnsupportedFields {
  readonly #names = new Set<string>();

  constructor(private readonly policy: UnsupportedPolicy) {}

  /**
   * Leaves a field out.
   *
   * @param name what the client reads in a header: a field, or a path without indices.
   * @param param the exact path, for an error.
   * @throws {GatewayError} `unsupported_parameter` under the policy `error`.
   */
  leaveOut(name: string, param: string = name): void {
    if (this.policy === 'error') {
      throw new GatewayError('unsupported_parameter', {
        param,
        message: `The model does not support the field '${param}'.`,
      });
    }
    if (this.policy === 'warn') this.#names.add(name);
  }

  /** Names to tell the client, each once; nothing under the policy `drop`. */
  get names(): readonly string[] {
    return [...this.#names];
  }
}
