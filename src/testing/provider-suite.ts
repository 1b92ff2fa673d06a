import { undiciTransport } from '../upstream/undici/transport.js';
import type { FakeAnswer } from './fake-answer.js';
import { answerCases } from './provider-answer-cases.js';
import { embeddingsCases, noEmbeddingsCases } from './provider-embeddings-cases.js';
import { errorCases } from './provider-error-cases.js';
import {
  type ProviderCase,
  ProviderSubject,
  type ProviderSuiteOptions,
  type ProviderUnderTest,
} from './provider-samples.js';
import { stopCases } from './provider-stop-cases.js';
import { streamCases } from './provider-stream-cases.js';
import { runSuite, type SuiteTest } from './suite.js';

export type { ProviderSuiteOptions, ProviderUnderTest } from './provider-samples.js';

const CONNECT_MS = 10_000;

/**
 * Tests that a provider adapter keeps its contract: whole answers and streams, tools, usage, errors, broken streams, aborts,
 * and embeddings.
 *
 * @param test the runner's `test`.
 * @example
 * providerSuite(test, {
 *   create: async (answer) => {
 *     const upstream = await fakeUpstream({ answer })
 *     return { adapter: acme({ baseURL: upstream.url }), close: () => upstream.close() }
 *   },
 * })
 */
export function providerSuite(test: SuiteTest, options: ProviderSuiteOptions): void {
  const cases: readonly ProviderCase[] = [
    ...answerCases,
    ...streamCases,
    ...errorCases,
    ...stopCases,
    ...(options.embeddingModel === undefined ? noEmbeddingsCases : embeddingsCases),
  ];
  const runs = cases.map(({ name, run }) => ({ name, run: ({ start }: Starter) => run(start) }));
  runSuite(test, runs, () => starter(options), options.skip);
}

interface Starter {
  readonly start: (answer: FakeAnswer) => Promise<ProviderSubject>;
  close(): Promise<void>;
}

/** Starts adapters for one test, and closes all of them when the test is over. */
function starter(options: ProviderSuiteOptions): Starter {
  const subjects: ProviderUnderTest[] = [];
  const transport = options.transport ?? undiciTransport({ connectMs: CONNECT_MS });
  return {
    async start(answer) {
      const subject = await options.create(answer);
      subjects.push(subject);
      return new ProviderSubject(subject, options, transport);
    },
    async close() {
      for (const subject of subjects) await subject.close?.();
      if (options.transport === undefined) await transport.close?.();
    },
  };
}
