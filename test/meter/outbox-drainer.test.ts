import { describe, expect, test } from 'vitest';
import type { Settlement } from '../../src/meter/meter.js';
import { memoryOutbox } from '../../src/meter/outbox.js';
import { outboxDrainer } from '../../src/meter/outbox-drainer.js';
import { gate } from '../../src/testing/gate.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { settlementOf } from '../helpers/settlements.js';

/** A drainer in a world where time passes only when a timer is due. */
function world(refuses: (settlement: Settlement) => boolean, slow: Promise<void> = Promise.resolve()) {
  const outbox = memoryOutbox();
  const charged: string[] = [];
  const delays: number[] = [];
  const faults: unknown[] = [];
  let time = 0;
  let timers: { at: number; callback: () => void }[] = [];
  const drainer = outboxDrainer({
    outbox,
    meter: {
      async settle(settlement) {
        if (refuses(settlement)) throw new Error('the store is away');
        await slow;
        charged.push(settlement.id);
        return { recorded: true };
      },
    },
    now: () => time,
    random: () => 0.5,
    schedule(callback, delayMs) {
      delays.push(delayMs);
      const timer = { at: time + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    onFailure: (waiting) => faults.push(waiting),
  });
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  const passTimers = async (rounds: number) => {
    for (let i = 0; i < rounds; i++) {
      const due = timers.sort((a, b) => a.at - b.at).shift();
      if (!due) return;
      time = due.at;
      due.callback();
      await settled();
    }
  };
  return { outbox, drainer, charged, delays, faults, passTimers, waitingTimers: () => timers.length, settled };
}

describe('the outbox drainer', () => {
  test('brings what waits into the meter once the store is back, and then rests', async () => {
    let away = true;
    const { outbox, drainer, charged, passTimers, waitingTimers } = world(() => away);
    await outbox.append(settlementOf('req_1'));
    await outbox.append(settlementOf('req_2'));
    drainer.wake();
    await passTimers(3);
    expect(charged).toEqual([]);
    away = false;
    await passTimers(1);
    expect(charged.sort()).toEqual(['req_1', 'req_2']);
    expect(await outbox.pending()).toEqual([]);
    expect(waitingTimers()).toBe(0);
  });

  test.each(['in the background', 'at the end'])('does not forget what comes while a round runs, %s', async (when) => {
    const barrier = gate();
    const { outbox, drainer, charged, passTimers, settled } = world(() => false, barrier.pass());
    await outbox.append(settlementOf('req_1'));
    drainer.wake();
    await passTimers(1);
    await outbox.append(settlementOf('req_2'));
    drainer.wake();
    const drained = when === 'at the end' ? drainer.drain() : passTimers(1);
    barrier.open();
    await drained;
    await settled();
    expect(charged).toEqual(['req_1', 'req_2']);
    expect(await outbox.pending()).toEqual([]);
  });

  test('waits longer after each failure, up to half a minute', async () => {
    const { outbox, drainer, delays, passTimers } = world(() => true);
    await outbox.append(settlementOf('req_1'));
    drainer.wake();
    await passTimers(10);
    expect(delays.slice(0, 4)).toEqual([125, 250, 500, 1_000]);
    expect(delays.at(-1)).toBe(15_000);
  });

  test('is not held up by a settlement that the store never takes', async () => {
    const { outbox, drainer, charged, faults } = world((settlement) => settlement.id === 'req_bad');
    for (const id of ['req_1', 'req_bad', 'req_2']) await outbox.append(settlementOf(id));
    expect(await drainer.drain(0)).toBe(1);
    expect(charged.sort()).toEqual(['req_1', 'req_2']);
    expect(faults).toEqual([1]);
  });

  test('sends a few at once, and forgets them before the next: a killed process has only those to do again', async () => {
    const outbox = memoryOutbox();
    for (let i = 0; i < 1_000; i++) await outbox.append(settlementOf(`req_${i}`));
    let [running, most, charged, longest] = [0, 0, 0, 0];
    const settle = async () => {
      most = Math.max(most, ++running);
      longest = Math.max(longest, (await outbox.pending()).length - (1_000 - charged));
      await Promise.resolve();
      [running, charged] = [running - 1, charged + 1];
      return { recorded: true };
    };
    const drainer = outboxDrainer({ outbox, meter: { settle } });
    expect(await drainer.drain()).toBe(0);
    expect([charged, most]).toEqual([1_000, 8]);
    expect(longest).toBeLessThanOrEqual(8);
  });

  test('drains until a deadline, and says what is left', async () => {
    const { outbox, drainer, passTimers, settled } = world(() => true);
    await outbox.append(settlementOf('req_1'));
    const left = drainer.drain(5_000);
    await settled();
    await passTimers(20);
    expect(await left).toBe(1);
  });

  test('leaves a round behind that a hanging store never ends', async () => {
    const outbox = memoryOutbox();
    await outbox.append(settlementOf('req_1'));
    const drainer = outboxDrainer({ outbox, meter: { settle: () => new Promise(() => {}) } });
    const started = performance.now();
    expect(await drainer.drain(50)).toBe(1);
    expect(performance.now() - started).toBeLessThan(PROMPTLY_MS);
  });

  test('sets one timer however often it is woken, and none after it was stopped', async () => {
    const { drainer, waitingTimers } = world(() => true);
    for (let i = 0; i < 5; i++) drainer.wake();
    expect(waitingTimers()).toBe(1);
    drainer.stop();
    drainer.wake();
    expect(waitingTimers()).toBe(0);
  });
});
