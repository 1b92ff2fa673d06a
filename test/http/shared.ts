import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeUpstream, gate } from '../../src/testing/index.js';
import { MODELS } from '../helpers/gateway-behind.js';

/** A gateway that a framework serves on a real socket. */
export interface Served {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly upstream: FakeUpstream;
  readonly key: string;
  close(): Promise<void>;
}

/** A framework under test. */
export interface Framework {
  readonly name: string;
  /** Where it mounts the gateway, all at once. */
  readonly mounts: readonly [string, ...string[]];
  /** True where the framework's server has a listener for `Upgrade` of its own, which ends such connections. */
  readonly endsUpgrades?: true;
  /** False where the framework hides that a header was sent twice. */
  readonly seesRepeatedHeaders: boolean;
  start(): Promise<Served>;
}

const CHAT = { model: MODELS[0], messages: [{ role: 'user' as const, content: 'Hi.' }] };

/** What must hold wherever the gateway is mounted, shown with the official client over real sockets. */
export function adapterTests({ name, mounts, seesRepeatedHeaders, endsUpgrades, start }: Framework): void {
  describe(name, () => {
    let served: Served;
    let client: OpenAI;
    const base = () => served.origin + mounts[0];

    beforeAll(async () => {
      served = await start();
      client = clientAt(base(), served.key);
    });
    afterAll(() => served.close());
    const authorized = () => ({ authorization: `Bearer ${served.key}`, 'content-type': 'application/json' });

    async function nextRequest(prompt: string) {
      for (;;) {
        const received = await served.upstream.received();
        if (received.prompt === prompt) return received;
      }
    }
    const chat = (prompt: string) => ({ ...CHAT, messages: [{ role: 'user' as const, content: prompt }] });

    test('answers a chat completion', async () => {
      served.upstream.answer({ text: 'Good day.', usage: { input: 3, output: 4 } });
      const { data, response } = await client.chat.completions.create(CHAT).withResponse();
      expect(data.choices[0]?.message.content).toBe('Good day.');
      expect(data.usage?.total_tokens).toBe(7);
      expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    });

    test('streams chunk by chunk: the first arrives before the last is produced', async () => {
      const held = gate();
      served.upstream.answer({ text: ['Good ', held, 'day.'] });
      const stream = await client.chat.completions.create({ ...CHAT, stream: true });
      let text = '';
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        if (text === 'Good ') held.open();
      }
      expect(text).toBe('Good day.');
    });

    test('a stream carries headers that keep proxies from holding it back', async () => {
      const stream = client.chat.completions.create({ ...CHAT, stream: true });
      const { response } = await stream.withResponse();
      expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
      expect(response.headers.get('x-accel-buffering')).toBe('no');
      await response.body?.cancel();
    });

    test('a client that leaves in the middle of a stream ends the call to the provider', async () => {
      const held = gate();
      served.upstream.answer({ text: ['Good ', held, 'day.'] });
      const stream = await client.chat.completions.create({ ...chat('leave in the middle'), stream: true });
      const received = await nextRequest('leave in the middle');
      await held.reached;
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content === 'Good ') break;
      expect(await received.ended).toBe('aborted');
    });

    test('a client that leaves before the first byte ends the call to the provider', async () => {
      const before = gate();
      served.upstream.answer({ before });
      const leaving = new AbortController();
      const answer = client.chat.completions.create(chat('leave before'), { signal: leaving.signal });
      const received = await nextRequest('leave before');
      await before.reached;
      leaving.abort();
      await expect(answer).rejects.toThrow(OpenAI.APIUserAbortError);
      expect(await received.ended).toBe('aborted');
    });

    test('a stream that breaks off raises in the client', async () => {
      served.upstream.answer({ text: ['Good '], endWithoutTerminal: true });
      const stream = await client.chat.completions.create({ ...CHAT, stream: true });
      await expect(async () => {
        for await (const chunk of stream) void chunk;
      }).rejects.toThrow(OpenAI.APIError);
    });

    test('a wrong key raises AuthenticationError', async () => {
      const stranger = clientAt(base(), 'napi-wrong');
      const error = await stranger.chat.completions.create(CHAT).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
    });

    test.each([
      ['a body that is not JSON', 400, 'invalid_json', { method: 'POST', path: '/chat/completions', body: '{"model"' }],
      [
        'a body without a model',
        400,
        'missing_required_parameter',
        { method: 'POST', path: '/chat/completions', body: '{}' },
      ],
      ['an unknown route', 404, 'not_found', { method: 'POST', path: '/completely/unknown', body: '{}' }],
      ['a wrong method', 405, 'method_not_allowed', { method: 'DELETE', path: '/models' }],
    ])('%s is answered with %i and an OpenAI error body', async (_case, status, code, { path, ...init }) => {
      const response = await fetch(base() + path, { ...init, headers: authorized() });
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      const { error } = (await response.json()) as { error: object };
      expect(error).toMatchObject({ code, type: 'invalid_request_error', message: expect.any(String) });
    });

    test('a body of 12 MB arrives whole', async () => {
      const content = 'x'.repeat(12 * 1024 * 1024);
      await client.chat.completions.create(chat(content));
      expect((await nextRequest(content)).prompt).toHaveLength(content.length);
    });

    test('a body above the limit is answered with 413', async () => {
      const error = await client.chat.completions
        .create(chat('x'.repeat(21 * 1024 * 1024)))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ status: 413, code: 'request_too_large' });
    });

    test('a body may arrive slowly, in pieces', async () => {
      const body = JSON.stringify(chat('slowly'));
      const upload = open({ path: '/chat/completions', headers: { ...authorized(), 'content-length': body.length } });
      const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
      for (const character of body) await new Promise<void>((resolve) => void upload.write(character, () => resolve()));
      upload.end();
      const [response] = await answered;
      expect(response.statusCode).toBe(200);
      response.resume();
    });

    test('a client that leaves during its upload harms nobody', async () => {
      const upload = open({ path: '/chat/completions', headers: { ...authorized(), 'content-length': 1_000_000 } });
      await new Promise<void>((resolve) => void upload.write('{"model":"gpt-4o-mini",', () => resolve()));
      const left = new Promise<void>((resolve) => void upload.on('error', () => {}).on('close', resolve));
      upload.destroy();
      await left;
      const { choices } = await client.chat.completions.create(CHAT);
      expect(choices).toHaveLength(1);
    });

    const refusesRepeatedHeaders = async () => {
      const headers = { authorization: [`Bearer ${served.key}`, 'Bearer napi-other'] as unknown as string };
      const repeated = open({ method: 'GET', path: '/models', headers });
      repeated.end();
      const [response] = (await once(repeated, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(400);
      expect(await textOf(response)).toContain('conflicting_credentials');
    };
    if (seesRepeatedHeaders) test('two Authorization headers that differ are refused', refusesRepeatedHeaders);

    test('HEAD is answered like GET, without a body', async () => {
      const response = await fetch(`${base()}/models`, { method: 'HEAD', headers: authorized() });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
    });

    const offer = "an offer of HTTP/2 in clear text, which Java's client makes, is ignored";
    // A host that listens for upgrades itself has the request before the gateway.
    if (!endsUpgrades)
      test(offer, async () => {
        const headers = {
          ...authorized(),
          connection: 'Upgrade, HTTP2-Settings',
          upgrade: 'h2c',
          'http2-settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
        };
        const asked = open({ path: '/chat/completions', headers });
        asked.end(JSON.stringify(CHAT));
        const [response] = (await once(asked, 'response')) as [IncomingMessage];
        expect(response.statusCode).toBe(200);
        expect(await textOf(response)).toContain('chat.completion');
      });

    test('OPTIONS tells the methods', async () => {
      const response = await fetch(`${base()}/chat/completions`, { method: 'OPTIONS' });
      expect(response.status).toBe(204);
      expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    });

    test.each(mounts)('serves every route below %s', async (mount) => {
      const mounted = clientAt(served.origin + mount, served.key);
      const { choices } = await mounted.chat.completions.create(CHAT);
      expect(choices).toHaveLength(1);
      const ids = (await mounted.models.list()).data.map(({ id }) => id);
      expect(ids).toEqual([...MODELS]);
      expect((await mounted.models.retrieve(MODELS[0])).id).toBe(MODELS[0]);
      // The client sends the slash as %2F.
      expect((await mounted.models.retrieve(MODELS[1])).id).toBe(MODELS[1]);
      await expect(mounted.models.retrieve('no/such/model')).rejects.toThrow(OpenAI.NotFoundError);
    });

    function open({ path, ...options }: RequestOptions): ClientRequest {
      return request(base() + path, { method: 'POST', ...options });
    }
  });
}

/** The official client; it never tries again by itself. */
export function clientAt(baseURL: string, apiKey: string): OpenAI {
  return new OpenAI({ baseURL, apiKey, maxRetries: 0 });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response) text += String(piece);
  return text;
}
