import { type Gateway, memoryStore, type Store } from '../../src/index.js';
import { sampleOptions } from './sample-options.js';
import { unservedGateway } from './test-gateway.js';

/** A gateway with the models of three providers, none of which is called. */
export function sampleGateway(store: Store = memoryStore(), now: () => number = Date.now): Gateway {
  return unservedGateway(sampleOptions(store, now));
}
