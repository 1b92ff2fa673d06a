import { isAddressRange } from '../keys/allowed-addresses.js';
import type { KeyDetailsChange } from '../keys/key-details.js';
import { isOptions } from '../lib/is-object.js';
import { unknownOptions } from '../lib/option-names.js';
import { invalid, readFlag, readName } from './management.js';

const MAX_METADATA = 16;
const MAX_METADATA_LENGTH = 256;

/** Settings of a key that most keys do not have, as the host gives them; null removes one. */
interface GivenDetails {
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly allowIps?: readonly string[] | null | undefined;
  readonly routes?: readonly string[] | null | undefined;
  readonly lockedBudget?: boolean | undefined;
}

/**
 * @param routePaths the paths that the gateway serves.
 * @throws {GatewayError} `invalid_value` that names the setting.
 */
export function readDetails(
  { metadata, allowIps, routes, lockedBudget }: GivenDetails,
  routePaths: readonly string[],
): KeyDetailsChange {
  return {
    ...(metadata !== undefined && { metadata: metadata === null ? null : readMetadata(metadata) }),
    ...(allowIps !== undefined && { allowIps: allowIps === null ? null : readAllowIps(allowIps) }),
    ...(routes !== undefined && { routes: routes === null ? null : readRoutes(routes, routePaths) }),
    ...(lockedBudget !== undefined && { lockedBudget: readFlag(lockedBudget, 'lockedBudget') || null }),
  };
}

function readMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!isOptions(metadata)) throw invalid('metadata', 'it must be an object of texts');
  const entries = Object.entries(metadata);
  if (entries.length > MAX_METADATA) throw invalid('metadata', `there may be at most ${MAX_METADATA}`);
  for (const [name, value] of entries) {
    readName(name, 'metadata', MAX_METADATA_LENGTH);
    readName(value, `metadata.${name}`, MAX_METADATA_LENGTH);
  }
  return { ...metadata };
}

function readAllowIps(ranges: readonly string[]): readonly string[] {
  if (!Array.isArray(ranges) || ranges.length === 0 || !ranges.every(isAddressRange))
    throw invalid('allowIps', "it must be a list of addresses and ranges like '10.0.0.0/8'");
  return [...ranges];
}

/** As clients write them, too: with a slash or a version before them. */
function readRoutes(routes: readonly string[], routePaths: readonly string[]): readonly string[] {
  if (!Array.isArray(routes) || routes.length === 0 || !routes.every((route) => typeof route === 'string'))
    throw invalid('routes', "it must be a list of paths like 'chat/completions'");
  const paths = routes.map((route) => route.replace(/^\/?(?:v1(?:beta)?\/)?/, ''));
  const known = Object.fromEntries(routePaths.map((path) => [path, true as const]));
  const [unknown] = unknownOptions(Object.fromEntries(paths.map((path) => [path, true])), known);
  if (unknown) {
    const hint =
      unknown.meant === undefined ? `the routes are ${routePaths.join(', ')}` : `was '${unknown.meant}' meant?`;
    throw invalid('routes', `'${unknown.name}' is not a route; ${hint}`);
  }
  return paths;
}
