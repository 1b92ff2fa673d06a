/** @jsxImportSource preact */
import { duration } from '../format.js';
import { findMessage, t } from '../i18n.js';
import type { RequestDetails } from '../shapes.js';

/** Who was asked, in order, what came of it and how long it took. */
export function Attempts({ attempts }: { readonly attempts: RequestDetails['attempts'] }) {
  if (attempts.length === 0) return <p class="muted">{t('requests.nobodyAsked')}</p>;
  const numbered = attempts.map((attempt, place) => ({ ...attempt, place }));
  const longest = Math.max(1, ...attempts.map(({ durationMs }) => durationMs));
  return (
    <ol class="attempts">
      {numbered.map(({ place, provider, model, status, fault, message, durationMs, providerRequestId }) => (
        <li key={place}>
          <div class="attempt-head">
            <b class="strong">
              <bdi>
                {provider} / {model}
              </bdi>
            </b>
            <span class={fault ? 'badge badge-warn' : 'badge badge-good'}>
              {status ?? ''} {fault ? (findMessage(`fault.${fault}`) ?? fault) : t('requests.ok')}
            </span>
            <span class="muted attempt-time">{duration(durationMs)}</span>
          </div>
          <div class="bar" aria-hidden="true">
            <i style={{ width: `${Math.max(1, (durationMs / longest) * 100)}%` }} />
          </div>
          {message && <p>{message}</p>}
          {providerRequestId && (
            <p class="muted small">
              {t('requests.providerId')} <code>{providerRequestId}</code>
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
