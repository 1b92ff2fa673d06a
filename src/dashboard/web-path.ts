import { matchRoutes } from './api/route.js';
import { ROUTES } from './api/routes.js';
import { script, start, styles } from './page-assets.js';
import { isThemeName } from './theme.js';

/**
 * The path below the mount, with its query, when the host does not say where the mount ends: what comes last and names a route
 * or a file counts. Anything else is the mount itself.
 */
export function pathAfterMount(url: string): string {
  const { pathname, search } = new URL(url);
  const segments = pathname.split('/');
  const file = segments.at(-1);
  const isAsset = [script, start, styles].some(({ name }) => name === file);
  if (isAsset || isThemeName(file ?? '')) return `/${file}`;
  for (let at = segments.lastIndexOf('api'); at >= 0; at = segments.lastIndexOf('api', at - 1)) {
    const path = segments.slice(at).join('/');
    if (matchRoutes(ROUTES, path).length > 0) return `/${path}${search}`;
    if (at === 0) break;
  }
  return `/${search}`;
}
