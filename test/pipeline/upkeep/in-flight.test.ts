import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HoldId } from '../../../src/meter/holds.js';
import { InFlight, RunningRequest } from '../../../src/pipeline/upkeep/in-flight.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** What happens, in order, until the close is over. */
function closing(inFlight: InFlight, deadlineMs: number) {
  const steps: string[] = [];
  const over = inFlight.close(deadlineMs, () => steps.push('deadline')).then(() => steps.push('over'));
  return { steps, over };
}

test('closes at once when nothing runs, and lets nothing in', async () => {
  const inFlight = new InFlight();
  expect(inFlight.closed).toBe(false);
  await inFlight.close(1_000, () => expect.unreachable());
  expect(inFlight.closed).toBe(true);
});

class FakeRun extends RunningRequest {
  override held: HoldId | undefined = undefined;
  override cut: () => void = vi.fn();
}

function entered(inFlight: InFlight): FakeRun {
  const running = new FakeRun();
  inFlight.enter(running);
  return running;
}

test('knows the holds of what runs', () => {
  const inFlight = new InFlight();
  const [one, two] = [entered(inFlight), entered(inFlight)];
  entered(inFlight);
  one.held = { accountId: 'user_1', id: 'req_1' };
  two.held = { accountId: 'user_2', id: 'req_2' };
  expect(inFlight.holds()).toEqual([two.held, one.held]);
  one.held = undefined;
  inFlight.leave(two);
  expect(inFlight.holds()).toEqual([]);
});

test('waits for what runs', async () => {
  const inFlight = new InFlight();
  const [one, two] = [entered(inFlight), entered(inFlight)];
  const { steps, over } = closing(inFlight, 1_000);
  inFlight.leave(one);
  await vi.advanceTimersByTimeAsync(999);
  expect(steps).toEqual([]);
  inFlight.leave(two);
  inFlight.leave(two);
  await over;
  expect(steps).toEqual(['over']);
});

test('tells what still runs to end, then cuts it, then leaves it behind', async () => {
  const inFlight = new InFlight();
  const { steps } = closing(inFlight, 1_000);
  expect(steps).toEqual([]);
  const stubborn = entered(inFlight);
  const late = closing(inFlight, 1_000);
  stubborn.cut = () => late.steps.push('cut');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(late.steps).toEqual(['deadline']);
  await vi.advanceTimersByTimeAsync(500);
  expect(late.steps).toEqual(['deadline', 'cut']);
  await vi.advanceTimersByTimeAsync(500);
  expect(late.steps).toEqual(['deadline', 'cut', 'over']);
  expect(inFlight.size).toBe(1);
});

test('of two deadlines the earlier one counts, for both who wait', async () => {
  const inFlight = new InFlight();
  entered(inFlight);
  const [patient, hurried] = [closing(inFlight, 60_000), closing(inFlight, 0)];
  await vi.advanceTimersByTimeAsync(1_000);
  await Promise.all([patient.over, hurried.over]);
  expect([patient.steps, hurried.steps]).toEqual([['over'], ['deadline', 'over']]);
});
