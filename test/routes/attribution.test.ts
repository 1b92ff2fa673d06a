import { afterEach, describe, expect, test } from 'vitest';
import type { GatewayOptions } from '../../src/index.js';
import { type RoutesGateway, routesGateway } from '../helpers/routes-gateway.js';

const messages = [{ role: 'user', content: 'Hello' }];
const LONG = 'x'.repeat(129);

let site: RoutesGateway;
let key: string;

afterEach(() => site.close());

async function start(attribution?: GatewayOptions['attribution']): Promise<void> {
  site = await routesGateway(attribution && { attribution });
  ({ key } = await site.gateway.keys.create({ accountId: 'user_1', name: 'desk' }));
}

/** Asks with a key, or with another bearer token. */
async function ask(headers: Record<string, string>, body: object = {}, bearer = key) {
  const request = new Request('http://gateway.test/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt', messages, ...body }),
  });
  const response = await site.gateway.fetch(request);
  return { status: response.status, ...((await response.json()) as { error?: { param: string; code: string } }) };
}

/** Whom the last request was for. */
async function seen(accountId = 'user_1') {
  const [event] = await site.gateway.usage.events({ accountId }, { limit: 1 });
  return { endUser: event?.endUser, session: event?.session, tags: event?.tags };
}

const HEADERS = { endUser: 'X-End-User', session: 'x-conversation', tags: { feature: 'x-feature', team: 'x-team' } };

describe('facts about a request with a key', () => {
  test('are read from headers; one that is absent says nothing', async () => {
    await start(HEADERS);
    await ask({ 'x-end-user': 'ann', 'x-conversation': 'run_1', 'x-feature': 'chat' });
    expect(await seen()).toEqual({ endUser: 'ann', session: 'run_1', tags: { feature: 'chat' } });
    await ask({});
    expect(await seen()).toMatchObject({ endUser: undefined, session: undefined });
  });

  test('are read by functions of the request', async () => {
    await start({
      endUser: ({ headers }) => String(headers['x-caller']).toUpperCase(),
      session: () => undefined,
      tags: ({ method }) => ({ method }),
    });
    await ask({ 'x-caller': 'ann' });
    expect(await seen()).toMatchObject({ endUser: 'ANN', session: undefined, tags: { method: 'POST' } });
  });

  test.each([
    ['x-end-user', 'X-End-User'],
    ['x-conversation', 'x-conversation'],
    ['x-feature', 'x-feature'],
  ])('are refused with the name of the header %s when it is too long', async (header, param) => {
    await start(HEADERS);
    expect(await ask({ [header]: LONG })).toMatchObject({ status: 400, error: { param, code: 'invalid_value' } });
    expect(await ask({ [header]: LONG.slice(1) })).toMatchObject({ status: 200 });
  });

  test('are refused with the name of the tag when a function gives one that is too long', async () => {
    await start({ tags: () => ({ feature: LONG }) });
    expect(await ask({})).toMatchObject({ status: 400, error: { param: 'tags.feature' } });
  });
});

describe('without attribution the end user is who the body names', () => {
  const bodies: readonly [string, object, object][] = [
    ['chat/completions', { messages }, { user: 'ann' }],
    ['chat/completions', { messages }, { user: 'bob', safety_identifier: 'ann' }],
    ['responses', { input: 'Hello' }, { user: 'bob', safety_identifier: 'ann' }],
    ['completions', { prompt: 'Hello' }, { user: 'ann' }],
    ['embeddings', { input: 'Hello' }, { user: 'ann' }],
    ['messages', { messages, max_tokens: 5 }, { metadata: { user_id: 'ann' } }],
  ];

  test.each(bodies)('on %s, by %j and %j', async (route, body, who) => {
    await start();
    expect(await site.json(route, { model: 'gpt', ...body, ...who })).toMatchObject({ status: 200 });
    expect((await seen()).endUser).toBe('ann');
  });

  test.each(bodies)('on %s, by its digest when it is too long (%j, %j)', async (route, body, who) => {
    await start();
    const long = JSON.parse(JSON.stringify(who).replace('ann', LONG)) as object;
    expect(await site.json(route, { model: 'gpt', ...body, ...long })).toMatchObject({ status: 200 });
    const { endUser } = await seen();
    expect(endUser).toMatch(/^sha256:[0-9a-f]{64}$/);
    await site.json(route, { model: 'gpt', ...body, ...long });
    expect((await seen()).endUser).toBe(endUser);
  });
});

describe('what an identity or a token says wins', () => {
  test('over headers and the body, where a browser holds the token', async () => {
    await start(HEADERS);
    const options = {
      accountId: 'shop',
      ttl: '15m',
      endUser: 'visitor',
      session: 's',
      tags: { feature: 'w' },
    } as const;
    const { token } = await site.gateway.sessions.create(options);
    await ask({ 'x-end-user': 'ann', 'x-conversation': 'other', 'x-feature': 'chat' }, { user: 'bob' }, token);
    expect(await seen('shop')).toEqual({ endUser: 'visitor', session: 's', tags: { feature: 'w' } });
  });

  test('and where it says nothing, the body does, never a header', async () => {
    await start(HEADERS);
    const { token } = await site.gateway.sessions.create({ accountId: 'shop', ttl: '15m' });
    await ask({ 'x-end-user': 'ann', 'x-feature': 'chat' }, { user: 'bob' }, token);
    expect(await seen('shop')).toMatchObject({ endUser: 'bob', session: undefined });
  });

  test('inside the process, too', async () => {
    await start();
    const fetch = site.gateway.fetchFor({ accountId: 'app', endUser: 'member' });
    const body = JSON.stringify({ model: 'gpt', messages, user: 'bob' });
    await fetch('http://gateway.test/v1/chat/completions', { method: 'POST', body });
    expect((await seen('app')).endUser).toBe('member');
  });
});

test('usage is summed by end user, session, way in and tag', async () => {
  await start(HEADERS);
  for (const user of ['ann', 'ann', 'bob']) await ask({ 'x-end-user': user, 'x-feature': 'chat' });
  const fetch = site.gateway.fetchFor({ accountId: 'user_1', session: 'run_1' });
  await fetch('http://gateway.test/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt', messages }),
  });
  const groups = ['endUser', 'session', 'via', 'tag:feature'] as const;
  const rows = await site.gateway.usage.query({ accountId: 'user_1', groupBy: groups });
  const found = rows.map(({ endUser, session, via, tags, requests }) => ({ endUser, session, via, tags, requests }));
  expect(found).toHaveLength(3);
  expect(found).toEqual(
    expect.arrayContaining([
      { endUser: 'ann', session: null, via: 'key', tags: { feature: 'chat' }, requests: 2 },
      { endUser: 'bob', session: null, via: 'key', tags: { feature: 'chat' }, requests: 1 },
      { endUser: null, session: 'run_1', via: 'app', tags: { feature: null }, requests: 1 },
    ]),
  );
});
