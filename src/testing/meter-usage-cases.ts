import { deepEqual, equal, ok } from 'node:assert/strict';
import type { FullMeter, Outcome, UsageDimension, UsageEvent, UsageRange, UsageTotals } from '../meter/meter.js';
import type { PriceSnapshot } from '../meter/price.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { fundedAccount, holdOf, SAMPLE_TIME, settlementOf, usageOf } from './meter-samples.js';
import { type SeededRandom, seededRandom } from './seeded-random.js';
import { type SuiteCase, uniqueName } from './suite.js';

const HOUR_MS = 3_600_000;
const PRICE: PriceSnapshot = {
  input: 150_001n,
  cachedInput: 75_000n,
  cacheWrite: 187_500n,
  cacheWrite1h: 300_000n,
  output: 600_000n,
  reasoning: 600_007n,
  multiplier: 1_250_000n,
};

/** What must hold of usage events and their totals. */
export const usageCases: readonly SuiteCase<FullMeter>[] = [
  {
    name: 'an event is kept as it was settled, all of it',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000_000n);
      const usage = {
        ...usageOf({
          inputTokens: 1,
          cachedInputTokens: 2,
          cacheWriteTokens: 3,
          cacheWrite1hTokens: 4,
          outputTokens: 5,
          reasoningTokens: 6,
        }),
        source: 'estimated',
      } as const;
      const { prepaid, ...event } = settlementOf(holdOf(account, 0n), 0, {
        usage,
        price: PRICE,
        outcome: 'truncated',
        flags: ['overrun', 'usage_suspect'],
      });
      await meter.settle({ ...event, prepaid });
      const charged = [{ source: 'balance', amount: event.cost }];
      deepEqual(await meter.events({ accountId: account }, { limit: 10 }), [{ ...event, charged }]);
      await assertAccountsBalance(meter, [account]);
    },
  },
  {
    name: 'totals equal the sum of the events, for every grouping, filter and range',
    async run(meter) {
      const random = seededRandom(20_261_121);
      const accounts = [await fundedAccount(meter, 10n ** 12n), await fundedAccount(meter, 10n ** 12n)];
      const events: UsageEvent[] = [];
      for (let i = 0; i < 120; i++) {
        const event = randomEvent(random, random.pick(accounts), SAMPLE_TIME + i * random.integer(0, HOUR_MS));
        await meter.settle({ ...event, prepaid: true });
        events.push(event);
      }
      for (const accountId of accounts)
        for (const filter of filters(random, accountId))
          for (const groupBy of GROUPINGS)
            deepEqual(
              await meter.usage({ ...filter, groupBy }),
              expectedTotals(events, filter, groupBy),
              groupBy.join(),
            );
      await assertAccountsBalance(meter, accounts);
    },
  },
  {
    name: 'days and hours are those of UTC, and their edges belong to the later one',
    async run(meter) {
      const account = await fundedAccount(meter, 1_000n);
      const midnight = Date.UTC(2026, 11, 1);
      for (const at of [midnight - 1, midnight, midnight + HOUR_MS - 1, midnight + HOUR_MS])
        await meter.settle(settlementOf(holdOf(account, 0n), 1, { at }));
      const requests = async (query: UsageRange, groupBy: readonly UsageDimension[]) =>
        (await meter.usage({ ...query, accountId: account, groupBy })).map((row) => [
          row.day ?? row.hour,
          row.requests,
        ]);
      deepEqual(await requests({}, ['day']), [
        ['2026-11-30', 1],
        ['2026-12-01', 3],
      ]);
      deepEqual(await requests({ from: midnight, to: midnight + HOUR_MS }, ['hour']), [['2026-12-01T00', 2]]);
      deepEqual(await requests({ from: midnight + HOUR_MS }, ['hour']), [['2026-12-01T01', 1]]);
      deepEqual(await requests({ from: midnight + 1, to: midnight + HOUR_MS }, ['hour']), [['2026-12-01T00', 1]]);
      deepEqual(await requests({ from: midnight, to: midnight + HOUR_MS - 1 }, ['hour']), [['2026-12-01T00', 1]]);
      deepEqual(await requests({ to: midnight }, ['day']), [['2026-11-30', 1]]);
    },
  },
  {
    name: 'without events there is no row, not even one of zeros',
    async run(meter) {
      const accountId = uniqueName('account');
      deepEqual(await meter.usage({ accountId, groupBy: [] }), []);
      deepEqual(await meter.usage({ accountId, groupBy: ['day'] }), []);
      deepEqual(await meter.events({ accountId }, { limit: 5 }), []);
    },
  },
  {
    name: 'events come newest first, page by page, filtered by account, key, model and time',
    async run(meter) {
      const [account, other] = [await fundedAccount(meter, 1_000n), await fundedAccount(meter, 1_000n)];
      const ids: string[] = [];
      for (let i = 0; i < 23; i++) {
        const change = { at: SAMPLE_TIME + i, model: i % 2 ? 'odd' : 'even', keyId: `${account}-${i % 3}` };
        const settlement = settlementOf(holdOf(account, 0n), 1, change);
        await meter.settle(settlement);
        await meter.settle(settlementOf(holdOf(other, 0n), 1, { at: SAMPLE_TIME + i }));
        ids.unshift(settlement.id);
      }
      const read = async (query: UsageRange, limit: number) => {
        const found: string[] = [];
        for (let before: string | undefined; ; before = found.at(-1)) {
          const page = await meter.events(query, before === undefined ? { limit } : { limit, before });
          found.push(...page.map((event) => event.id));
          if (page.length < limit) return found;
        }
      };
      const kept = (test: (i: number) => boolean) => ids.filter((_, index) => test(22 - index));
      const accountId = account;
      deepEqual(await read({ accountId }, 5), ids);
      deepEqual(
        await read({ accountId, model: 'odd' }, 4),
        kept((i) => i % 2 === 1),
      );
      deepEqual(
        await read({ accountId, keyId: `${account}-2` }, 3),
        kept((i) => i % 3 === 2),
      );
      deepEqual(
        await read({ accountId, from: SAMPLE_TIME + 5, to: SAMPLE_TIME + 9 }, 2),
        kept((i) => i >= 5 && i < 9),
      );
    },
  },
  {
    name: 'the operator sees all accounts',
    async run(meter) {
      const accounts = [await fundedAccount(meter, 100n), await fundedAccount(meter, 100n)];
      // A model of its own: the database may hold any number of newer events.
      const model = `model-of-${accounts[0]}`;
      for (const account of accounts) await meter.settle(settlementOf(holdOf(account, 0n), 3, { model }));
      const rows = await meter.usage({ model, groupBy: ['account'] });
      const ours = rows.filter((row) => accounts.includes(row.accountId ?? ''));
      deepEqual(
        ours.map((row) => row.cost),
        [3n, 3n],
      );
      const events = await meter.events({ model }, { limit: 1_000 });
      ok(accounts.every((account) => events.some((event) => event.accountId === account)));
    },
  },
  {
    name: 'totals above 2^53 stay exact',
    async run(meter) {
      const account = await fundedAccount(meter, 2n ** 61n);
      const cost = 999_999_999_999_999n;
      const price = { ...PRICE, output: cost * 1_000n, multiplier: 1_000_000n };
      for (let i = 0; i < 12; i += 1) await meter.settle(settlementOf(holdOf(account, 0n), 1, { price }));
      const [total] = await meter.usage({ accountId: account, groupBy: [] });
      equal(total?.cost, cost * 12n);
      await assertAccountsBalance(meter, [account]);
    },
  },
];

const GROUPINGS: readonly (readonly UsageDimension[])[] = [
  [],
  ['account'],
  ['model'],
  ['key'],
  ['day'],
  ['hour'],
  ['model', 'key', 'day'],
  ['hour', 'account', 'model'],
];

function filters(random: SeededRandom, accountId: string): UsageRange[] {
  const from = SAMPLE_TIME + random.integer(0, 40 * HOUR_MS);
  const to = from + random.integer(1, 40 * HOUR_MS);
  return [
    { accountId },
    { accountId, model: 'small' },
    { accountId, keyId: `${accountId}-key-1` },
    { accountId, from },
    { accountId, to },
    { accountId, from, to, model: 'large' },
    { accountId, from: Math.floor(from / HOUR_MS) * HOUR_MS, to: Math.ceil(to / HOUR_MS) * HOUR_MS },
  ];
}

function randomEvent(random: SeededRandom, accountId: string, at: number): UsageEvent {
  const usage = usageOf({
    inputTokens: random.integer(0, 5_000),
    cachedInputTokens: random.integer(0, 900),
    cacheWriteTokens: random.integer(0, 50),
    cacheWrite1hTokens: random.integer(0, 5),
    outputTokens: random.integer(0, 2_000),
    reasoningTokens: random.integer(0, 700),
  });
  const outcome = random.pick<Outcome>(['completed', 'aborted', 'timeout', 'truncated', 'error']);
  const model = random.pick(['small', 'large', 'Über/model']);
  const keyId = `${accountId}-key-${random.integer(0, 2)}`;
  const change = { usage, price: PRICE, at, model, keyId, outcome };
  const { prepaid: _prepaid, ...event } = settlementOf(holdOf(accountId, 0n), 0, change);
  return event;
}

/** The contract, written down the slow way. */
function expectedTotals(
  events: readonly UsageEvent[],
  filter: UsageRange,
  groupBy: readonly UsageDimension[],
): UsageTotals[] {
  const groups = new Map<string, UsageTotals>();
  for (const event of events) {
    if (filter.accountId !== undefined && event.accountId !== filter.accountId) continue;
    if (filter.keyId !== undefined && event.keyId !== filter.keyId) continue;
    if (filter.model !== undefined && event.model !== filter.model) continue;
    if (event.at < (filter.from ?? -Infinity) || event.at >= (filter.to ?? Infinity)) continue;
    const names = groupBy.map((dimension) => groupName(event, dimension));
    const key = names.map(([, value]) => value).join('\u0000');
    const { source: _source, ...tokens } = event.usage;
    const sum = groups.get(key);
    groups.set(key, {
      ...Object.fromEntries(names),
      requests: (sum?.requests ?? 0) + 1,
      inputTokens: (sum?.inputTokens ?? 0) + tokens.inputTokens,
      cachedInputTokens: (sum?.cachedInputTokens ?? 0) + tokens.cachedInputTokens,
      cacheWriteTokens: (sum?.cacheWriteTokens ?? 0) + tokens.cacheWriteTokens,
      cacheWrite1hTokens: (sum?.cacheWrite1hTokens ?? 0) + tokens.cacheWrite1hTokens,
      outputTokens: (sum?.outputTokens ?? 0) + tokens.outputTokens,
      reasoningTokens: (sum?.reasoningTokens ?? 0) + tokens.reasoningTokens,
      cost: (sum?.cost ?? 0n) + event.cost,
    });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, totals]) => totals);
}

function groupName(event: UsageEvent, dimension: UsageDimension): [string, string] {
  const iso = new Date(event.at).toISOString();
  if (dimension === 'account') return ['accountId', event.accountId];
  if (dimension === 'key') return ['keyId', event.keyId ?? ''];
  if (dimension === 'model') return ['model', event.model];
  return dimension === 'day' ? ['day', iso.slice(0, 10)] : ['hour', iso.slice(0, 13)];
}
