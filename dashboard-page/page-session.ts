import type { Session } from './shapes.js';

let known: Session | undefined;

/** Who was signed in when the page was loaded, as the page itself says. */
export function pageSession(): Session {
  known ??= JSON.parse(document.querySelector<HTMLMetaElement>('meta[name=session]')?.content ?? '{}') as Session;
  return known;
}

/**
 * Headers of a request, which says whom the page is of: in another tab somebody else may sign in, whose data it must not
 * show.
 */
export function headersWith(own: Record<string, string> = {}): Record<string, string> {
  return { ...own, 'x-dashboard-account': encodeURIComponent(pageSession().accountId) };
}

/** The URL of a file that the browser saves, which says the same. */
export function fileUrl(href: string): string {
  const url = new URL(href);
  url.searchParams.set('pageAccount', pageSession().accountId);
  return url.href;
}
