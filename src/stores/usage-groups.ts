import type { UsageDimension, UsageTotals } from '../meter/usage-log.js';

const GROUP_FIELDS: Readonly<Record<string, string>> = { account: 'accountId', key: 'keyId' };

/** A group's values under their names; tags together. */
export function namedGroups(
  dimensions: readonly UsageDimension[],
  values: readonly (string | null)[],
): Partial<UsageTotals> {
  const named: Record<string, unknown> = {};
  const tags: Record<string, string | null> = {};
  for (const [i, dimension] of dimensions.entries()) {
    if (dimension.startsWith('tag:')) tags[dimension.slice('tag:'.length)] = values[i] ?? null;
    else named[GROUP_FIELDS[dimension] ?? dimension] = values[i] ?? null;
  }
  return Object.keys(tags).length > 0 ? { ...named, tags } : named;
}
