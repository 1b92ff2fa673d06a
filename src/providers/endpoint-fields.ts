import { type AllowedFields, checkValue } from './allowed-fields.js';

/** The fields that an API which copies OpenAI's may be sent. */
export interface EndpointFields {
  /** Under `provider_options`. */
  readonly options: AllowedFields;
  /** At the top of a chat request. */
  readonly top: AllowedFields;
  /** What these fields of a request for a response may hold. */
  readonly response: AllowedFields;
  /** What the options of a stream may hold. */
  readonly streamOptions: AllowedFields;
  /** True where the operator lets everything pass. */
  readonly everything: boolean;
}

/**
 * A request without the fields that are on no list.
 *
 * @param counted the fields of its route that the gateway has counted.
 * @throws {GatewayError} for what is inside of a field and not allowed there.
 */
export function withoutUnlisted(
  request: Readonly<Record<string, unknown>>,
  { options, streamOptions, everything }: EndpointFields,
  counted: readonly string[],
): Record<string, unknown> {
  if (everything) return { ...request };
  checkValue(request['stream_options'], streamOptions, 'stream_options');
  const kept: Record<string, unknown> = {};
  for (const name in request) {
    const isCounted = counted.includes(name);
    const allowed = Object.hasOwn(options, name) ? options[name] : undefined;
    if (allowed !== undefined && !isCounted) checkValue(request[name], allowed, name);
    if (allowed !== undefined || isCounted) kept[name] = request[name];
  }
  return kept;
}

/**
 * Checks what the fields of a request for a response hold.
 *
 * @throws {GatewayError} for what is not allowed there.
 */
export function checkResponse(
  request: Readonly<Record<string, unknown>>,
  { response, everything }: EndpointFields,
): void {
  if (everything) return;
  for (const name in response) {
    const allowed = response[name];
    if (allowed !== undefined) checkValue(request[name], allowed, name);
  }
}
