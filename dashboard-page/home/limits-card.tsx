/** @jsxImportSource preact */
import { count } from '../format.js';
import { t } from '../i18n.js';
import type { Account } from '../shapes.js';

const LIMITS = ['requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'] as const;

/** What the plan allows at once and per minute. */
export function LimitsCard({ account }: { readonly account: Account }) {
  const { plan, limits } = account;
  const set = LIMITS.filter((name) => limits[name] !== undefined);
  return (
    <section class="card">
      <div class="card-head">
        <h2>
          {t('home.limits')} <span class="badge">{plan}</span>
        </h2>
      </div>
      {set.length === 0 ? (
        <p class="muted">{t('home.noLimits')}</p>
      ) : (
        <ul class="rows">
          {set.map((name) => (
            <li key={name}>{t(`limit.${name}`, { n: count(limits[name] ?? 0) })}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
