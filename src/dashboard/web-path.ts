import { matchRoutes } from './api/route.js';
import { ROUTES } from './api/routes.js';
import { script, styles } from './page-assets.js';
import { isThemeName } from './theme.js';

/**
 * The path below the mount, with its query, when nobody tells where the mount ends: what comes last and names a route
 * or a file counts. Anything else is the mount itself.
 */
export function pathAfterMount(url: string): string {
  const { pathname, search } = new URL(url);
  const segments = pathname.split('/');
  const file = segments.at(-1);
  if (file === script.name || file === styles.name || isThemeName(file ?? '')) return `/${file}`;
  for (let start = segments.lastIndexOf('api'); start >= 0; start = segments.lastIndexOf('api', start - 1)) {
    const path = segments.slice(start).join('/');
    if (matchRoutes(ROUTES, path).length > 0) return `/${path}${search}`;
    if (start === 0) break;
  }
  return `/${search}`;
}
