import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HoldId, Meter } from '../../src/meter/meter.js';
import { Leases } from '../../src/pipeline/upkeep/leases.js';
import { memoryMeter } from '../../src/stores/memory/memory-meter.js';
import { fundedAccount, holdOf } from '../../src/testing/meter-samples.js';
import { testClock } from '../../src/testing/test-clock.js';
import { holdFor, startMoneyGateway } from '../helpers/money-gateway.js';
import { completionReply } from '../helpers/openai-replies.js';
import { testLogger } from '../helpers/test-logger.js';

describe('the lease of a hold', () => {
  const clock = testClock();
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1_000);
      await vi.advanceTimersByTimeAsync(1_000);
    }
  }

  /** The leases of one process, and the holds that it has open. */
  function leasesOf(meter: Meter) {
    const held: HoldId[] = [];
    return { held, leases: new Leases(meter, () => held, clock.now, testLogger) };
  }

  test('goes on for as long as its request runs, and ends two minutes after its process', async () => {
    const meter = memoryMeter();
    const account = await fundedAccount(meter, 100n);
    const [here, dead] = [leasesOf(meter), leasesOf(meter)];
    for (const { leases, held } of [here, dead]) {
      const hold = holdOf(account, 40n, { expiresAt: await leases.begin(clock.now()) });
      meter.reserve(hold);
      held.push(hold);
    }
    dead.leases.stop();
    await pass(115);
    expect(meter.balance(account).held).toBe(80n);
    await pass(40);
    expect(meter.balance(account).held).toBe(40n);
    await pass(3_600);
    expect(meter.balance(account).held).toBe(40n);
  });

  test('costs no timer once nothing has run for a while', async () => {
    const { leases, held } = leasesOf(memoryMeter());
    await leases.begin(clock.now());
    held.push({ accountId: 'user_1', id: 'request' });
    await pass(60);
    expect(vi.getTimerCount()).toBe(1);
    held.pop();
    await pass(150);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that a store can not extend is tried again', async () => {
    const meter = memoryMeter();
    const extend = vi.spyOn(meter, 'extend').mockImplementationOnce(() => {
      throw new Error('out of reach');
    });
    const { leases, held } = leasesOf(meter);
    await leases.begin(clock.now());
    held.push({ accountId: 'user_1', id: 'request' });
    await pass(60);
    expect(extend).toHaveBeenCalledTimes(2);
    leases.stop();
  });
});

test('money that a process held when it died is free again for the first request after two minutes', async () => {
  const clock = testClock();
  const gateway = await startMoneyGateway(() => completionReply(), { now: clock.now });
  const customer = await gateway.account(holdFor(100));
  const expiresAt = clock.now() + 120_000;
  gateway.meter.reserve(holdOf(customer.id, holdFor(100), { expiresAt }));
  expect((await customer.post()).status).toBe(403);
  clock.advance(120_001);
  await gateway.gateway.close();

  const next = await startMoneyGateway(() => completionReply(), { now: clock.now, meter: gateway.meter });
  const again = await next.account(0n);
  expect(again.id).toBe(customer.id);
  expect((await again.post()).status).toBe(200);
  await next.finish();
  await gateway.finish();
});
