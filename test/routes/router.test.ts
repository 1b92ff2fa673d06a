import { describe, expect, it } from 'vitest';
import { allowedMethods, matchRoute } from '../../src/routes/router.js';

describe('the route of a path', () => {
  it.each(['chat/completions', 'responses', 'embeddings', 'completions'])('is %s under any mount', (route) => {
    for (const path of [`/${route}`, `/v1/${route}`, `/ai/v1/${route}`, `/${route}/`, `/${route}?x=1`]) {
      expect(matchRoute('POST', path)).toEqual({ route });
    }
    expect(allowedMethods(`/v1/${route}`)).toBe('POST, OPTIONS');
  });

  it('is a model also where its id ends like a route', () => {
    for (const id of ['acme/embeddings', 'acme/completions', 'acme/chat/completions']) {
      expect(matchRoute('GET', `/v1/models/${id}`)).toEqual({ route: 'models/{id}', id });
      expect(matchRoute('GET', `/v1/models/${encodeURIComponent(id)}`)).toEqual({ route: 'models/{id}', id });
    }
  });

  it('refuses other methods and says which one it is', () => {
    expect(() => matchRoute('GET', '/v1/responses')).toThrow(expect.objectContaining({ code: 'method_not_allowed' }));
  });

  it('names the routes there are when it knows none', () => {
    for (const path of ['/v1/responses/resp_1', '/v1/images/generations', '/v1/', '/v1/responses2']) {
      expect(() => matchRoute('POST', path)).toThrow(
        /Unknown route.*chat\/completions.*responses.*embeddings.*completions.*models/,
      );
    }
  });
});
