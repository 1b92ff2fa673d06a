/** @jsxImportSource preact */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { BillingPage } from './billing/billing-page.js';
import { apiUrl, whenSignedOut } from './client.js';
import { HomePage } from './home/home-page.js';
import { t } from './i18n.js';
import { KeyPage } from './keys/key-page.js';
import { KeysPage } from './keys/keys-page.js';
import { languageOf } from './language-of.js';
import { ModelsPage } from './models/models-page.js';
import { Navigation } from './navigation.js';
import { OperatorPage } from './operator/operator-page.js';
import { PlaygroundPage } from './playground/playground-page.js';
import { applyTheme, type Preferences, readPreferences, savePreferences } from './preferences.js';
import { QuickstartPage } from './quickstart/quickstart-page.js';
import { RequestPage } from './requests/request-page.js';
import { RequestsPage } from './requests/requests-page.js';
import { type Place, usePlace } from './router.js';
import type { Session } from './shapes.js';
import { Empty, Loaded } from './ui/states.js';
import { clearToasts, Toasts } from './ui/toasts.js';
import { Unbroken } from './ui/unbroken.js';
import { UsagePage } from './usage/usage-page.js';
import { useKeptFocus } from './use-kept-focus.js';
import { useLanguage } from './use-language.js';
import { useResource } from './use-resource.js';

/** The whole page: navigation at the side, one of the pages beside it. */
export function App({ session: known }: { readonly session: Session }) {
  const [preferences, setPreferences] = useState(readPreferences);
  const session = useResource<Session>(apiUrl('session'), undefined, known);
  useReloadOnReturn(session.reload);
  const language = languageOf(preferences.language, session.data?.languages ?? []);
  const languageReady = useLanguage(language, session.data);
  const place = usePlace();
  const main = useFocusOnChange(place);
  useKeptFocus();
  const [signedOut, setSignedOut] = useState(false);
  useEffect(() => whenSignedOut(() => setSignedOut(true)), []);
  const change = (next: Preferences) => {
    savePreferences(next);
    setPreferences(next);
  };
  useEffect(() => applyTheme(preferences), [preferences]);
  const title = session.data && `${t(`nav.${place.page}`)} · ${session.data.title}`;
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);

  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {t('nav.skip')}
      </button>
      <div class="shell">
        <Navigation
          session={session.data}
          place={place}
          preferences={{ ...preferences, language }}
          onPreferences={change}
        />
        <main class="main" ref={main} tabIndex={-1}>
          {signedOut ? (
            <SignedOut />
          ) : (
            <Loaded resource={session} rows={6}>
              {(data) =>
                languageReady && (
                  <Unbroken key={[place.page, ...place.path].join('/')}>
                    <Page place={place} session={data} />
                  </Unbroken>
                )
              }
            </Loaded>
          )}
        </main>
      </div>
      <Toasts />
    </>
  );
}

function Page({ place, session }: { readonly place: Place; readonly session: Session }) {
  switch (place.page) {
    case 'playground':
      return <PlaygroundPage place={place} session={session} />;
    case 'usage':
      return <UsagePage place={place} />;
    case 'billing':
      return <BillingPage session={session} />;
    case 'models':
      return <ModelsPage place={place} />;
    case 'quickstart':
      return <QuickstartPage place={place} session={session} />;
    case 'operator':
      return session.operator ? <OperatorPage place={place} /> : <HomePage session={session} />;
    case 'requests':
      return place.path[0] ? <RequestPage id={place.path[0]} /> : <RequestsPage place={place} />;
    case 'keys':
      return place.path[0] ? <KeyPage id={place.path[0]} place={place} /> : <KeysPage place={place} />;
    default:
      return <HomePage session={session} />;
  }
}

/** The session has ended while the page was open: nothing of it is shown any more. */
function SignedOut() {
  return (
    <section class="card" role="alert">
      <Empty title={t('session.ended')} hint={t('session.endedHint')}>
        <button type="button" class="button button-primary" onClick={() => location.reload()}>
          {t('session.signIn')}
        </button>
      </Empty>
    </section>
  );
}

/** A page that the browser had kept for Back may be of a session that has ended since: it is asked for at once. */
function useReloadOnReturn(reload: () => void): void {
  useEffect(() => {
    const show = (event: PageTransitionEvent) => event.persisted && reload();
    addEventListener('pageshow', show);
    return () => removeEventListener('pageshow', show);
  }, [reload]);
}

/** Moves the focus to the heading of a page that was gone to, so that screen readers read it out. */
function useFocusOnChange({ page, path }: Place) {
  const main = useRef<HTMLElement>(null);
  const at = [page, ...path].join('/');
  const shown = useRef(at);
  useLayoutEffect(() => {
    if (shown.current === at) return;
    shown.current = at;
    clearToasts();
    scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus();
  }, [at]);
  return main;
}
