import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const SLOW = 'test/**/*.slow.test.ts';
/** Needs a PostgreSQL with the Citus extension, which no registry that CI installs from has. */
const CITUS = 'test/**/*.citus.test.ts';
/** Folders whose tests open no socket and start no process. */
const UNIT = [
  'test/{catalog,json,keys,lib,limits,management,meter,openai-api,pipeline,providers,testing}/**/*.test.ts',
  'test/stores/memory/**/*.test.ts',
  'test/dashboard/page/**/*.test.ts',
];
/** The soak takes ten minutes in CI, most of which it waits: it begins first, and two others run beside it at any time. */
class SoakFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSoak = (file: TestSpecification) => file.moduleId.endsWith('soak.slow.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter(isSoak), ...sorted.filter((file) => !isSoak(file))];
  }
}

/** Limits are for what hangs: nothing is told from how fast a machine is. */
const shared = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  setupFiles: ['test/helpers/no-logged-errors.ts', 'test/helpers/property-seed.ts'],
};
const dashboardPage = ['test/helpers/dashboard-page.ts'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: SoakFirst },
    projects: [
      // Code alone: the first thing to run.
      { test: { ...shared, name: 'unit', include: UNIT, exclude: [SLOW] } },
      // Real sockets, clients and stores.
      {
        test: {
          ...shared,
          name: 'wire',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', SLOW, CITUS, ...UNIT],
          globalSetup: dashboardPage,
        },
      },
      // Long property runs, soaks, killed processes, packed installs, a browser.
      {
        test: {
          ...shared,
          // programs of others, and builds of whole apps, which take seconds or minutes
          testTimeout: 300_000,
          hookTimeout: 900_000,
          name: 'slow',
          include: [SLOW],
          exclude: ['**/node_modules/**'],
          globalSetup: dashboardPage,
        },
      },
      { test: { ...shared, name: 'citus', include: [CITUS] } },
    ],
  },
});
