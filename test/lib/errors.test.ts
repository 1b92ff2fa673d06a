import { describe, expect, test } from 'vitest';
import { errorBody, GatewayError, toGatewayError } from '../../src/lib/errors.js';

describe('an error for a client', () => {
  test.each([
    ['invalid_api_key', 401, 'invalid_request_error'],
    ['insufficient_balance', 403, 'insufficient_quota'],
    ['budget_exceeded', 403, 'insufficient_quota'],
    ['tokens_exceed_limit', 400, 'invalid_request_error'],
    ['rate_limit_exceeded', 429, 'requests'],
    ['upstream_timeout', 504, 'server_error'],
  ] as const)('%s is a %s of type %s', (code, status, type) => {
    const error = new GatewayError(code);
    expect([error.status, error.type, error.code]).toEqual([status, type, code]);
    expect(error.message).not.toBe('');
  });

  test('always has all four fields', () => {
    expect(errorBody(new GatewayError('model_not_found', { param: 'model' }))).toEqual({
      error: {
        message: 'The model does not exist.',
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      },
    });
    expect(errorBody(new GatewayError('internal_error')).error.param).toBeNull();
  });

  test('may replace text, type, status and public code', () => {
    const error = new GatewayError('rate_limit_exceeded', {
      message: 'Slow down.',
      type: 'tokens',
      status: 420,
      publicCode: null,
      headers: { 'retry-after': '1' },
    });
    expect(errorBody(error).error).toEqual({ message: 'Slow down.', type: 'tokens', param: null, code: null });
    expect([error.status, error.headers]).toEqual([420, { 'retry-after': '1' }]);
  });

  test('keeps its cause for the log and out of the body', () => {
    const error = new GatewayError('upstream_error', { cause: new Error('sk-secret') });
    expect(error.cause).toBeInstanceOf(Error);
    expect(JSON.stringify(errorBody(error))).not.toContain('sk-secret');
  });
});

describe('anything thrown', () => {
  test('that is such an error stays as it is, also one of another copy of the package', () => {
    const error = new GatewayError('not_found');
    expect(toGatewayError(error)).toBe(error);
    const foreign = Object.assign(new Error('x'), { [Symbol.for('metask-gateway.error')]: true });
    expect(GatewayError.isInstance(foreign)).toBe(true);
  });

  test.each([new Error('password=1'), 'password=1', undefined, null, { password: 1 }])(
    'else is masked: %s',
    (thrown) => {
      const error = toGatewayError(thrown);
      expect([error.code, error.status]).toEqual(['internal_error', 500]);
      expect(JSON.stringify(errorBody(error))).not.toContain('password');
    },
  );
});
