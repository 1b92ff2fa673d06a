import type { Model, Target } from '../catalog/catalog.js';
import { GatewayError } from '../lib/errors.js';
import type { Operation } from './operation.js';
import { mayUse, type Principal } from './principal.js';
import type { Runtime } from './runtime.js';

/** Where a request can be answered, in the order to try. */
export interface Resolution {
  readonly model: Model;
  readonly targets: readonly Target[];
}

/**
 * Stage 4 of 9 · model id and plan -> ordered targets.
 *
 * @throws {GatewayError} `model_not_found` for an unknown model, `model_not_allowed` for one off the plan or key.
 */
export function resolve(operation: Operation, principal: Principal, runtime: Runtime): Resolution {
  const model = principal.catalog.models.get(operation.model);
  if (!model) throw unknownModel(operation.model);
  if (!mayUse(principal, model.id)) {
    const message = `You may not use the model '${model.id}'.`;
    throw new GatewayError('model_not_allowed', { message, param: 'model' });
  }
  const fitting = model.targets.filter((target) => operation.fits(target.adapter));
  if (fitting.length === 0) {
    const message = `The model '${model.id}' does not support ${operation.route}.`;
    throw new GatewayError('unsupported_value', { message, param: 'model' });
  }
  return { model, targets: runtime.targets.inOrder(fitting, operation.stickyKey, principal.account.id) };
}

export function unknownModel(id: string): GatewayError {
  const message = `The model '${printable(id)}' does not exist or you do not have access to it.`;
  return new GatewayError('model_not_found', { message, param: 'model' });
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
