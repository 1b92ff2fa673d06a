/** @jsxImportSource preact */
import { money } from '../format.js';
import { t } from '../i18n.js';
import type { Home } from '../shapes.js';

interface TopCardProps {
  readonly title: string;
  readonly rows: Home['keys'];
  readonly more: string;
}

/** What cost most in two weeks, as bars. */
export function TopCard({ title, rows, more }: TopCardProps) {
  if (rows.length === 0) return null;
  const highest = Math.max(...rows.map(({ cost }) => Number(cost))) || 1;
  return (
    <section class="card">
      <div class="card-head">
        <h2>{title}</h2>
        <a href={more}>{t('home.all')}</a>
      </div>
      <ul class="rows rows-bars">
        {rows.map(({ id, name, cost }) => (
          <li key={id}>
            <span class="rows-main">
              <bdi>{name ?? t('usage.noKey')}</bdi>
              <span class="bar" aria-hidden="true">
                <i style={{ width: `${(Number(cost) / highest) * 100}%` }} />
              </span>
            </span>
            <span class="number">{money(cost)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
