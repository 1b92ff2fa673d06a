import { afterEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { gate } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { loggedErrors, testLogger } from '../helpers/test-logger.js';
import { type ObservedGateway, observedGateway } from './observed-gateway.js';

let site: ObservedGateway;

afterEach(() => site?.close());

describe('the request log', () => {
  test('has one record of an answered request, with everything that is known of it', async () => {
    site = await observedGateway({ requestLog: {} });
    site.upstream.answer({ text: 'Hello', headers: { 'x-request-id': 'req_of_provider' } });
    const { requestId } = await site.ask({ logit_bias: { '1': 1 } });
    const record = await site.gateway.requests.get(requestId);
    expect(record).toMatchObject({
      id: requestId,
      accountId: 'user_1',
      keyId: site.keyId,
      via: 'key',
      route: 'chat/completions',
      stream: false,
      model: 'fast',
      provider: 'openai',
      upstreamModel: 'gpt-4o-mini',
      providerRequestId: 'req_of_provider',
      attempts: [
        { provider: 'openai', model: 'gpt-4o-mini', status: 200, fault: null, providerRequestId: 'req_of_provider' },
      ],
      status: 200,
      code: null,
      outcome: 'completed',
      firstTokenMs: null,
      dropped: [],
    });
    expect(record.at).toBeInstanceOf(Date);
    expect(record.durationMs).toBeGreaterThan(0);
    expect(Number(record.cost)).toBeGreaterThan(0);
    expect(record.usage).toMatchObject({ source: 'provider' });
    expect(record).not.toHaveProperty('requestBody');
    const [event] = await site.gateway.usage.events({ accountId: 'user_1' });
    expect(event?.cost).toBe(record.cost);
  });

  test('says when the first token of a stream left, and that the stream is complete', async () => {
    site = await observedGateway({ requestLog: {} });
    site.upstream.answer({ text: ['a', 'b'], chunkDelayMs: 20 });
    const { requestId } = await site.ask({ stream: true });
    const record = await site.gateway.requests.get(requestId);
    expect(record).toMatchObject({ stream: true, outcome: 'completed', status: 200 });
    expect(record.firstTokenMs).toBeGreaterThan(0);
    expect(record.firstTokenMs).toBeLessThanOrEqual(record.durationMs);
  });

  test('answers why a request failed: each attempt, with what the provider said and its own id', async () => {
    site = await observedGateway({ requestLog: {} });
    site.upstream.answer(
      { status: 500, headers: { 'x-request-id': 'req_a' } },
      {
        status: 400,
        body: JSON.stringify({
          error: {
            message: "Invalid schema for function 'foo'",
            type: 'invalid_request_error',
            param: 'tools',
            code: null,
          },
        }),
        headers: { 'x-request-id': 'req_b', 'content-type': 'application/json' },
      },
    );
    const { requestId, status } = await site.ask({ model: 'safe' });
    expect(status).toBe(400);
    const record = await site.gateway.requests.get(requestId);
    expect(record).toMatchObject({
      model: 'safe',
      provider: 'other',
      status: 400,
      message: "Invalid schema for function 'foo'",
      outcome: 'error',
      usage: null,
      cost: '0',
      attempts: [
        { provider: 'openai', status: 500, fault: 'status', providerRequestId: 'req_a' },
        {
          provider: 'other',
          status: 400,
          fault: 'status',
          message: "Invalid schema for function 'foo'",
          providerRequestId: 'req_b',
        },
      ],
    });
    expect((await site.gateway.requests.list({ status: 'failed' })).map(({ id }) => id)).toEqual([requestId]);
  });

  test("never tells of the gateway's own credential", async () => {
    site = await observedGateway({ requestLog: {} });
    site.upstream.answer({
      status: 401,
      body: JSON.stringify({ error: { message: 'Incorrect API key provided: sk-operator-secret' } }),
    });
    const { requestId } = await site.ask();
    const record = await site.gateway.requests.get(requestId);
    expect(record.attempts).toMatchObject([{ status: 401, fault: 'auth', message: null }]);
    expect(JSON.stringify(record)).not.toContain('secret');
    expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
  });

  test('has refused requests, too: unknown models, bad fields, no money', async () => {
    site = await observedGateway({ requestLog: {} });
    const unknown = await site.ask({ model: 'nothing' });
    const wrong = await site.ask({ messages: 'Hi' });
    const poor = await site.ask({ max_tokens: 100_000_000, messages: [{ role: 'user', content: 'x' }] });
    expect([unknown.status, wrong.status, poor.status]).toEqual([404, 400, 403]);
    const records = await site.gateway.requests.list({ accountId: 'user_1' });
    expect(records.map(({ id }) => id)).toEqual([poor, wrong, unknown].map(({ requestId }) => requestId));
    expect(records).toMatchObject([
      { status: 403, code: 'insufficient_balance', model: 'fast', provider: null, outcome: null, attempts: [] },
      { status: 400, code: 'invalid_type', model: null },
      { status: 404, code: 'model_not_found', model: 'nothing' },
    ]);
    expect(await site.gateway.requests.list({ code: 'model_not_found', model: 'nothing' })).toHaveLength(1);
  });

  test('has nothing of requests whose account is not known', async () => {
    site = await observedGateway({ requestLog: {} });
    expect((await site.ask({}, { headers: { authorization: 'Bearer napi-nobody' } })).status).toBe(401);
    expect(await site.gateway.requests.list()).toEqual([]);
  });

  test('knows of a client that left its stream, and of a stream that broke off', async () => {
    site = await observedGateway({ requestLog: {} });
    const pause = gate();
    site.upstream.answer({ text: ['a', pause, 'b'] }, { text: ['a', 'b', 'c'], resetAfterBytes: 400 });
    const client = new AbortController();
    const left = site.ask({ stream: true }, { signal: client.signal }).catch(() => undefined);
    await site.upstream.received();
    client.abort();
    await left;
    pause.open();
    const broken = await site.ask({ stream: true });
    expect(broken.text).toContain('"error"');
    await eventually(async () => (await site.gateway.requests.list()).length === 2);
    const records = await site.gateway.requests.list();
    expect(records.find(({ id }) => id === broken.requestId)).toMatchObject({
      outcome: 'truncated',
      code: 'upstream_error',
      status: 502,
    });
    expect(records.find(({ id }) => id !== broken.requestId)).toMatchObject({ status: 499, outcome: 'aborted' });
  });

  test("does not find another account's request", async () => {
    site = await observedGateway({ requestLog: {} });
    const { requestId } = await site.ask();
    await expect(site.gateway.requests.get(requestId, { accountId: 'user_2' })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await site.gateway.requests.get(requestId, { accountId: 'user_1' })).toMatchObject({ id: requestId });
  });

  test('keeps bodies only where that is asked for, without what is redacted', async () => {
    const redact = (text: string) => text.replaceAll('secret', '***');
    site = await observedGateway({ requestLog: { bodies: { redact, maxBytes: 120 } } });
    site.upstream.answer({ text: 'my secret answer' }, { text: ['my ', 'secret'] });
    const whole = await site.ask({ messages: [{ role: 'user', content: 'my secret prompt' }] });
    const stream = await site.ask({ stream: true });
    const record = await site.gateway.requests.get(whole.requestId);
    expect(record.requestBody).toContain('my *** prompt');
    expect(record.answerBody?.length).toBeLessThanOrEqual(120);
    expect(JSON.stringify(record)).not.toContain('secret');
    expect((await site.gateway.requests.get(stream.requestId)).answerBody).toMatch(/^data: /);
  });

  test('is what it says: without the option there is none', async () => {
    site = await observedGateway({});
    await site.ask();
    await expect(site.gateway.requests.list()).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('what the host is told', () => {
  test('of every request: onRequest, also of refused ones; onUsage with how it went; onError with whom it befell', async () => {
    const [requests, usages, faults]: [unknown[], unknown[], unknown[]] = [[], [], []];
    site = await observedGateway({
      onRequest: (report) => requests.push(report),
      onUsage: (event) => usages.push(event),
      onError: (_, context) => faults.push(context),
    });
    await site.ask({ stream: true });
    await site.ask({}, { headers: { authorization: 'Bearer napi-nobody' } });
    site.upstream.answer({ status: 500 }, { status: 500 });
    const { requestId } = await site.ask();
    expect(requests).toMatchObject([
      { status: 200, accountId: 'user_1', plan: 'pro', stream: true },
      { status: 401, accountId: null, code: 'invalid_api_key' },
      { status: 502, accountId: 'user_1', code: 'upstream_error' },
    ]);
    expect(usages).toMatchObject([
      {
        route: 'chat/completions',
        stream: true,
        attempts: 1,
        firstTokenMs: expect.any(Number),
        durationMs: expect.any(Number),
      },
    ]);
    expect(faults).toMatchObject([
      {
        requestId,
        accountId: 'user_1',
        keyId: site.keyId,
        model: 'fast',
        route: 'chat/completions',
        status: 502,
        attempts: 2,
      },
    ]);
  });

  test('in the log of a failed attempt: whom, what, how long, and what the provider said', async () => {
    const lines: object[] = [];
    site = await observedGateway({
      logger: {
        debug() {},
        info() {},
        error: testLogger.error,
        warn: (fields, message) => lines.push({ ...fields, message_: message }),
      },
    });
    site.upstream.answer({ status: 500, headers: { 'x-request-id': 'req_a' } });
    await site.ask();
    expect(lines).toMatchObject([
      {
        message_: 'an attempt at a provider failed',
        target: 'openai/gpt-4o-mini',
        accountId: 'user_1',
        keyId: site.keyId,
        model: 'fast',
        status: 500,
        providerRequestId: 'req_a',
        durationMs: expect.any(Number),
        message: expect.stringContaining('500'),
      },
    ]);
  });

  test('a throw of an observer changes nothing', async () => {
    site = await observedGateway({
      onRequest() {
        throw new Error('broken');
      },
      telemetry: {
        begin() {
          throw new Error('broken');
        },
        ended() {
          throw new Error('broken');
        },
      },
    });
    expect((await site.ask()).status).toBe(200);
    expect((await site.ask({ stream: true })).text).toContain('[DONE]');
    const logged = new Set(['an observer of requests threw', 'onRequest threw']);
    expect(new Set(loggedErrors())).toEqual(logged);
  });
});

describe('a serverless host', () => {
  test('is given what goes on after an answer, until all of it is written', async () => {
    const works: Promise<unknown>[] = [];
    const store = memoryStore();
    site = await observedGateway({ store, requestLog: {}, background: (work) => works.push(work) });
    const { requestId } = await site.ask();
    const { requestId: streamed } = await site.ask({ stream: true });
    expect(works).toHaveLength(2);
    await Promise.all(works);
    expect(await store.requests?.find(requestId)).toMatchObject({ id: requestId });
    expect(await store.requests?.find(streamed)).toMatchObject({ id: streamed });
    expect((await site.gateway.keys.list('user_1'))[0]?.lastUsedAt).toBeInstanceOf(Date);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('there is no request to wait for');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('there is no request to wait for'))],
  ])('whose function %s is told in the log, and the answers come', async (_, background) => {
    site = await observedGateway({ background });
    expect((await site.ask()).status).toBe(200);
    expect((await site.ask({ stream: true })).text).toContain('[DONE]');
    expect(loggedErrors()).toEqual(['background threw', 'background threw']);
  });

  test('waits also for a client that left its stream', async () => {
    const works: Promise<unknown>[] = [];
    const store = memoryStore();
    site = await observedGateway({ store, background: (work) => works.push(work) });
    const pause = gate();
    site.upstream.answer({ text: ['a', pause] });
    const client = new AbortController();
    const left = site.ask({ stream: true }, { signal: client.signal }).catch(() => undefined);
    await site.upstream.received();
    client.abort();
    await left;
    await Promise.all(works);
    expect(await store.meter.balance('user_1')).toMatchObject({ held: 0n });
    pause.open();
  });
});
