import { describe, expect, test } from 'vitest';
import type { GatewayRequest } from '../../src/http/exchange.js';
import { isFromOtherSite } from '../../src/http/same-site.js';

function request(headers: Record<string, string>): GatewayRequest {
  return {
    method: 'POST',
    path: '/',
    headers,
    body: () => new Uint8Array(),
    signal: new AbortController().signal,
  };
}

const fromOther = (headers: Record<string, string>) => isFromOtherSite(request(headers), ['https://console.example']);

describe('a page of this host', () => {
  test.each([
    ['https://app.example', 'app.example'],
    ['https://app.example', 'App.Example'],
    ['https://app.example', 'app.example:443'],
    ['http://app.example', 'app.example:80'],
    ['http://app.example:8080', 'app.example:8080'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['http://[::1]', '[0:0:0:0:0:0:0:1]:80'],
    ['https://bücher.example', 'xn--bcher-kva.example'],
  ])('has the origin %s where Host is %s', (origin, host) => {
    expect(fromOther({ origin, host })).toBe(false);
    expect(fromOther({ origin, host: 'internal:3000', 'x-forwarded-host': host })).toBe(false);
  });

  test('may be one of those that the host allows, whatever the browser calls it', () => {
    expect(fromOther({ origin: 'https://console.example', host: 'x', 'sec-fetch-site': 'cross-site' })).toBe(false);
  });
});

describe('a page of another host', () => {
  test.each([
    ['https://evil.example', 'app.example'],
    ['https://app.example.evil.example', 'app.example'],
    ['https://app.example:8443', 'app.example'],
    ['https://app.example', 'app.example:80'],
    ['http://app.example', 'app.example:443'],
    ['https://evil.example', 'app.example@evil.example'],
    ['https://evil.example', 'evil.example/app.example'],
    ['https://evil.example', 'evil.example?'],
    ['https://evil.example', 'evil.example#'],
    ['http://[::2]:3000', '[::1]:3000'],
    ['null', 'null'],
    ['file://', ''],
    ['', ''],
    ['https://', 'app.example'],
  ])('has the origin %s where Host is %s', (origin, host) => {
    expect(fromOther({ origin, host })).toBe(true);
  });

  test.each(['cross-site', 'same-site', 'SAME-ORIGIN', 'nonsense', ''])('is one that the browser calls %j', (site) => {
    expect(fromOther({ 'sec-fetch-site': site, host: 'app.example', origin: 'https://app.example' })).toBe(true);
    expect(fromOther({ 'sec-fetch-site': site, host: 'app.example' })).toBe(true);
  });

  test('is one that says it was typed, and has an origin of its own', () => {
    expect(fromOther({ 'sec-fetch-site': 'none', host: 'app.example', origin: 'https://app.example' })).toBe(true);
    expect(fromOther({ 'sec-fetch-site': 'none', host: 'app.example' })).toBe(false);
  });
});
