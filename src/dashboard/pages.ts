/** The pages, in the order of the navigation. */
export const PAGES = [
  'home',
  'playground',
  'requests',
  'usage',
  'keys',
  'billing',
  'models',
  'quickstart',
  'operator',
] as const;
export type PageName = (typeof PAGES)[number];

/**
 * Where a path such as `billing` or `requests/req_1` is shown: the page keeps its place behind the `#`, other software
 * links to paths.
 *
 * @returns an address relative to the path; undefined for what names no page.
 */
export function placeOf(path: string): string | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (!PAGES.some((page) => page === segments[0])) return undefined;
  const up = path.split('/').length - 1;
  return `${'../'.repeat(up) || './'}#/${segments.join('/')}`;
}
