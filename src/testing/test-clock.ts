/** A clock that moves only when the test moves it. */
export interface TestClock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  advance(ms: number): void;
  set(ms: number): void;
}

/**
 * Makes a clock.
 *
 * @param start milliseconds since the epoch.
 * @default 2026-11-21T14:30:00Z
 */
export function testClock(start = Date.UTC(2026, 10, 21, 14, 30)): TestClock {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
    set(ms) {
      time = ms;
    },
  };
}
