import { describe, expect, test } from 'vitest';
import { errorBody } from '../../../src/lib/errors.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';

const KEY = 'sk-ant-api03-verysecret';
const dialect = anthropicDialect({ secrets: [KEY] });
const native = (type: string, message: string) =>
  JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_011CVEA3SF7' });
const read = (status: number | undefined, text: string, headers: Record<string, string> = {}) =>
  dialect.toError({ ...(status !== undefined && { status }), headers, text });

describe('an error answer', () => {
  test.each<[number, string, string, string, number, string | null]>([
    [400, 'invalid_request_error', 'messages.0: bad', 'status', 400, null],
    [
      400,
      'invalid_request_error',
      'prompt is too long: 210000 tokens > 200000 maximum',
      'status',
      400,
      'context_length_exceeded',
    ],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000',
      'status',
      400,
      'context_length_exceeded',
    ],
    [
      400,
      'invalid_request_error',
      'Output blocked by content filtering policy',
      'status',
      400,
      'content_policy_violation',
    ],
    [
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API.',
      'auth',
      503,
      'upstream_unavailable',
    ],
    [401, 'authentication_error', 'invalid x-api-key', 'auth', 502, 'upstream_error'],
    [402, 'billing_error', 'pay', 'auth', 503, 'upstream_unavailable'],
    [403, 'permission_error', 'no', 'auth', 502, 'upstream_error'],
    [404, 'not_found_error', 'model: claude-x', 'status', 404, 'model_not_found'],
    [409, 'conflict_error', 'again', 'status', 409, null],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'status', 413, 'request_too_large'],
    [429, 'rate_limit_error', 'slow down', 'status', 503, 'upstream_unavailable'],
    [500, 'api_error', 'Internal server error', 'status', 502, 'upstream_error'],
    [504, 'timeout_error', 'too slow', 'status', 504, 'upstream_timeout'],
    [529, 'overloaded_error', 'Overloaded', 'status', 503, 'upstream_unavailable'],
  ])('%i %s "%s"', (status, type, message, fault, clientStatus, code) => {
    const error = read(status, native(type, message));
    expect(error).toMatchObject({ fault, status, clientError: { status: clientStatus } });
    expect(errorBody(error.clientError).error.code).toBe(code);
    expect(error.clientError.status).not.toBe(401);
  });

  test('tells the client what to mend, without links, ids and keys', () => {
    const { clientError } = read(
      400,
      native('invalid_request_error', `max_tokens: bad for ${KEY}, see https://docs.x org-abcdef123`),
    );
    expect(clientError.message).toBe('max_tokens: bad for [redacted], see [link] [redacted]');
  });

  test('names no model that only the operator knows', () => {
    expect(read(404, native('not_found_error', 'model: claude-secret')).clientError.message).not.toContain('secret');
  });

  test.each(['', '<html>529</html>', '[]', '{"error":"x"}', '{"error":{"message":5}}'])(
    'that is none of its own is read by its status: %j',
    (text) => {
      expect(read(529, text)).toMatchObject({ fault: 'status', clientError: { code: 'upstream_unavailable' } });
    },
  );
});

describe('how long to wait', () => {
  const date = 'Sat, 21 Nov 2026 00:00:00 GMT';
  const limit = (remaining: string, seconds: number) => ({
    'anthropic-ratelimit-input-tokens-remaining': remaining,
    'anthropic-ratelimit-input-tokens-reset': new Date(Date.parse(date) + seconds * 1000).toISOString(),
  });

  test.each<[string, Record<string, string>, number | undefined]>([
    ['in seconds', { 'retry-after': '7' }, 7_000],
    ['in milliseconds', { 'retry-after-ms': '70' }, 70],
    ['until a date', { 'retry-after': 'Sat, 21 Nov 2026 00:00:09 GMT', date }, 9_000],
    ['until the used up limit resets', { date, ...limit('0', 12) }, 12_000],
    ['not for a limit with something left', { date, ...limit('5', 12) }, undefined],
    ['unknown', {}, undefined],
  ])('%s', (_title, headers, wait) => {
    expect(read(429, native('rate_limit_error', 'slow'), headers).retryAfterMs).toBe(wait);
  });
});

describe('an error event', () => {
  test.each([
    ['overloaded_error', 529, 503],
    ['api_error', 500, 502],
    ['rate_limit_error', 429, 503],
    ['invalid_request_error', 400, 400],
    ['something_new', 500, 502],
  ])('%s stands for a status', (type, status, clientStatus) => {
    expect(read(undefined, native(type, 'm'))).toMatchObject({
      fault: 'event',
      status,
      clientError: { status: clientStatus },
    });
  });
});
