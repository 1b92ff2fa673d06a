import { GatewayError } from '../../lib/errors.js';
import { type Fields, isFields } from './fields.js';
import { decided, isDecided, LIMITS } from './gateway-owned-fields.js';

/** The part of a call that its native fields are in. */
interface CallWithOptions {
  readonly request: { readonly provider_options?: Readonly<Record<string, unknown>> };
  readonly maxOutputTokens?: number | undefined;
}

/**
 * Puts the client's native fields into a request, last: its keys win. Output limits can only be lowered, because the
 * request has been paid for as it was.
 *
 * @param name the key under `provider_options`.
 * @throws {GatewayError} for fields that the gateway decides.
 */
export function mergeProviderOptions(
  native: Fields,
  { request, maxOutputTokens }: CallWithOptions,
  name: string,
): void {
  const options: unknown = request.provider_options?.[name];
  if (options === undefined || options === null) return;
  if (!isFields(options)) throw new GatewayError('invalid_type', { param: `provider_options.${name}` });
  for (const [key, value] of Object.entries(options)) {
    const param = `provider_options.${name}.${key}`;
    if (isDecided(key)) throw decided(key, param);
    if (key === '__proto__') continue;
    if (LIMITS.includes(key)) {
      if (!Number.isInteger(value) || Number(value) < 1) throw new GatewayError('invalid_value', { param });
      const field = LIMITS.find((limit) => native[limit] !== undefined) ?? key;
      native[field] = Math.min(Number(value), maxOutputTokens ?? Number(value));
    } else native[key] = value;
  }
}
