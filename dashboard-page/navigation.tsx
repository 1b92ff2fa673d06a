/** @jsxImportSource preact */
import { useEffect, useRef, useState } from 'preact/hooks';
import { PAGES } from '../src/dashboard/pages.js';
import { t } from './i18n.js';
import type { Preferences, Theme } from './preferences.js';
import { addressOf, type Place } from './router.js';
import type { Session } from './shapes.js';
import { Icon } from './ui/icons.js';

interface NavigationProps {
  readonly session: Session | undefined;
  readonly place: Place;
  readonly preferences: Preferences;
  readonly onPreferences: (preferences: Preferences) => void;
}

const LANGUAGES = [
  ['en', 'English'],
  ['zh', '简体中文'],
] as const;

/** A language by its own name. */
function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
}

/** Logo and name; they lead back to the host's app where there is a way. */
function Brand({ session }: { readonly session: Session | undefined }) {
  const content = (
    <>
      {session?.logo && (
        <svg width="22" height="22" aria-hidden="true">
          <image href={session.logo} width="22" height="22" />
        </svg>
      )}
      <span>{session?.title}</span>
    </>
  );
  return session?.homeUrl ? (
    <a class="brand" href={session.homeUrl} title={t('nav.back')}>
      {content}
    </a>
  ) : (
    <div class="brand">{content}</div>
  );
}

/** Who is signed in, and the way out. */
function Person({ session }: { readonly session: Session | undefined }) {
  return (
    <div class="account">
      <bdi class="account-name" title={session?.accountId}>
        {session?.displayName ?? session?.email ?? session?.accountId}
      </bdi>
      {session?.logoutUrl && <a href={session.logoutUrl}>{t('nav.signOut')}</a>}
    </div>
  );
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
      <Brand session={session} />
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
          onChange={(event) => onPreferences({ ...preferences, language: event.currentTarget.value })}
        >
          {LANGUAGES.filter(([tag]) => !session?.languages.includes(tag)).map(([tag, name]) => (
            <option key={tag} value={tag}>
              {name}
            </option>
          ))}
          {session?.languages.map((tag) => (
            <option key={tag} value={tag}>
              {nameOf(tag)}
            </option>
          ))}
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
        <Person session={session} />
      </div>
    </aside>
  );
}
