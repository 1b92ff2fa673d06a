import type { ExchangeHandler } from './exchange.js';

/**
 * What is wrong where an adapter was given nothing to serve: every request would fail. Undefined where there is something.
 *
 * @param adapter the function, for the message: `toExpressHandler`.
 */
export function missingHandler(adapter: string, handler: ExchangeHandler): TypeError | undefined {
  return typeof handler?.handle === 'function' ? undefined : new TypeError(`${adapter}: gateway is missing`);
}

/** @throws {TypeError} @see missingHandler */
export function checkHandler(adapter: string, handler: ExchangeHandler): void {
  const missing = missingHandler(adapter, handler);
  if (missing) throw missing;
}
