import { describe, expect, test } from 'vitest';
import { lastSegments, pathAfterSegments, pathBelow, pathOfUrl } from '../../src/http/paths.js';

test.each([
  ['/admin/keys', '/admin', '/keys'],
  ['/admin', '/admin', '/'],
  ['/admin?a=1', '/admin', '/?a=1'],
  ['/admin/keys?a=/admin', '/admin/', '/keys?a=/admin'],
  ['/administrator', '/admin', '/administrator'],
  ['/other', '/admin', '/other'],
  ['/keys', '', '/keys'],
])('%s below %j is %s', (path, mount, rest) => {
  expect(pathBelow(path, mount)).toBe(rest);
});

test.each([
  ['/t1/v1/models/a%2Fb', 2, '/models/a%2Fb'],
  ['/v1', 1, '/'],
  ['/v1?x=/y', 1, '/?x=/y'],
  ['/v1/models?x=1', 1, '/models?x=1'],
  ['/models', 0, '/models'],
  ['/v1', 3, '/'],
])('%s after %i segments is %s', (path, count, rest) => {
  expect(pathAfterSegments(path, count)).toBe(rest);
});

test.each([
  ['/api/ai/models/a%2Fb', 2, '/models/a%2Fb'],
  ['/api/ai/models/', 1, '/models'],
  ['/dashboard', 0, '/'],
  ['/dashboard?a=1', 0, '/?a=1'],
  ['/v1/models?a=/b/c', 1, '/models?a=/b/c'],
])('the last segments of %s, %i of them, are %s', (path, count, rest) => {
  expect(lastSegments(path, count)).toBe(rest);
});

describe('the path of a URL', () => {
  test.each([
    ['http://localhost:3000/v1/models?a=1#top', '/v1/models?a=1'],
    ['https://user:secret@host/a%2Fb', '/a%2Fb'],
    ['http://localhost', '/'],
    ['http://localhost?a=1', '/?a=1'],
    ['/v1/models', '/v1/models'],
  ])('%s is %s', (url, path) => {
    expect(pathOfUrl(url)).toBe(path);
  });
});
