import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileOutbox } from '../../src/http/node.js';
import { createGateway, type GatewayOptions, type Meter, memoryKeyStore, memoryMeter } from '../../src/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { testLogger } from '../helpers/test-logger.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-outbox-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const meter = memoryMeter();
const keyStore = memoryKeyStore();

/** A gateway whose meter takes no settlement while `away` answers true. */
function gatewayWith(away: () => boolean, options: Partial<GatewayOptions> = {}) {
  const refusing: Meter = {
    ...meter,
    settle(settlement) {
      if (away()) throw new Error('the store is away');
      return meter.settle(settlement);
    },
  };
  return createGateway({
    providers: { echo: echoProvider() },
    models: { echo: { provider: 'echo', price: { input: 1, output: 2 } } },
    plans: { prepaid: { models: '*', billing: 'prepaid' } },
    store: { keyStore, meter: refusing },
    logger: testLogger,
    ...options,
  });
}

async function ask(gateway: ReturnType<typeof gatewayWith>, key: string): Promise<number> {
  const answer = await gateway.fetch(
    new Request('http://localhost/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'echo',
        max_tokens: 500,
        messages: [{ role: 'user', content: 'x'.repeat(1_000) }],
      }),
    }),
  );
  return answer.status;
}

async function customer(gateway: ReturnType<typeof gatewayWith>, accountId: string): Promise<string> {
  await gateway.credits.topUp({ accountId, amount: '1', idempotencyKey: 'start' });
  return (await gateway.keys.create({ accountId, name: 'laptop' })).key;
}

const charged = 1_000n * 1_000n + 500n * 2_000n;

describe('a settlement that the store refuses', () => {
  test('does not keep the answer from its client, and is charged once when the store is back', async () => {
    let away = false;
    const gateway = gatewayWith(() => away);
    const key = await customer(gateway, 'user_1');
    away = true;
    expect(await ask(gateway, key)).toBe(200);
    expect(meter.balance('user_1').balance).toBe(1_000_000_000n);
    away = false;
    await gateway.close();
    expect(meter.balance('user_1')).toEqual({ balance: 1_000_000_000n - charged, held: 0n });
    await assertAccountsBalance(meter, ['user_1'], { prepaid: true });
  });

  test('is charged by the next process when this one ends first', async () => {
    const path = join(folder, 'outbox.jsonl');
    let away = false;
    const outboxOfFirst = fileOutbox(path);
    const first = gatewayWith(() => away, { outbox: outboxOfFirst });
    const key = await customer(first, 'user_2');
    away = true;
    expect(await ask(first, key)).toBe(200);
    expect(meter.balance('user_2').balance).toBe(1_000_000_000n);
    // The first process is killed here: it is never closed.

    const next = gatewayWith(() => false, { outbox: fileOutbox(path) });
    await next.close();
    expect(meter.balance('user_2')).toEqual({ balance: 1_000_000_000n - charged, held: 0n });
    const after = fileOutbox(path);
    expect(await after.pending()).toEqual([]);
    await Promise.all([after.close?.(), outboxOfFirst.close?.()]);
    await assertAccountsBalance(meter, ['user_2'], { prepaid: true });
  });

  test('is logged as an error in full where the outbox can not keep it either: its disk is full', async () => {
    const lines: { readonly settlement?: string }[] = [];
    const outbox = {
      append: () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
      pending: () => [],
      remove: () => {},
    };
    let away = false;
    const logger = { debug() {}, info() {}, warn() {}, error: (fields: object) => void lines.push(fields) };
    const gateway = gatewayWith(() => away, { outbox, logger });
    const key = await customer(gateway, 'user_3');
    away = true;
    expect(await ask(gateway, key)).toBe(200);
    await gateway.close();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]?.settlement ?? '{}')).toMatchObject({
      accountId: 'user_3',
      model: 'echo',
      cost: String(charged),
      usage: { inputTokens: 1_000, outputTokens: 500 },
    });
  });
});

describe('a store of your own that never answers', () => {
  test.each(['findKey', 'reserve', 'settle'] as const)(
    '%s: nobody waits longer than timeouts.storeMs',
    async (which) => {
      let hangs = false;
      const [keys, money] = [memoryKeyStore(), memoryMeter()];
      const hanging = <T extends object>(part: T, name: string): T => ({
        ...part,
        [name]: (...given: unknown[]) =>
          hangs ? new Promise(() => {}) : (part as Record<string, (...values: unknown[]) => unknown>)[name]?.(...given),
      });
      const gateway = createGateway({
        providers: { echo: echoProvider() },
        models: { echo: { provider: 'echo', price: { input: 1, output: 2 } } },
        plans: { prepaid: { models: '*', billing: 'prepaid' } },
        store: { keyStore: hanging(keys, which), meter: hanging<Meter>(money, which) },
        timeouts: { storeMs: 100 },
        logger: { debug() {}, info() {}, warn() {}, error() {} },
      });
      const key = await customer(gateway, 'user_1');
      hangs = true;
      expect(await ask(gateway, key)).toBe(which === 'settle' ? 200 : 503);
      hangs = false;
      await gateway.close();
      expect(money.balance('user_1')).toMatchObject({ balance: 1_000_000_000n - (which === 'settle' ? charged : 0n) });
    },
  );
});
