import type { ExchangeHandler } from './exchange.js';

/**
 * What is wrong where an adapter was given nothing to serve: every request would fail. Undefined where there is something.
 *
 * @param adapter the function, for the message: `toExpressHandler`.
 */
export function missingHandler(adapter: string, handler: ExchangeHandler): TypeError | undefined {
  if (typeof handler?.handle === 'function') return undefined;
  return new TypeError(
    `${adapter}: there is nothing to serve: give it what createGateway() or createDashboard() returned`,
  );
}

/** @throws {TypeError} @see missingHandler */
export function checkHandler(adapter: string, handler: ExchangeHandler): void {
  const missing = missingHandler(adapter, handler);
  if (missing) throw missing;
}
