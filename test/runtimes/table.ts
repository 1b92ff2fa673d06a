/** What became of one published suite. */
export interface SuiteResult {
  readonly suite: string;
  readonly passed: number;
  readonly failures: readonly string[];
}

/** What ran in one runtime on one driver. */
export interface Outcome {
  /** With its version: `Node 24.22.3`. */
  readonly runtime: string;
  readonly target: string;
  readonly suites: readonly SuiteResult[];
}

const START = '<!-- table -->\n';
const END = '<!-- end of table -->';

/** The page with a table of what ran, and the day. */
export function tableOf(page: string, outcomes: readonly Outcome[]): string {
  const lines = [
    `Run on ${new Date().toISOString().slice(0, 10)}:`,
    '',
    '| Runtime | Driver | Tests that passed |',
    '|---|---|---|',
    ...outcomes.map(({ runtime, target, suites }) => `| ${runtime} | ${target} | ${suites.map(cell).join(', ')} |`),
  ];
  return `${page.slice(0, page.indexOf(START) + START.length)}${lines.join('\n')}\n${page.slice(page.indexOf(END))}`;
}

function cell({ suite, passed, failures }: SuiteResult): string {
  return failures.length === 0 ? `${suite} ${passed}` : `${suite} ${passed} of ${passed + failures.length}`;
}
