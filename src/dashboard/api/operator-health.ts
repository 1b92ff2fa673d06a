import type { RouteContext } from './route.js';

/** How the targets of the models are doing. */
export async function getHealth({ gateway }: RouteContext) {
  return { data: await gateway.health() };
}
