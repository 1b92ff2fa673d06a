/** A language tag, as the visitor chose it or as the browser names it; it need not be one that there is. */
export type Language = string;
export type Theme = 'system' | 'light' | 'dark';

/** What the visitor chose in this browser; the browser's own settings until then. */
export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
}

const STORAGE_KEY = 'ai-gateway-dashboard';

export function readPreferences(): Preferences {
  const stored = readStored();
  return {
    language: typeof stored.language === 'string' ? stored.language : browserLanguage(),
    theme: stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : 'system',
  };
}

/** Keeps the choice; a browser that forbids storage forgets it with the page. */
export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(preferences));
  } catch {}
}

/** Shows the theme on the page as a whole. */
export function applyTheme({ theme }: Preferences): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}

function readStored(): Partial<Preferences> {
  try {
    return (JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Partial<Preferences> | null) ?? {};
  } catch {
    return {};
  }
}

/** Some systems write more behind it: `en-US@posix`. */
function browserLanguage(): Language {
  return /^[a-z]{2,3}(-[a-z0-9]{2,8})*/i.exec(navigator.language)?.[0] ?? 'en';
}
