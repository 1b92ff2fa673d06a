import { mayUse } from '../pipeline/principal.js';
import { unknownModel } from '../pipeline/resolve.js';
import type { RoutedRequest } from '../pipeline/route.js';
import { modelObject } from './model-object.js';

/** `GET /models`: the models that may be used. */
export function listModels({ principal }: RoutedRequest): object {
  const models = [...principal.catalog.models.values()].filter(({ id }) => mayUse(principal, id));
  return { object: 'list', data: models.map((model) => modelObject(model, principal.plan.multiplier)) };
}

/** `GET /models/{id}`: one of them. @throws {GatewayError} `model_not_found` for any other. */
export function retrieveModel({ principal, params }: RoutedRequest): object {
  const id = params['id'] ?? '';
  const model = principal.catalog.models.get(id);
  if (!model || !mayUse(principal, model.id)) throw unknownModel(id);
  return modelObject(model, principal.plan.multiplier);
}
