/** @jsxImportSource preact */
import { count } from '../format.js';
import { t } from '../i18n.js';
import type { Account, Home } from '../shapes.js';
import { PlanBadge } from '../ui/plan-badge.js';
import { Progress } from '../ui/progress.js';

const LIMITS = ['requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'] as const;

/** What the plan allows at once and per minute. */
export function LimitsCard({ account, now }: { readonly account: Account; readonly now: Home['limits'] }) {
  const { plan, limits } = account;
  const set = LIMITS.filter((name) => limits[name] !== undefined);
  return (
    <section class="card">
      <div class="card-head">
        <h2>
          {t('home.limits')} <PlanBadge plan={plan} />
        </h2>
      </div>
      {now.length > 0 ? (
        <ul class="rows rows-bars">
          {now.map(({ kind, limit, remaining }) => (
            <li key={kind}>
              <span class="rows-main">
                {t(`limit.kind.${kind}`)}
                <Progress label={t(`limit.kind.${kind}`)} used={limit - remaining} all={limit} />
              </span>
              <span class="number">{t('limit.left', { left: count(remaining), all: count(limit) })}</span>
            </li>
          ))}
        </ul>
      ) : set.length === 0 ? (
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
