import { writeFileSync } from 'node:fs';

/**
 * A vitest reporter that writes what `.ci/run` adds up: how many tests passed and failed, and which were skipped and
 * why. Its file is named by `SUMMARY_FILE`.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      // A module that could not be loaded, or whose hooks failed, has no failed test to show for it.
      let failed = 0;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') failed += 1;
        else summary.skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason: note });
      }
      summary.failed += failed > 0 ? failed : module.ok() ? 0 : 1;
    }
    writeFileSync(process.env.SUMMARY_FILE, JSON.stringify(summary));
  }
}
