import { createHash, createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { type RoutesGateway, routesGateway } from '../helpers/routes-gateway.js';

let site: RoutesGateway | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

const NAME = 'ann@example.com';
const messages = [{ role: 'user', content: 'hi' }];
const ids = { user: NAME, safety_identifier: NAME, prompt_cache_key: NAME };

/** Where a client names its end user, and where a provider gets that. */
const PLACES: readonly (readonly [string, object, readonly (readonly string[])[]])[] = [
  ['chat/completions', { model: 'gpt', messages, ...ids }, [['user'], ['safety_identifier'], ['prompt_cache_key']]],
  ['chat/completions', { model: 'claude', max_tokens: 9, messages, user: NAME }, [['metadata', 'user_id']]],
  [
    'chat/completions',
    { model: 'claude', max_tokens: 9, messages, safety_identifier: NAME },
    [['metadata', 'user_id']],
  ],
  ['chat/completions', { model: 'vllm', messages, user: NAME }, [['user']]],
  ['messages', { model: 'claude', max_tokens: 9, messages, metadata: { user_id: NAME } }, [['metadata', 'user_id']]],
  ['responses', { model: 'gpt', input: 'hi', ...ids }, [['user'], ['safety_identifier'], ['prompt_cache_key']]],
  ['completions', { model: 'vllm', prompt: 'hi', max_tokens: 9, user: NAME }, [['user']]],
];

const at = (body: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], body);

/** What a provider is sent for each place, by a gateway with this pepper, for this account. */
async function sentIds(pepper: string, accountId: string): Promise<string[]> {
  site = await routesGateway({ keyPepper: pepper });
  const json = await site.as(accountId);
  const found: string[] = [];
  for (const [route, body, paths] of PLACES) {
    const { status } = await json(route, body);
    expect([route, status]).toEqual([route, 200]);
    const sent = site.upstream.requests.at(-1);
    expect(sent?.text).not.toContain('ann');
    for (const path of paths) found.push(String(at(sent?.body, path)));
  }
  await site.close();
  site = undefined;
  return found;
}

describe("an end user's id on its way to a provider", () => {
  test('is a digest with a key on every route: no guess of a name can be checked without the pepper', async () => {
    const one = await sentIds('pepper '.repeat(8), 'account_1');
    expect(one).toEqual(one.map(() => expect.stringMatching(/^[0-9a-f]{22}-[0-9a-f]{22}$/)));
    // One name has one digest, whichever route and field it comes by.
    expect(new Set(one).size).toBe(1);
    const [half] = (one[0] as string).split('-').slice(1);
    const guesses = [NAME, `account_1${NAME}`, `account_1:${NAME}`, JSON.stringify(['account_1', NAME])];
    for (const guess of guesses) {
      for (const encoding of ['hex', 'base64url'] as const) {
        expect(createHash('sha256').update(guess).digest(encoding)).not.toContain(half);
        expect(createHmac('sha256', '').update(guess).digest(encoding)).not.toContain(half);
        expect(createHmac('sha256', 'account_1').update(guess).digest(encoding)).not.toContain(half);
      }
    }
    // It is stable over restarts, and another account's or another installation's is another one.
    expect(await sentIds('pepper '.repeat(8), 'account_1')).toEqual(one);
    const others = [
      ...(await sentIds('pepper '.repeat(8), 'account_2')),
      ...(await sentIds('other! '.repeat(8), 'account_1')),
    ];
    for (const other of others) {
      expect(other.split('-')[0]).not.toBe(one[0]?.split('-')[0]);
      expect(other.split('-')[1]).not.toBe(half);
    }
  });
});
