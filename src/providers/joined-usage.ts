import { addCounts, type Usage } from '../lib/usage.js';

/** The sum of the reports of several answers; undefined when one of them had none. */
export function joinedUsage(reports: readonly (Usage | undefined)[]): Usage | undefined {
  const known = reports.filter((report) => report !== undefined);
  const [first, ...others] = known;
  if (first === undefined || known.length < reports.length) return undefined;
  return others.reduce(addCounts<Usage>, first);
}
