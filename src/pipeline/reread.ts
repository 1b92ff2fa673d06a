import type { GatewayRequest } from '../http/exchange.js';
import { resolve } from './resolve.js';
import type { Run } from './run-state.js';

/** Reads a request again with another body, so that its size, its limits and what is sent are those of the new one. */
export async function rereadWith(run: Run, body: object): Promise<void> {
  const { requestId, params, principal, runtime } = run;
  run.parts.operation = await run.route.read({
    requestId,
    params,
    principal,
    runtime,
    request: withBody(run.request, body),
  });
  run.parts.resolution = resolve(run.operation, run.principal, runtime);
}

function withBody(request: GatewayRequest, parsedBody: object): GatewayRequest {
  return {
    method: request.method,
    path: request.path,
    headers: request.headers,
    parsedBody,
    body: () => Promise.reject(new Error('the body has been read')),
    get signal() {
      return request.signal;
    },
  };
}
