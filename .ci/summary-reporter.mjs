import { writeFileSync } from 'node:fs';

/**
 * A vitest reporter that writes what `.ci/run` adds up: how many tests passed, which failed with what message, and
 * which were skipped and why. Its file is named by `SUMMARY_FILE`.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = {
      passed: 0,
      failures: unhandledErrors.map((error) => failure('outside of any test', error)),
      skipped: [],
    };
    for (const module of modules) {
      const before = summary.failures.length;
      for (const test of module.children.allTests()) {
        const { state, note, errors } = test.result();
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') summary.failures.push(failure(name, errors?.[0]));
        else summary.skipped.push({ name, reason: note });
      }
      // A module that could not be loaded, or whose hooks failed, has no failed test to show for it.
      if (summary.failures.length === before && !module.ok()) {
        summary.failures.push(failure(module.relativeModuleId, module.errors()[0]));
      }
    }
    writeFileSync(process.env.SUMMARY_FILE, JSON.stringify({ ...summary, failed: summary.failures.length }));
  }
}

function failure(name, error) {
  return { name, message: String(error?.stack ?? error?.message ?? error ?? 'no error given').slice(0, 2000) };
}
