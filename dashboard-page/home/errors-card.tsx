/** @jsxImportSource preact */
import { ago } from '../format.js';
import { t } from '../i18n.js';
import { RequestBadge } from '../requests/request-badge.js';
import { addressOf } from '../router.js';
import type { Home } from '../shapes.js';

/** The newest failures, each with a link to what is known of it. */
export function ErrorsCard({ errors }: { readonly errors: NonNullable<Home['errors']> }) {
  return (
    <section class="card">
      <div class="card-head">
        <h2>{t('home.latestErrors')}</h2>
        <a href={addressOf(['requests'], { status: 'failed' })}>{t('home.allErrors')}</a>
      </div>
      <ul class="rows">
        {errors.latest.map(({ id, at, status, code, model }) => (
          <li key={id}>
            <span class="rows-main chips">
              <RequestBadge status={status} code={code} />
              <a href={addressOf(['requests', id])}>
                <bdi>{model}</bdi>
              </a>
            </span>
            <span class="muted small">{ago(at)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
