import { includesModel, type Model } from '../catalog/catalog.js';
import type { GatewayRequest, GatewayResponse } from '../http/exchange.js';
import { toGatewayError } from '../lib/errors.js';
import { authenticate, type Principal } from '../pipeline/authenticate.js';
import { unknownModel } from '../pipeline/resolve.js';
import { type Facts, respondError, respondJson } from '../pipeline/respond.js';
import { limitStates } from '../pipeline/run.js';
import type { Runtime } from '../pipeline/runtime.js';
import { modelObject } from './model-object.js';

/** `GET /models`: the models this key may use. */
export function listModels(requestId: string, request: GatewayRequest, gateway: Runtime): Promise<GatewayResponse> {
  return answer(requestId, request, gateway, (principal) => {
    const models = [...gateway.catalog.models.values()].filter((model) => mayUse(principal, model));
    return { object: 'list', data: models.map((model) => modelObject(model, principal.plan.multiplier)) };
  });
}

/** `GET /models/{id}`: one of them; another one does not exist. */
export function retrieveModel(
  requestId: string,
  request: GatewayRequest,
  id: string,
  gateway: Runtime,
): Promise<GatewayResponse> {
  return answer(requestId, request, gateway, (principal) => {
    const model = gateway.catalog.models.get(id);
    if (!model || !mayUse(principal, model)) throw unknownModel(id);
    return modelObject(model, principal.plan.multiplier);
  });
}

async function answer(
  requestId: string,
  request: GatewayRequest,
  gateway: Runtime,
  read: (principal: Principal) => object,
): Promise<GatewayResponse> {
  let facts: Facts = { requestId, states: [] };
  try {
    const principal = await authenticate(request, gateway);
    facts = { requestId, states: await limitStates(principal, gateway) };
    return respondJson(facts, read(principal));
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (error.status >= 500) gateway.reportFault(requestId, error);
    return respondError(facts, error);
  }
}

function mayUse({ plan, key }: Principal, model: Model): boolean {
  return includesModel(plan, key.models, model.id);
}
