/** @jsxImportSource preact */
import { useEffect, useRef } from 'preact/hooks';
import { t } from './i18n.js';
import type { Language, Preferences, Theme } from './preferences.js';
import { PAGES, type Place } from './router.js';
import type { Session } from './shapes.js';
import { Icon } from './ui/icons.js';

interface NavigationProps {
  readonly session: Session | undefined;
  readonly place: Place;
  readonly preferences: Preferences;
  readonly onPreferences: (preferences: Preferences) => void;
}

/** The product's name, links to the pages, who is signed in, language and theme. */
export function Navigation({ session, place, preferences, onPreferences }: NavigationProps) {
  const pages = PAGES.filter((page) => page !== 'operator' || session?.operator);
  const nav = useScrolledToCurrent(place);
  return (
    <aside class="side">
      <div class="brand">{session?.title}</div>
      <nav ref={nav} class="nav" aria-label={t('nav.label')}>
        {pages.map((page) => (
          <a key={page} href={`#/${page}`} aria-current={page === place.page ? 'page' : undefined}>
            <Icon name={page} />
            {t(`nav.${page}`)}
          </a>
        ))}
      </nav>
      <div class="side-foot">
        <select
          aria-label={t('pref.language')}
          value={preferences.language}
          onChange={(event) => onPreferences({ ...preferences, language: event.currentTarget.value as Language })}
        >
          <option value="en">English</option>
          <option value="zh">简体中文</option>
        </select>
        <select
          aria-label={t('pref.theme')}
          value={preferences.theme}
          onChange={(event) => onPreferences({ ...preferences, theme: event.currentTarget.value as Theme })}
        >
          <option value="system">{t('theme.system')}</option>
          <option value="light">{t('theme.light')}</option>
          <option value="dark">{t('theme.dark')}</option>
        </select>
        <div class="account" title={session?.accountId}>
          {session?.accountId}
        </div>
      </div>
    </aside>
  );
}

/** On narrow screens the links scroll sideways: the current one stays in sight. */
function useScrolledToCurrent({ page }: Place) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const link = nav.current?.querySelector(`a[href="#/${page}"]`);
    link?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [page]);
  return nav;
}
