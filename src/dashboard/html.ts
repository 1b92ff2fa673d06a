import { script, start, styles } from './page-assets.js';

interface PageParts {
  readonly title: string;
  /** The mount as seen from the page's own address: `'./'`, or `'dashboard/'` when it has no trailing slash. */
  readonly base: string;
  readonly theme: string | undefined;
  /** In milliseconds since the epoch: the visitor's own clock may be wrong. */
  readonly serverTime: number;
  /** Who is signed in, for the scripts. */
  readonly session: object;
}

/**
 * The page itself: everything else is drawn by the script. Links are relative to the mount, so the same page works
 * under any path and behind proxies that strip a prefix.
 */
export function pageHtml({ title, base, theme, serverTime, session }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="server-time" content="${serverTime}">
<meta name="session" content="${escapeHtml(JSON.stringify(session))}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${escapeHtml(base)}${styles.name}">${theme === undefined ? '' : `\n<link rel="stylesheet" href="${escapeHtml(base)}${theme}">`}
<script type="module" src="${escapeHtml(base)}${start.name}"></script>
<script type="module" src="${escapeHtml(base)}${script.name}"></script>
</head>
<body><div id="app"></div><noscript>This page needs JavaScript.</noscript></body>
</html>
`;
}

/** What a visitor without a session sees where the host named no login page. */
export function signInHtml(title: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${escapeHtml(title)}</title></head>
<body><h1>${escapeHtml(title)}</h1><p>Sign in to use the dashboard.</p></body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
