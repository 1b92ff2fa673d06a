import { describe, expect, it } from 'vitest';
import type { ClientFormat, Route } from '../../src/pipeline/route.js';
import { openaiFormat } from '../../src/routes/openai-format.js';
import { routerOf } from '../../src/routes/router.js';
import { ROUTES } from '../../src/routes/table.js';
import { unknownRoute } from '../../src/routes/unknown-route.js';

const router = routerOf(ROUTES, openaiFormat);

function find(method: string, path: string) {
  const match = router.match(method, path, {});
  return match && { route: match.route.path, params: match.params };
}

describe('the route of a path', () => {
  it.each(['chat/completions', 'responses', 'embeddings', 'completions'])('is %s under any mount', (route) => {
    for (const path of [`/${route}`, `/v1/${route}`, `/ai/v1/${route}`, `/${route}/`, `/${route}?x=1`]) {
      expect(find('POST', path)).toEqual({ route, params: {} });
    }
    expect(router.allowedMethods(`/v1/${route}`)).toBe('POST, OPTIONS');
  });

  it('is a model also where its id ends like a route', () => {
    for (const id of ['acme/embeddings', 'acme/completions', 'acme/chat/completions', 'acme/model:free']) {
      expect(find('GET', `/v1/models/${id}`)).toEqual({ route: 'models/{id}', params: { id } });
      expect(find('GET', `/v1/models/${encodeURIComponent(id)}`)).toEqual({ route: 'models/{id}', params: { id } });
    }
  });

  it('is the mount itself only for HEAD', () => {
    for (const path of ['/', '/v1', '/v1/', '/?x=1']) expect(find('HEAD', path)).toEqual({ route: '', params: {} });
    expect(find('GET', '/')).toBeUndefined();
  });

  it('refuses other methods and says which one it is', () => {
    const error = { code: 'method_not_allowed', headers: { allow: 'POST, OPTIONS' } };
    expect(() => find('GET', '/v1/responses')).toThrow(expect.objectContaining(error));
    expect(router.allowedMethods('/v1/models')).toBe('GET, HEAD, OPTIONS');
  });

  it('is none for a path that no row has', () => {
    for (const path of ['/v1/responses/resp_1', '/v1/images/nothing', '/v1/', '/v1/responses2']) {
      expect(find('POST', path)).toBeUndefined();
      expect(unknownRoute(ROUTES, path).message).toMatch(
        /Unknown route.*chat\/completions.*responses.*embeddings.*completions.*models/,
      );
    }
  });
});

describe('a row of the table', () => {
  const native: ClientFormat = { ...openaiFormat, name: 'native', speaks: (headers) => headers['x-native'] === '1' };
  const answer = () => ({});
  const routes: Route[] = [
    { method: 'GET', path: 'models', format: native, accepts: (headers) => headers['x-native'] === '1', answer },
    { method: 'GET', path: 'models', format: openaiFormat, answer },
    { method: 'GET', path: 'models/{id}', format: openaiFormat, answer },
    { method: 'POST', path: 'models/{model}:generateContent', format: native, answer },
    { method: 'POST', path: 'models/{model}:countTokens', format: native, answer },
    { method: 'GET', path: 'requests/{id}', format: openaiFormat, answer },
  ];
  const table = routerOf(routes, openaiFormat);

  it('may have a verb after its parameter', () => {
    for (const path of [
      '/v1beta/models/gemini-2.0-flash:generateContent',
      '/models/gemini-2.0-flash:generateContent',
    ]) {
      expect(table.match('POST', path, {})).toMatchObject({
        route: { path: 'models/{model}:generateContent' },
        params: { model: 'gemini-2.0-flash' },
      });
    }
    const counted = table.match('POST', '/v1beta/models/google%2Fgemini:countTokens', {});
    expect(counted?.params).toEqual({ model: 'google/gemini' });
  });

  it('shares a path with rows of other methods', () => {
    expect(table.match('GET', '/v1/models/x:generateContent', {})?.route.path).toBe('models/{id}');
    expect(() => table.match('DELETE', '/v1/models/x:countTokens', {})).toThrow(
      expect.objectContaining({ headers: { allow: 'POST, GET, HEAD, OPTIONS' } }),
    );
  });

  it('is picked by what the request says where several share method and path', () => {
    expect(table.match('GET', '/v1/models', { 'x-native': '1' })?.route).toBe(routes[0]);
    expect(table.match('GET', '/v1/models', {})?.route).toBe(routes[1]);
    expect(table.match('HEAD', '/v1/models', {})?.route).toBe(routes[1]);
  });

  it('lends its form to errors whose route is not known', () => {
    expect(table.formatOf({ 'x-native': '1' })).toBe(native);
    expect(table.formatOf({})).toBe(openaiFormat);
  });
});
