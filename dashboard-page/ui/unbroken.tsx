/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { t } from '../i18n.js';
import { Empty } from './states.js';

/** A page, or words in its place when it can't be drawn: the navigation beside it goes on. */
export function Unbroken({ children }: { readonly children: ComponentChildren }) {
  const [broken] = useErrorBoundary((error) => console.error(error));
  if (broken === undefined) return children;
  return (
    <section class="card" role="alert">
      <h1 tabIndex={-1}>{t('state.broken')}</h1>
      <Empty title="" hint={t('state.brokenHint')}>
        <button type="button" class="button" onClick={() => location.reload()}>
          {t('action.reload')}
        </button>
      </Empty>
    </section>
  );
}
