import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryMeter } from '../../../src/index.js';
import type { HoldId } from '../../../src/meter/meter.js';
import { Leases } from '../../../src/pipeline/upkeep/leases.js';
import { holdOf, NOW, settlementOf } from '../../helpers/settlements.js';
import { testLogger } from '../../helpers/test-logger.js';

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A meter whose only account can pay for one hold, and the leases of a process that uses it. */
function world() {
  const meter = memoryMeter({ now: Date.now });
  meter.credit({ accountId: 'user_1', kind: 'top_up', amount: 210_000n, idempotencyKey: 'start', now: NOW });
  const held: HoldId[] = [];
  return { meter, held, leases: new Leases(meter, () => held, Date.now, testLogger) };
}

/** Two processes with one store and one hold each, of which the second does not see its own beats. */
async function twoProcesses() {
  const meter = memoryMeter({ now: Date.now });
  meter.credit({ accountId: 'user_1', kind: 'top_up', amount: 420_000n, idempotencyKey: 'start', now: NOW });
  const processOf = async (id: string) => {
    const held: HoldId[] = [];
    const leases = new Leases(meter, () => held, Date.now, silentLogger);
    meter.reserve(holdOf(id, { expiresAt: await leases.begin(Date.now()) }));
    held.push(holdOf(id));
    return leases;
  };
  const [sweeper, other] = [await processOf('req_1'), await processOf('req_2')];
  return { meter, sweeper, other, held: () => meter.balance('user_1').held };
}
const silentLogger = { debug() {}, info() {}, warn() {}, error() {} };

describe('the leases of holds', () => {
  test('a hold outlives its lease while its request runs, and not when it has ended', async () => {
    const { meter, held, leases } = world();
    meter.reserve(holdOf('req_1', { expiresAt: await leases.begin(Date.now()) }));
    held.push(holdOf('req_1'));
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(meter.balance('user_1').held).toBe(210_000n);
    held.pop();
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    expect(meter.balance('user_1').held).toBe(0n);
    expect(meter.settle(settlementOf('req_1'))).toEqual({ recorded: true });
    leases.stop();
  });

  test('a hold that a dead process left is given back, even when it leaves no money for another', async () => {
    const { meter, leases } = world();
    meter.reserve(holdOf('req_of_the_dead', { expiresAt: NOW + 2 * MINUTE }));
    const attempt = async () =>
      meter.reserve(holdOf(`req_${Date.now()}`, { expiresAt: await leases.begin(Date.now()) }));
    expect(await attempt()).toMatchObject({ ok: false, reason: 'balance' });
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    expect(await attempt()).toMatchObject({ ok: true });
    leases.stop();
  });

  test('of another process outlives a clock that is set forward, and not its process', async () => {
    const { sweeper, other, held } = await twoProcesses();
    await vi.advanceTimersByTimeAsync(MINUTE);
    vi.setSystemTime(Date.now() + 24 * 60 * MINUTE);
    await sweeper.beat();
    expect(held()).toBe(420_000n);
    await other.beat();
    await sweeper.beat();
    expect(held()).toBe(420_000n);
    other.stop();
    await vi.advanceTimersByTimeAsync(3 * MINUTE);
    expect(held()).toBe(210_000n);
    sweeper.stop();
  });

  test('of another process whose store was away for longer than a lease goes on when it is back', async () => {
    const { meter, sweeper, other, held } = await twoProcesses();
    const away = vi.spyOn(meter, 'extend').mockRejectedValue(new Error('out of reach') as never);
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    away.mockRestore();
    await sweeper.beat();
    expect(held()).toBe(420_000n);
    await other.beat();
    await sweeper.beat();
    expect(held()).toBe(420_000n);
    for (const leases of [sweeper, other]) leases.stop();
  });
});
