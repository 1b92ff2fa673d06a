import type { MaybePromise } from '../lib/maybe-promise.js';
import type { FullMeter, Meter } from '../meter/meter.js';
import { grantAndPromoCases, grantCases } from './meter-grant-cases.js';
import { budgetCases, reserveCases } from './meter-hold-cases.js';
import { ledgerCases, promoCases } from './meter-ledger-cases.js';
import { modelCases } from './meter-model-cases.js';
import { noticeCases } from './meter-notice-cases.js';
import { settleCases } from './meter-settle-cases.js';
import { sourceCases } from './meter-source-cases.js';
import { usageCases } from './meter-usage-cases.js';
import { windowCases } from './meter-window-cases.js';
import { runSuite, type SuiteSkip, type SuiteTest } from './suite.js';

/** Parts of a Meter that not everyone needs. */
export type MeterPart = 'grants' | 'promoCodes' | 'notices';

/**
 * Tests that a Meter keeps its contract: concurrency, idempotency, leases, budgets, promo codes, exact totals.
 *
 * @param test the runner's `test`.
 * @param options.create makes a meter for one test; its database may be shared and kept, as every test uses names of
 * its own. Only one suite may use that database at a time, because expired holds are released for everyone.
 */
export function meterSuite(
  test: SuiteTest,
  options: {
    readonly create: () => MaybePromise<Meter>;
    /** The parts that the meter has besides those that all have. @default all */
    readonly parts?: readonly MeterPart[];
    readonly skip?: readonly SuiteSkip[];
  },
): void {
  const has = (part: MeterPart) => options.parts?.includes(part) ?? true;
  const cases = [
    ...reserveCases,
    ...budgetCases,
    ...settleCases,
    ...ledgerCases,
    ...usageCases,
    ...(has('promoCodes') ? promoCases : []),
    ...(has('grants') ? [...sourceCases, ...grantCases, ...windowCases] : []),
    ...(has('grants') && has('notices') ? noticeCases : []),
    ...(has('promoCodes') && has('grants') ? [...grantAndPromoCases, ...modelCases] : []),
  ];
  runSuite(test, cases, options.create as () => MaybePromise<FullMeter>, options.skip);
}
