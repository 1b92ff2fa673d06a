import type { KeyInfo } from '../../management/keys.js';
import type { KeyOrder, KeyState } from '../key-views.js';

const DAY_MS = 86_400_000;
const UNUSED_MS = 90 * DAY_MS;
const SOON_MS = 14 * DAY_MS;

/** Which keys, in which order. */
export interface KeySelection {
  /** Part of a name, a hint or an id, whose case does not matter; empty: all. */
  readonly search: string;
  readonly sort: KeyOrder;
  /** Undefined: all of them. */
  readonly state: KeyState | undefined;
  /** Whose order names are in, as a tag: `zh-CN`. */
  readonly language: string;
}

/** The keys of a selection, in its order. */
export function selectKeys(
  keys: readonly KeyInfo[],
  { search, sort, state, language }: KeySelection,
  spentBy: (key: KeyInfo) => number,
  now: number,
): KeyInfo[] {
  const wanted = search.toLowerCase();
  const isFound = ({ name, hint, id }: KeyInfo) =>
    wanted === '' || [name, hint, id].some((text) => text.toLowerCase().includes(wanted));
  const found = keys.filter((key) => isIn(key, state, now) && isFound(key));
  return found.sort(orderOf(sort, spentBy, language));
}

function orderOf(
  sort: KeyOrder,
  spentBy: (key: KeyInfo) => number,
  language: string,
): (a: KeyInfo, b: KeyInfo) => number {
  switch (sort) {
    case 'created':
      return (a, b) => b.createdAt.getTime() - a.createdAt.getTime();
    case 'spend':
      return (a, b) => spentBy(b) - spentBy(a);
    case 'used':
      return (a, b) => (b.lastUsedAt?.getTime() ?? 0) - (a.lastUsedAt?.getTime() ?? 0);
    case 'name': {
      const { compare } = new Intl.Collator(language, { numeric: true });
      return (a, b) => compare(a.name, b.name);
    }
  }
}

/** How many keys there are, and how many ask for a look: unused for 90 days, or ending within 14. */
export function countKeys(keys: readonly KeyInfo[], now: number) {
  const ends = ({ expiresAt }: KeyInfo) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const live = keys.filter((key) => !key.revokedAt && ends(key) > now);
  return {
    all: keys.length,
    live: live.length,
    unused: live.filter((key) => isUnused(key, now)).length,
    ending: live.filter((key) => ends(key) - now < SOON_MS).length,
  };
}

function isIn(key: KeyInfo, state: KeyState | undefined, now: number): boolean {
  switch (state) {
    case 'live':
      return key.revokedAt === null;
    case 'unused':
      return isUnused(key, now);
    case 'revoked':
      return key.revokedAt !== null;
    default:
      return true;
  }
}

/** A key that is not revoked and that nobody has used for 90 days. */
function isUnused({ revokedAt, lastUsedAt, createdAt }: KeyInfo, now: number): boolean {
  return !revokedAt && now - (lastUsedAt ?? createdAt).getTime() > UNUSED_MS;
}
