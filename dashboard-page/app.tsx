/** @jsxImportSource preact */
import { useEffect, useRef, useState } from 'preact/hooks';
import { BillingPage } from './billing/billing-page.js';
import { apiUrl } from './client.js';
import { setLanguage, t } from './i18n.js';
import { KeysPage } from './keys/keys-page.js';
import { ModelsPage } from './models/models-page.js';
import { Navigation } from './navigation.js';
import { OperatorPage } from './operator/operator-page.js';
import { applyPreferences, type Preferences, readPreferences, savePreferences } from './preferences.js';
import { QuickstartPage } from './quickstart/quickstart-page.js';
import { type Place, usePlace } from './router.js';
import type { Session } from './shapes.js';
import { Loaded } from './ui/states.js';
import { Toasts } from './ui/toasts.js';
import { UsagePage } from './usage/usage-page.js';
import { useResource } from './use-resource.js';

/** The whole page: navigation at the side, one of the pages beside it. */
export function App() {
  const [preferences, setPreferences] = useState(readPreferences);
  setLanguage(preferences.language);
  const session = useResource<Session>(apiUrl('session'));
  const place = usePlace();
  const main = useFocusOnChange(place);
  const change = (next: Preferences) => {
    savePreferences(next);
    setPreferences(next);
  };
  useEffect(() => applyPreferences(preferences), [preferences]);
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
        <Navigation session={session.data} place={place} preferences={preferences} onPreferences={change} />
        <main class="main" ref={main} tabIndex={-1}>
          <Loaded resource={session} rows={6}>
            {(data) => <Page place={place} session={data} />}
          </Loaded>
        </main>
      </div>
      <Toasts />
    </>
  );
}

function Page({ place, session }: { readonly place: Place; readonly session: Session }) {
  switch (place.page) {
    case 'usage':
      return <UsagePage />;
    case 'billing':
      return <BillingPage session={session} />;
    case 'models':
      return <ModelsPage />;
    case 'quickstart':
      return <QuickstartPage session={session} />;
    case 'operator':
      return session.operator ? <OperatorPage section={place.section} /> : <KeysPage />;
    default:
      return <KeysPage />;
  }
}

/** Moves the focus to the heading of a page that was gone to, so that screen readers read it out. */
function useFocusOnChange({ page }: Place) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus();
  }, [page]);
  return main;
}
