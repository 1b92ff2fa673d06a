/** @jsxImportSource preact */
import { count, money } from '../format.js';
import { isPaidFor } from '../home/low-balance.js';
import { t } from '../i18n.js';
import type { Account } from '../shapes.js';
import { PlanBadge } from '../ui/plan-badge.js';

const LIMITS = ['requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'] as const;

/** The account's plan and its limits. */
export function PlanCard({
  account,
  upgradeUrl,
}: {
  readonly account: Account;
  readonly upgradeUrl: string | undefined;
}) {
  const { plan, billing, limits, balance } = account;
  return (
    <section class="card">
      <div class="card-head">
        <h2>
          {t('billing.plan')} <PlanBadge plan={plan} />
        </h2>
        {upgradeUrl && (
          <a class="button button-small" href={upgradeUrl}>
            {t('billing.upgrade')}
          </a>
        )}
      </div>
      <p class="muted">{t(`billing.${billing}`)}</p>
      {!isPaidFor(account) && Number(balance) !== 0 && <p>{t('billing.kept', { balance: money(balance) })}</p>}
      <ul class="plain">
        {LIMITS.map((name) => {
          const value = limits[name];
          return value === undefined ? null : <li key={name}>{t(`limit.${name}`, { n: count(value) })}</li>;
        })}
      </ul>
    </section>
  );
}
