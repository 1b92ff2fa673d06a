import { describe, expect, it } from 'vitest';
import { toError } from '../../../src/providers/openai/to-error.js';

function answer(status: number, error: object | string, headers: Record<string, string> = {}) {
  const text = typeof error === 'string' ? error : JSON.stringify({ error });
  return toError({ status, headers, text }, ['sk-secret-of-the-operator']);
}

describe('an error of OpenAI', () => {
  it.each([401, 403])("with status %i is the gateway's own trouble, never the client's 401", (status) => {
    const error = answer(status, { message: 'Incorrect API key provided: sk-abc', code: 'invalid_api_key' });
    expect(error.fault).toBe('auth');
    expect(error.clientError).toMatchObject({ status: 502, code: 'upstream_error' });
    expect(error.clientError.message).not.toContain('key');
  });

  it.each([
    [429, 'insufficient_quota'],
    [402, 'insufficient_credits'],
  ])("with status %i and code %s is not the client's quota", (status, code) => {
    const error = answer(status, { message: 'You exceeded your current quota', type: code, code });
    expect(error).toMatchObject({ fault: 'auth', clientError: { status: 503, code: 'upstream_unavailable' } });
  });

  it('with status 429 is a provider that is not available for a while', () => {
    const error = answer(429, { message: 'Rate limit of org-AbCdEf123', type: 'tokens' }, { 'retry-after': '20' });
    expect(error).toMatchObject({ fault: 'status', status: 429, retryAfterMs: 20_000 });
    expect(error.clientError).toMatchObject({ status: 503, code: 'upstream_unavailable' });
    expect(error.clientError.headers).toEqual({ 'retry-after': '20' });
  });

  it('that the client can mend is passed on without links, keys and ids', () => {
    const message = 'Bad value. Key sk-secret-of-the-operator of org-AbCdEf123456. See https://platform.openai.com/x';
    const error = answer(400, { message, type: 'invalid_request_error', param: 'messages[0].role', code: 'bad_value' });
    expect(error.clientError).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      publicCode: 'bad_value',
      param: 'messages[0].role',
      message: 'Bad value. Key [redacted] of [redacted]. See [link]',
    });
  });

  it.each([
    [400, { message: 'too long', code: 'context_length_exceeded' }, 400, 'context_length_exceeded'],
    [400, { message: "This model's maximum context length is 8192 tokens." }, 400, 'context_length_exceeded'],
    [400, { message: 'no', code: 'content_policy_violation' }, 400, 'content_policy_violation'],
    [404, { message: 'The model `x` does not exist', code: 'model_not_found' }, 404, 'model_not_found'],
    [413, { message: 'large' }, 413, 'request_too_large'],
    [403, { code: 403, message: 'flagged', metadata: { reasons: ['x'] } }, 400, 'content_policy_violation'],
    [500, { message: 'secret stack' }, 502, 'upstream_error'],
    [503, { message: 'overloaded' }, 503, 'upstream_unavailable'],
    [504, {}, 504, 'upstream_timeout'],
    [302, '', 502, 'upstream_error'],
    [418, '<html>', 502, 'upstream_error'],
  ] as const)('with status %i and %o becomes %i %s', (status, body, seen, code) => {
    expect(answer(status, body).clientError).toMatchObject({ status: seen, code });
  });

  it("that its model is unknown does not tell the operator's name of the model", () => {
    const message = 'The model `ft:gpt-4o:acme::8xyz` does not exist';
    const { clientError } = answer(404, { message, code: 'model_not_found' });
    expect(clientError).toMatchObject({ status: 404, code: 'model_not_found', message: 'The model does not exist.' });
  });

  it.each([400, 404, 422, 500])('that is a page of HTML with status %i is never shown', (status) => {
    const error = answer(status, '<html><body>nginx 10.0.0.7</body></html>');
    expect(error.clientError.message).not.toMatch(/nginx|html/);
  });

  it('reads the layouts of others: error as text, fields at the top, a list, numeric codes', () => {
    const read = (text: string) => toError({ status: 400, headers: {}, text }, []).clientError;
    expect(read('{"error":"Bad input"}').message).toBe('Bad input');
    expect(read('{"object":"error","message":"Bad","type":"invalid_request_error","code":"3051"}')).toMatchObject({
      message: 'Bad',
      publicCode: null,
    });
    expect(read('[{"error":{"message":"Bad","code":400,"status":"INVALID_ARGUMENT"}}]').message).toBe('Bad');
  });
});

describe('an error event inside a stream', () => {
  const event = (error: object) => toError({ headers: {}, text: JSON.stringify({ error }) }, []);

  it.each([
    [{ code: 502, message: 'Provider disconnected' }, 502, 'upstream_error'],
    [{ code: 429, message: 'Slow down' }, 429, 'upstream_unavailable'],
    [{ type: 'overloaded_error', message: 'x' }, 503, 'upstream_unavailable'],
    [{ type: 'server_error', message: 'x' }, 500, 'upstream_error'],
    [{ type: 'invalid_request_error', code: 'tool_use_failed', message: 'Bad call' }, 400, 'invalid_request'],
  ])('%o stands for status %i', (error, status, code) => {
    expect(event(error)).toMatchObject({ fault: 'event', status, clientError: { code } });
  });
});
