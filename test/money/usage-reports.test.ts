import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUsage } from '../../src/providers/openai/usage.js';
import { type Customer, holdFor, inputBound, type MoneyGateway, startMoneyGateway } from '../helpers/money-gateway.js';
import { chunkEvent, completionReply, DONE, SAMPLE_USAGE, usageEvent } from '../helpers/openai-replies.js';

const MONEY = 1_000_000_000n;
const STREAM = { stream: true };
const REPORTED = 10n * 1_000n + 20n * 2_000n;
/** What stands for a report that is replaced by JSON text that JSON.stringify can't write. */
const RAW = 'RAW';

const garbage: Record<string, unknown> = {
  'that is missing': false,
  'that is null': null,
  'that is text': '10 tokens',
  'that is a list': [10, 20],
  'that is empty': {},
  'with negative counts': { prompt_tokens: -10, completion_tokens: -20, total_tokens: -30 },
  'with a negative count of one kind': { prompt_tokens: 10, completion_tokens: -20, total_tokens: -10 },
  'with counts as text': { prompt_tokens: '10', completion_tokens: '20', total_tokens: '30' },
  'with null counts': { prompt_tokens: null, completion_tokens: null, total_tokens: null },
  'with fractions': { prompt_tokens: 10.5, completion_tokens: 20.5, total_tokens: 31 },
  'with nested counts': { prompt_tokens: { value: 10 }, completion_tokens: { value: 20 } },
};

/** Above every limit: charged as the most that is counted, never as less. */
const beyond: Record<string, unknown> = {
  'with 1e30 tokens': { prompt_tokens: 1e30, completion_tokens: 1e30, total_tokens: 2e30 },
  'with infinite counts': { prompt_tokens: RAW, completion_tokens: RAW, total_tokens: RAW },
};

describe('a report of usage beyond every limit', () => {
  test.each(Object.entries(beyond))(
    '%s is lowered to the highest count, billed once and flagged',
    async (_name, usage) => {
      const raw = (value: unknown) => JSON.stringify(value)?.replaceAll(`"${RAW}"`, '1e999');
      const gateway = await startMoneyGateway(() => ({ body: raw(completionReply(usage).body) }));
      const account = await gateway.account(MONEY);
      expect((await account.post()).status).toBe(200);
      await gateway.finish();

      const [event] = eventsOf(gateway, account);
      expect(event).toMatchObject({
        usage: { inputTokens: 20_000_000, outputTokens: 20_000_000, source: 'provider' },
        cost: 20_000_000n * 3_000n,
        flags: ['overrun', 'usage_suspect'],
      });
      expect(account.balance()).toBe(MONEY - 20_000_000n * 3_000n);
    },
  );
});

describe('a report of usage that makes no sense', () => {
  test.each(Object.entries(garbage))('%s is replaced by the estimate and billed once', async (_name, usage) => {
    const raw = (value: unknown) => JSON.stringify(value);
    const whole = completionReply(usage).body;
    const events = [
      `data: ${JSON.stringify(chunkEvent({ content: 'eightchr' }))}\n\n`,
      `data: ${JSON.stringify(chunkEvent({}, { finish_reason: 'stop' }))}\n\n`,
      ...(usage === false ? [] : [`data: ${raw(usageEvent(usage))}\n\n`]),
      DONE,
    ];
    const gateway = await startMoneyGateway(({ json }) =>
      (json as { stream?: boolean }).stream ? { events } : { body: raw(whole) },
    );
    const [one, other] = [await gateway.account(MONEY), await gateway.account(MONEY)];
    expect((await one.post()).status).toBe(200);
    expect((await other.post(STREAM)).text).toContain('[DONE]');
    await gateway.finish();

    const [event] = eventsOf(gateway, one);
    expect(event?.usage).toMatchObject({ inputTokens: Number(inputBound()), source: 'estimated' });
    expect(event?.usage.outputTokens).toBeGreaterThan(0);
    expect(one.balance()).toBe(MONEY - (event?.cost ?? 0n));
    expect(MONEY - other.balance()).toBe(inputBound(STREAM) * 1_000n + 8n * 2_000n);
  });

  test('never makes a count that is negative, no integer or beyond all bounds', () => {
    const usages = fc.oneof(
      fc.jsonValue(),
      fc.record(
        Object.fromEntries(
          ['prompt_tokens', 'completion_tokens', 'total_tokens', 'cached_tokens', 'reasoning_tokens'].map((name) => [
            name,
            fc.oneof(fc.integer({ min: -100, max: 10_000 }), fc.double(), fc.string(), fc.constant(null)),
          ]),
        ),
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(usages, (value) => {
        const usage = readUsage(value);
        if (!usage) return;
        const { source: _source, ...counts } = usage;
        for (const count of Object.values(counts)) {
          expect(Number.isSafeInteger(count)).toBe(true);
          expect(count).toBeGreaterThanOrEqual(0);
          expect(count).toBeLessThanOrEqual(40_000_000);
        }
      }),
    );
  });
});

describe('a report of usage', () => {
  test('that comes with every chunk is billed once, by the newest', async () => {
    const partial = (tokens: number) => ({ prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens });
    const events = [
      chunkEvent({ content: 'a' }, { usage: partial(5) }),
      chunkEvent({ content: 'b' }, { usage: partial(10) }),
      chunkEvent({}, { finish_reason: 'stop', usage: partial(20) }),
      usageEvent(partial(20)),
      usageEvent(SAMPLE_USAGE),
      DONE,
    ];
    expect(await costOfStream(events)).toBe(REPORTED);
  });

  test('that is followed by garbage stays', async () => {
    const events = [
      chunkEvent({ content: 'a' }),
      chunkEvent({}, { finish_reason: 'stop' }),
      usageEvent(SAMPLE_USAGE),
      usageEvent({ prompt_tokens: -1, completion_tokens: 'x' }),
      DONE,
    ];
    expect(await costOfStream(events)).toBe(REPORTED);
  });

  test('with more cached or reasoning tokens than there are tokens counts none twice', async () => {
    const gateway = await startMoneyGateway(() =>
      completionReply({
        ...SAMPLE_USAGE,
        prompt_tokens_details: { cached_tokens: 1_000 },
        completion_tokens_details: { reasoning_tokens: 1_000 },
      }),
    );
    const customer = await gateway.account(MONEY);
    await customer.post();
    await gateway.finish();
    expect(customer.balance()).toBe(MONEY - REPORTED);
  });

  test.each([
    { completion: 130, flags: ['overrun'] },
    { completion: 1_001, flags: ['overrun', 'usage_suspect'] },
    { completion: 100, flags: [] },
  ])(
    'of $completion tokens where 100 were allowed is charged in full, flagged $flags',
    async ({ completion, flags }) => {
      const gateway = await startMoneyGateway(() =>
        completionReply({ prompt_tokens: 10, completion_tokens: completion, total_tokens: 10 + completion }),
      );
      const customer = await gateway.account(holdFor(100));
      await customer.post();
      await gateway.finish();
      expect(eventsOf(gateway, customer)[0]?.flags).toEqual(flags);
      expect(customer.balance()).toBe(holdFor(100) - 10_000n - 2_000n * BigInt(completion));
    },
  );
});

async function costOfStream(events: unknown[]): Promise<bigint> {
  const gateway = await startMoneyGateway(() => ({ events }));
  const customer = await gateway.account(MONEY);
  await customer.post(STREAM);
  await gateway.finish();
  expect(eventsOf(gateway, customer)).toHaveLength(1);
  return MONEY - customer.balance();
}

function eventsOf({ meter }: MoneyGateway, customer: Customer) {
  return meter.events({ accountId: customer.id }, { limit: 10 });
}
