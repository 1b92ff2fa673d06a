import type { MaybePromise } from '../lib/maybe-promise.js';

/** A test runner's `test`: that of vitest, jest or node:test. */
export interface SuiteTest {
  (name: string, run: () => Promise<void>): unknown;
  skip?: (name: string, run: () => Promise<void>) => unknown;
}

/** Tests that an implementation does not pass on purpose, by their exact names. */
export interface SuiteSkip {
  readonly reason: string;
  readonly tests: readonly string[];
}

/** One test of a suite: what must hold, and how that is shown on a fresh instance. */
export interface SuiteCase<T> {
  readonly name: string;
  readonly run: (subject: T) => MaybePromise<void>;
}

/**
 * Gives every case to the runner with an instance of its own, which is closed afterwards.
 *
 * @throws when a skip names a test that does not exist, so that a renamed test is not skipped by accident.
 */
export function runSuite<T extends { close?(): MaybePromise<void> }>(
  test: SuiteTest,
  cases: readonly SuiteCase<T>[],
  create: () => MaybePromise<T>,
  skips: readonly SuiteSkip[] = [],
): void {
  const reasons = new Map(skips.flatMap(({ reason, tests }) => tests.map((name) => [name, reason] as const)));
  for (const { name, run } of cases) {
    const reason = reasons.get(name);
    reasons.delete(name);
    const body = async () => {
      const subject = await create();
      try {
        await run(subject);
      } finally {
        await subject.close?.();
      }
    };
    if (reason === undefined) test(name, body);
    else test.skip?.(`${name} (${reason})`, body);
  }
  if (reasons.size > 0) throw new Error(`no such tests to skip: ${[...reasons.keys()].join('; ')}`);
}

const RUN = crypto.randomUUID().slice(0, 8);
let names = 0;

/** A name that no other test and no earlier run has used: suites may run on a database that is shared and kept. */
export function uniqueName(label: string): string {
  return `${label}-${RUN}-${++names}`;
}

/** Calls `run` `times` times at once; results in the order of the calls. */
export function atOnce<T>(times: number, run: (index: number) => MaybePromise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, async (_, index) => run(index)));
}
