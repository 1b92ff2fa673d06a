import { GatewayError } from '../lib/errors.js';

/**
 * Calls an adapter, and renames the fields in its errors to the client's own names.
 *
 * @param originOf the name that a field of the chat request has in the client's request.
 */
export async function inClientTerms<T>(work: () => Promise<T>, originOf: (param: string) => string): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!GatewayError.isInstance(thrown) || thrown.param === null) throw thrown;
    const param = originOf(thrown.param);
    if (param === thrown.param) throw thrown;
    const { code, message, type, publicCode, status, headers, cause } = thrown;
    const words = message.replaceAll(thrown.param, param);
    throw new GatewayError(code, { message: words, param, type, publicCode, status, headers, cause });
  }
}
