/**
 * Every error a client can receive: HTTP status, OpenAI `type` and default text.
 *
 * Shapes follow the error table of the OpenAI API reference; the codes are part of the public contract.
 */
const CODES = {
  invalid_request: [400, 'invalid_request_error', 'The request is not valid.'],
  invalid_json: [400, 'invalid_request_error', 'The body is not valid JSON.'],
  json_too_deep: [400, 'invalid_request_error', 'The body is nested too deeply.'],
  json_too_complex: [400, 'invalid_request_error', 'The body holds too many values.'],
  invalid_type: [400, 'invalid_request_error', 'A field has the wrong type.'],
  invalid_value: [400, 'invalid_request_error', 'A field has a value that is not allowed.'],
  missing_required_parameter: [400, 'invalid_request_error', 'A required field is missing.'],
  unsupported_parameter: [400, 'invalid_request_error', 'The model does not support a field.'],
  unsupported_value: [400, 'invalid_request_error', 'The model does not support the value of a field.'],
  context_length_exceeded: [400, 'invalid_request_error', "The request is longer than the model's context."],
  content_policy_violation: [400, 'invalid_request_error', 'The provider refused the content of the request.'],
  conflicting_credentials: [400, 'invalid_request_error', 'The request carries two different API keys.'],
  tokens_exceed_limit: [400, 'invalid_request_error', 'The request needs more tokens than the limit ever allows.'],
  invalid_api_key: [401, 'invalid_request_error', 'Incorrect API key provided.'],
  model_not_allowed: [403, 'invalid_request_error', 'The API key may not use this model.'],
  insufficient_balance: [403, 'insufficient_quota', 'The balance does not cover this request.'],
  budget_exceeded: [403, 'insufficient_quota', 'The budget of this API key does not cover this request.'],
  origin_not_allowed: [403, 'invalid_request_error', 'A page of another site may not use this session.'],
  ip_not_allowed: [403, 'invalid_request_error', 'The API key may not be used from this address.'],
  route_not_allowed: [403, 'invalid_request_error', 'The API key may not use this route.'],
  account_suspended: [403, 'invalid_request_error', 'The account is suspended.'],
  forbidden: [403, 'invalid_request_error', 'This is not allowed.'],
  model_not_found: [404, 'invalid_request_error', 'The model does not exist.'],
  not_found: [404, 'invalid_request_error', 'Not found.'],
  method_not_allowed: [405, 'invalid_request_error', 'The method is not allowed here.'],
  promo_code_unknown: [404, 'invalid_request_error', 'The promo code does not exist.'],
  promo_code_expired: [410, 'invalid_request_error', 'The promo code has expired.'],
  promo_code_exhausted: [409, 'invalid_request_error', 'The promo code has been used up.'],
  promo_code_disabled: [410, 'invalid_request_error', 'The promo code is not valid any more.'],
  promo_code_new_accounts_only: [403, 'invalid_request_error', 'The promo code is for new accounts only.'],
  already_refunded: [409, 'invalid_request_error', 'The request has been refunded before.'],
  promo_code_already_used: [409, 'invalid_request_error', 'The account has already used this promo code.'],
  idempotency_conflict: [409, 'invalid_request_error', 'The idempotency key was used with other values.'],
  conflict: [409, 'invalid_request_error', 'The change conflicts with the current state.'],
  request_too_large: [413, 'invalid_request_error', 'The body is too large.'],
  unsupported_media_type: [415, 'invalid_request_error', 'The content type must be application/json.'],
  allowance_exhausted: [429, 'insufficient_quota', 'What the plan includes has been used up.'],
  rate_limit_exceeded: [429, 'requests', 'Rate limit reached.'],
  internal_error: [500, 'server_error', 'The server had an error while processing the request.'],
  upstream_error: [502, 'server_error', 'The model provider failed to answer.'],
  upstream_truncated: [502, 'server_error', 'The model provider ended its answer too early.'],
  upstream_unavailable: [503, 'server_error', 'The model provider is not available.'],
  service_unavailable: [503, 'server_error', 'The service is not available right now.'],
  upstream_timeout: [504, 'server_error', 'The model provider took too long to answer.'],
} as const satisfies Record<string, readonly [number, string, string]>;

/** The `code` of an error body. */
export type GatewayErrorCode = keyof typeof CODES;

/** All of them. */
export const ERROR_CODES = Object.keys(CODES) as GatewayErrorCode[];

/** What an error may say beyond its code. */
export interface GatewayErrorDetails {
  /** Text for the client; must hold no secret and no upstream text. */
  readonly message?: string;
  /** The field the client must change, as a path: `messages[0].role`. */
  readonly param?: string;
  /** Replaces the `type` of the code table (`tokens`, `concurrency` for rate limits). */
  readonly type?: string;
  /** Replaces the `code` in the body, for codes that only a provider knows. */
  readonly publicCode?: string | null;
  /** Replaces the HTTP status of the code table. */
  readonly status?: number;
  /** Extra answer headers, lower-case names. */
  readonly headers?: Record<string, string>;
  /** The underlying fault; logged, never shown. */
  readonly cause?: unknown;
}

/** The body of every error answer, as the OpenAI API defines it: all four fields are always there. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

const MARK = Symbol.for('metask-gateway.error');

/** The one error class of the package: an answer that the client may see. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayErrorCode;
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly publicCode: string | null;
  readonly headers: Record<string, string>;

  constructor(code: GatewayErrorCode, details: GatewayErrorDetails = {}) {
    const [status, type, message] = CODES[code];
    super(details.message ?? message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? status;
    this.type = details.type ?? type;
    this.param = details.param ?? null;
    this.publicCode = details.publicCode === undefined ? code : details.publicCode;
    this.headers = details.headers ?? {};
    Object.defineProperty(this, MARK, { value: true });
  }

  /** True for an error of this class, also one that another copy of the package made. */
  static isInstance(value: unknown): value is GatewayError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

/** Turns anything thrown into a `GatewayError`; what is unknown is masked as `internal_error`. */
export function toGatewayError(thrown: unknown): GatewayError {
  return GatewayError.isInstance(thrown) ? thrown : new GatewayError('internal_error', { cause: thrown });
}

/** The same error with further headers; the original may be shared by several requests. */
export function withHeaders(error: GatewayError, headers: Readonly<Record<string, string>>): GatewayError {
  const { code, message, status, type, publicCode, cause, stack } = error;
  const copy = new GatewayError(code, {
    ...{ message, status, type, publicCode, cause, headers: { ...error.headers, ...headers } },
    ...(error.param !== null && { param: error.param }),
  });
  if (stack !== undefined) copy.stack = stack;
  return copy;
}

/** The error body that goes to the client. */
export function errorBody(error: GatewayError): ErrorBody {
  return { error: { message: error.message, type: error.type, param: error.param, code: error.publicCode } };
}

/** @throws {GatewayError} `service_unavailable`, which a client gets when a store or limiter is unreachable. */
export function unreachable(cause: unknown): never {
  throw new GatewayError('service_unavailable', { headers: { 'retry-after': '1' }, cause });
}
