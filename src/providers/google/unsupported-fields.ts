import { GatewayError } from '../../errors.js';
import type { UnsupportedPolicy } from '../provider-adapter.js';

/** Collects the request fields that have no place in the native request. */
export class UnsupportedFields {
  readonly #names = new Set<string>();

  constructor(private readonly policy: UnsupportedPolicy) {}

  /** Leaves a field out. @throws {GatewayError} `unsupported_parameter` under the policy `error`. */
  leaveOut(name: string): void {
    if (this.policy === 'error') {
      throw new GatewayError('unsupported_parameter', {
        param: name,
        message: `The model does not support the field '${name}'.`,
      });
    }
    this.#names.add(name);
  }

  /** Names of the fields that were left out, each once. */
  get names(): readonly string[] {
    return [...this.#names];
  }
}
