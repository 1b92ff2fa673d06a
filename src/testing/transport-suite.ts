import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Transport } from '../upstream/transport.js';
import { runSuite, type SuiteSkip, type SuiteTest } from './suite.js';
import { type TransportCase, TransportSubject } from './transport-samples.js';
import { sendCases } from './transport-send-cases.js';
import { stopCases } from './transport-stop-cases.js';

export interface TransportSuiteOptions {
  /** Makes a transport for one test; it is closed afterwards. */
  readonly create: () => MaybePromise<Transport>;
  /** How long a test waits for what must come at once, in milliseconds. @default 20_000 */
  readonly patienceMs?: number;
  readonly skip?: readonly SuiteSkip[];
}

const PATIENCE_MS = 20_000;

/**
 * Tests that a transport keeps its contract against servers on real sockets: requests and answers, redirects, compression,
 * what is thrown for each failure, aborts, and that a provider which is not read is held back.
 *
 * @param test the runner's `test`.
 */
export function transportSuite(test: SuiteTest, options: TransportSuiteOptions): void {
  const cases: readonly TransportCase[] = [...sendCases, ...stopCases];
  const create = async () => new TransportSubject(await options.create(), options.patienceMs ?? PATIENCE_MS);
  runSuite(test, cases, create, options.skip);
}
