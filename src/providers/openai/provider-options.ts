import { GatewayError } from '../../lib/errors.js';
import { type AllowedFields, checkAllowed } from '../allowed-fields.js';
import { type Fields, isFields } from './fields.js';
import { LIMITS } from './gateway-owned-fields.js';

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
 * @param allowed the fields that may be set.
 * @throws {GatewayError} for fields that are not on the list.
 */
export function mergeProviderOptions(
  native: Fields,
  { request, maxOutputTokens }: CallWithOptions,
  name: string,
  allowed: AllowedFields,
): void {
  const options: unknown = request.provider_options?.[name];
  if (options === undefined || options === null) return;
  const path = `provider_options.${name}`;
  if (!isFields(options)) throw new GatewayError('invalid_type', { param: path });
  checkAllowed(options, allowed, path);
  for (const [key, value] of Object.entries(options)) {
    const param = `${path}.${key}`;
    if (key === '__proto__') continue;
    if (LIMITS.includes(key)) {
      if (!Number.isInteger(value) || Number(value) < 1) throw new GatewayError('invalid_value', { param });
      const field = LIMITS.find((limit) => native[limit] !== undefined) ?? key;
      native[field] = Math.min(Number(value), maxOutputTokens ?? Number(value));
    } else native[key] = value;
  }
}
