/** What an error body of a Google API says, with nothing missing. */
export interface NativeErrorBody {
  /** HTTP status out of the body. */
  readonly status: number | undefined;
  /** `INVALID_ARGUMENT`, `RESOURCE_EXHAUSTED`, …; empty when unknown. */
  readonly name: string;
  readonly message: string;
  /** `reason` of the `ErrorInfo`: `API_KEY_INVALID`, …; empty without one. */
  readonly reason: string;
  /** `QuotaFailure`: ids of the quotas that are used up. */
  readonly quotaIds: readonly string[];
  /** `RetryInfo`: how long to wait. */
  readonly retryDelayMs: number | undefined;
}

/** Canonical names and their HTTP status. Source: google.rpc.Code. */
const STATUS_BY_NAME: Readonly<Record<string, number>> = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** Reads `{"error": {…}}`, also in a list of one; anything else (an HTML page, nothing) counts as empty. */
export function readErrorBody(text: string): NativeErrorBody {
  const error = errorIn(text);
  const name = asString(error['status']);
  const code = error['code'];
  const details = Array.isArray(error['details']) ? error['details'].map(fieldsOf) : [];
  return {
    status: isHttpError(code) ? code : Object.hasOwn(STATUS_BY_NAME, name) ? STATUS_BY_NAME[name] : undefined,
    name,
    message: asString(error['message']),
    reason: details.map((detail) => asString(detail['reason'])).find((reason) => reason !== '') ?? '',
    quotaIds: details
      .flatMap(({ violations }) => (Array.isArray(violations) ? violations : []))
      .map((violation) => {
        return asString(fieldsOf(violation)['quotaId']);
      }),
    retryDelayMs: details.map(({ retryDelay }) => durationMs(retryDelay)).find((delay) => delay !== undefined),
  };
}

function errorIn(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    const body = Array.isArray(json) ? json.map(fieldsOf).find((item) => 'error' in item) : json;
    const { error } = fieldsOf(body);
    return typeof error === 'string' ? { message: error } : fieldsOf(error);
  } catch {
    return {};
  }
}

/** `"34.4s"`, the JSON form of google.protobuf.Duration. */
function durationMs(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(value)?.[1] : undefined;
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1_000);
}

function isHttpError(code: unknown): code is number {
  return typeof code === 'number' && Number.isInteger(code) && code >= 400 && code <= 599;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
