/** @jsxImportSource preact */
import { useEffect, useRef, useState } from 'preact/hooks';
import { PAGES } from '../src/dashboard/pages.js';
import { t } from './i18n.js';
import type { Language, Preferences, Theme } from './preferences.js';
import { addressOf, type Place } from './router.js';
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
  const [open, setOpen] = useState(false);
  const at = [place.page, ...place.path].join('/');
  const shown = useRef(at);
  useEffect(() => {
    if (shown.current !== at) setOpen(false);
    shown.current = at;
  }, [at]);
  return (
    <aside class="side">
      <div class="brand">{session?.title}</div>
      <button
        type="button"
        class="button menu-button"
        aria-expanded={open}
        aria-controls="pages"
        onClick={() => setOpen(!open)}
      >
        <Icon name={open ? 'close' : 'menu'} />
        {t(`nav.${place.page}`)}
      </button>
      <nav id="pages" class={open ? 'nav nav-open' : 'nav'} aria-label={t('nav.label')}>
        {pages.map((page) => (
          <a key={page} href={addressOf([page])} aria-current={page === place.page ? 'page' : undefined}>
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
