import type { ProviderAdapter } from './adapter.js';

const selfStopping = new WeakSet<ProviderAdapter>();

/** Notes that an adapter listens to `call.cancellation`, and stops at once when its transport does. */
export function stopsItself(adapter: ProviderAdapter): ProviderAdapter {
  selfStopping.add(adapter);
  return adapter;
}

/** True for such an adapter, never for a copy of one. No signal is made for it, and no watch is kept that it stops. */
export function isSelfStopping(adapter: ProviderAdapter): boolean {
  return selfStopping.has(adapter);
}
