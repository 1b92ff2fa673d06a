import { describe, expect, it } from 'vitest';
import { countingDialect } from './support/call.js';

const INFO = 'type.googleapis.com/google.rpc.';

function read(status: number | undefined, error: unknown, headers: Record<string, string> = {}) {
  const text = typeof error === 'string' ? error : JSON.stringify(error);
  const { toError } = countingDialect();
  const failed = toError({ ...(status !== undefined && { status }), headers, text });
  const { code, publicCode, status: shown, param, message, type } = failed.clientError;
  return {
    fault: failed.fault,
    status: failed.status,
    retryAfterMs: failed.retryAfterMs,
    code,
    publicCode,
    shown,
    param,
    message,
    type,
    headers: failed.clientError.headers,
  };
}

function body(code: number, status: string, message = '', details: object[] = []) {
  return { error: { code, message, status, details } };
}

describe("errors of the gateway's own account", () => {
  const invalidKey = [{ '@type': `${INFO}ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' }];
  it.each([
    [400, body(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', invalidKey)],
    [400, body(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.')],
    [400, body(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.')],
    [401, body(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')],
    [403, body(403, 'PERMISSION_DENIED', 'Generative Language API has not been used in project 123 before')],
    [403, '<html>Forbidden</html>'],
  ])('%s %j are never shown to a client as theirs', (status, error) => {
    expect(read(status, error)).toMatchObject({
      fault: 'auth',
      status,
      shown: 502,
      code: 'upstream_error',
      message: 'The model provider failed to answer.',
    });
  });
});

describe("errors of the client's request", () => {
  it.each([
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    'The input token count exceeds the maximum number of tokens allowed 1048576.',
    'Unable to submit request because the input token count is 33000 but model only supports up to 32768.',
  ])('know a prompt that is too long: %s', (message) => {
    expect(read(400, body(400, 'INVALID_ARGUMENT', message))).toMatchObject({
      shown: 400,
      code: 'context_length_exceeded',
      param: 'messages',
      message,
    });
  });

  it('repeat what the provider says, without secrets and links', () => {
    const message = 'Bad  value with AIza-secret-of-the-operator,\nsee https://ai.google.dev/x';
    expect(read(400, body(400, 'INVALID_ARGUMENT', message))).toMatchObject({
      fault: 'status',
      shown: 400,
      code: 'invalid_request',
      publicCode: null,
      type: 'invalid_request_error',
      message: 'Bad value with [redacted], see [link]',
    });
  });

  it.each([
    [
      400,
      body(400, 'FAILED_PRECONDITION', 'The File abc is not in an ACTIVE state and usage is not allowed.'),
      400,
      'invalid_request',
    ],
    [
      403,
      body(403, 'PERMISSION_DENIED', 'You do not have permission to access the File abc or it may not exist.'),
      400,
      'invalid_request',
    ],
    [404, body(404, 'NOT_FOUND', 'models/x is not found for API version v1beta'), 404, 'model_not_found'],
    [
      400,
      body(400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'),
      413,
      'request_too_large',
    ],
    [413, '', 413, 'request_too_large'],
    [422, '{"error":"odd"}', 422, 'invalid_request'],
  ])('%s %j is %s %s', (status, error, shown, code) => {
    expect(read(status, error)).toMatchObject({ fault: 'status', shown, code });
  });
});

describe('rate limits', () => {
  const quota = (quotaId: string) => ({ '@type': `${INFO}QuotaFailure`, violations: [{ quotaId }] });
  const retry = { '@type': `${INFO}RetryInfo`, retryDelay: '34.4s' };

  it('say when to come back, from RetryInfo', () => {
    const details = [quota('GenerateRequestsPerMinutePerProjectPerModel'), retry];
    expect(read(429, body(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for project 123', details))).toMatchObject({
      fault: 'status',
      status: 429,
      shown: 503,
      code: 'upstream_unavailable',
      message: 'The model provider is not available.',
      retryAfterMs: 34_400,
      headers: { 'retry-after': '35' },
    });
  });

  it('say when to come back, from the header', () => {
    expect(read(429, body(429, 'RESOURCE_EXHAUSTED'), { 'retry-after': '7' }).retryAfterMs).toBe(7_000);
    expect(read(429, body(429, 'RESOURCE_EXHAUSTED'), { 'retry-after': 'soon' }).retryAfterMs).toBeUndefined();
  });

  it.each([
    [429, body(429, 'RESOURCE_EXHAUSTED', 'x', [quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'), retry])],
    [429, body(429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.')],
    [400, body(400, 'FAILED_PRECONDITION', 'Enable billing on your project in Google AI Studio.')],
  ])('of a day or an empty account are not worth retrying: %s %j', (status, error) => {
    expect(read(status, error)).toMatchObject({ fault: 'auth', shown: 503, code: 'upstream_unavailable' });
  });

  it.each([
    ['0.2s', '1'],
    ['90s', '60'],
  ])('tell clients 1 to 60 seconds for %s', (retryDelay, header) => {
    expect(read(429, body(429, 'RESOURCE_EXHAUSTED', '', [{ retryDelay }])).headers['retry-after']).toBe(header);
  });
});

describe('failures of the provider', () => {
  it.each([
    [500, body(500, 'INTERNAL', 'An internal error has occurred.'), 502, 'upstream_error'],
    [503, body(503, 'UNAVAILABLE', 'The model is overloaded.'), 503, 'upstream_unavailable'],
    [504, body(504, 'DEADLINE_EXCEEDED'), 504, 'upstream_timeout'],
    [499, body(499, 'CANCELLED'), 502, 'upstream_error'],
    [302, '', 502, 'upstream_error'],
    [502, '<html>Bad gateway</html>', 502, 'upstream_error'],
  ])('%s %j are %s %s without their text', (status, error, shown, code) => {
    const failed = read(status, error);
    expect(failed).toMatchObject({ fault: 'status', status, shown, code });
    expect(failed.message).toMatch(/^The model provider/);
  });
});

describe('the status of an error event', () => {
  it.each([
    [body(429, 'RESOURCE_EXHAUSTED'), 429],
    [[body(503, 'UNAVAILABLE')], 503],
    [{ error: { status: 'UNAVAILABLE', message: 'x' } }, 503],
    [{ error: { code: 'odd', message: 'x' } }, 502],
    [{ error: 'text' }, 502],
    ['no JSON', 502],
  ])('of %j is %s', (error, status) => {
    expect(read(undefined, error)).toMatchObject({ fault: 'event', status });
  });
});
