import { describe, expect, test } from 'vitest';
import { WholeResponse } from '../../src/http/whole-response.js';

const TEXT = '{"greeting":"Grüezi"}';
const BYTES = new TextEncoder().encode(TEXT);
const init = { status: 201, headers: { 'content-type': 'application/json', 'x-request-id': 'req_1' } };

describe.each([
  ['text', TEXT],
  ['bytes', BYTES],
])('a response of known %s', (_, whole) => {
  const make = () => new WholeResponse(whole, init);

  test('is a Response with status and headers', () => {
    expect(make()).toBeInstanceOf(Response);
    expect(make()).toMatchObject({ status: 201, ok: true, bodyUsed: false });
    expect(Object.fromEntries(make().headers)).toEqual(init.headers);
  });

  test('is read in every way of a Response', async () => {
    expect(await make().text()).toBe(TEXT);
    expect(await make().json()).toEqual({ greeting: 'Grüezi' });
    expect(new Uint8Array(await make().arrayBuffer())).toEqual(BYTES);
    expect(await make().bytes()).toEqual(BYTES);
    expect(await (await make().blob()).text()).toBe(TEXT);
    expect((await make().blob()).type).toBe('application/json');
    expect(await new Response(make().body).text()).toBe(TEXT);
  });

  test('is read once', async () => {
    const response = make();
    await response.text();
    expect(response.bodyUsed).toBe(true);
    await expect(response.json()).rejects.toThrow(TypeError);
    expect(() => response.clone()).toThrow(TypeError);
  });

  test('is read once as a stream, too', async () => {
    const response = make();
    await new Response(response.body).text();
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(TypeError);
  });

  test('has clones that are read apart', async () => {
    const response = make();
    const clone = response.clone();
    expect(clone.status).toBe(201);
    expect([await clone.text(), await response.text()]).toEqual([TEXT, TEXT]);
  });
});

test('what a caller does to the bytes changes nothing', async () => {
  const whole = Uint8Array.from(BYTES);
  const read = await new WholeResponse(whole, init).bytes();
  read.fill(0);
  expect(whole).toEqual(BYTES);
});
