/** @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { errorText } from '../format.js';
import { t } from '../i18n.js';
import type { Resource } from '../use-resource.js';

/** Title, one sentence and the main action of a page. */
export function PageHead(props: {
  readonly title: string;
  readonly intro: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{props.title}</h1>
        <p>{props.intro}</p>
      </div>
      {props.children && <div class="page-actions">{props.children}</div>}
    </header>
  );
}

/** What is shown where there is nothing yet. */
export function Empty(props: { readonly title: string; readonly hint: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      <p>{props.hint}</p>
      {props.children}
    </div>
  );
}

/**
 * A resource once it is there; grey bars until then, and a way to try again when it failed.
 *
 * While the answer to another selection is awaited, what was shown stays as it was, dimmed: numbers of one selection
 * never stand under the labels of another. When it can't be read anew, what was shown stays, and says so.
 */
export function Loaded<T>(props: {
  readonly resource: Resource<T>;
  readonly rows?: number;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, stale, error, retry } = props.resource;
  const shown = useRef<ComponentChildren>(undefined);
  if (data !== undefined && !stale) shown.current = props.children(data);
  if (data !== undefined) {
    return (
      <div class={stale ? 'stale' : ''} aria-busy={stale || undefined}>
        {stale && (
          <span class="visually-hidden" role="status">
            {t('state.loading')}
          </span>
        )}
        {error !== undefined && <NotRefreshed error={error} retry={retry} />}
        {shown.current}
      </div>
    );
  }
  if (error === undefined) return <Skeleton rows={props.rows ?? 4} />;
  return (
    <div class="empty" role="alert">
      <p class="empty-title">{t('state.failed')}</p>
      <p>{errorText(error)}</p>
      <button type="button" class="button" onClick={retry}>
        {t('action.retry')}
      </button>
    </div>
  );
}

/** Above numbers that may be old by now. */
function NotRefreshed({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  return (
    <div class="card notice notice-warn" role="alert">
      <p>
        {t('state.old')} {errorText(error)}
      </p>
      <button type="button" class="button" onClick={retry}>
        {t('action.retry')}
      </button>
    </div>
  );
}

function Skeleton({ rows }: { readonly rows: number }) {
  return (
    <div class="skeleton" aria-busy="true">
      <span class="visually-hidden">{t('state.loading')}</span>
      <div class="skeleton-rows" style={{ height: `${rows * 28}px` }} />
    </div>
  );
}

/** More characters than that are written smaller, so that a figure stays on its line. */
const LONG_VALUE = 12;

/** One figure with its name. */
export function Stat(props: { readonly label: string; readonly value: string; readonly detail?: string | undefined }) {
  return (
    <div class="stat">
      <dt>{props.label}</dt>
      <dd class={props.value.length > LONG_VALUE ? 'stat-value stat-long' : 'stat-value'}>{props.value}</dd>
      {props.detail && <dd class="stat-detail">{props.detail}</dd>}
    </div>
  );
}
