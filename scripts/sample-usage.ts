import { parseUsd } from '../src/lib/money.js';
import type { KeyInfo } from '../src/management/keys.js';
import type { BudgetWindow, Meter } from '../src/meter/meter.js';
import { costOf, type Price, priceFor, readPrice } from '../src/meter/price.js';
import { budgetWindowAt } from '../src/meter/windows.js';
import type { RequestLog } from '../src/requests/request-log.js';
import type { RequestRecord } from '../src/requests/request-record.js';
import { seededRandom } from '../src/testing/seeded-random.js';
import { isFailure, sampleRequest } from './sample-request.js';

/** A key that is used, and what its requests count against. */
export type SampleKey = Pick<KeyInfo, 'id' | 'budget'>;

interface SampleUsage {
  readonly meter: Meter;
  /** Where the requests are logged, too. */
  readonly requests?: RequestLog | undefined;
  readonly accountId: string;
  readonly keys: readonly SampleKey[];
  readonly prices: Readonly<Record<string, Price>>;
  readonly days: number;
  /** Requests of a usual day when the account was new. @default 10 */
  readonly busy?: number;
  readonly now: number;
}

const DAY = 86_400_000;

/** Records weeks of believable requests: busier on weekdays, growing, some models preferred. The same on every run. */
export async function recordSampleUsage({
  meter,
  requests: log,
  accountId,
  keys,
  prices,
  days,
  now,
  busy = 10,
}: SampleUsage): Promise<void> {
  const random = seededRandom(7);
  const models = Object.keys(prices);
  const records: RequestRecord[] = [];
  for (let day = days - 1; day >= 0; day -= 1) {
    const start = Math.floor(now / DAY) * DAY - day * DAY;
    const weekend = [0, 6].includes(new Date(start).getUTCDay()) ? 0.4 : 1;
    const requests = Math.round((busy + ((days - day) * busy) / 20) * weekend * (0.7 + random.next() * 0.6));
    const times = Array.from({ length: requests }, () => start + random.integer(0, DAY - 1)).sort((a, b) => a - b);
    const settled: unknown[] = [];
    for (const [index, at] of times.entries()) {
      if (at > now) continue;
      const model = models[Math.floor(random.next() ** 1.6 * models.length)] ?? '';
      const asked = {
        inputTokens: random.integer(400, 9_000),
        cachedInputTokens: random.next() < 0.5 ? random.integer(1_000, 6_000) : 0,
        cacheWriteTokens: 0,
        cacheWrite1hTokens: 0,
        outputTokens: random.integer(80, 1_800),
        reasoningTokens: 0,
        source: 'provider' as const,
      };
      const usage = isFailure(at) ? { ...asked, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 } : asked;
      const id = `req_sample_${accountId}_${day}_${index}`;
      const key = keys[Math.floor(random.next() ** 1.5 * keys.length)];
      const keyId = key?.id ?? '';
      const price = priceFor(readPrice(prices[model] ?? { input: 0, output: 0 }), usage.inputTokens);
      records.push(sampleRequest({ id, accountId, keyId, at, model, usage, cost: costOf(usage, price) }));
      if (isFailure(at)) continue;
      const done = meter.settle({
        ...{ id, accountId, keyId, at },
        model,
        provider: 'sample',
        upstreamModel: model,
        usage,
        price,
        cost: costOf(usage, price),
        providerCost: (costOf(usage, price) * 4n) / 5n,
        outcome: random.next() < 0.97 ? 'completed' : 'aborted',
        flags: [],
        prepaid: true,
        budgets: budgetsOf(key, at),
      });
      settled.push(done);
    }
    await Promise.all(settled);
  }
  await log?.append(records);
}

function budgetsOf(key: SampleKey | undefined, at: number): BudgetWindow[] {
  if (!key?.budget) return [];
  const { amount, period } = key.budget;
  return [{ subject: `key:${key.id}`, window: budgetWindowAt(period, at), limit: parseUsd(amount) }];
}
