/** @jsxImportSource preact */
import { date, dateTime, money } from '../format.js';
import { t } from '../i18n.js';
import type { Account } from '../shapes.js';
import { Progress } from '../ui/progress.js';

type Sources = Pick<Account, 'allowances' | 'grants' | 'billing' | 'balance'>;

/** What requests are paid from, in the order in which they are: allowances, grants, balance. */
export function SourcesCard({ account }: { readonly account: Sources }) {
  const { allowances, grants } = account;
  if (allowances.length === 0 && grants.length === 0) return null;
  return (
    <section class="card">
      <h2>{t('billing.sources')}</h2>
      <ul class="rows">
        {allowances.map((one) => (
          <li key={`${one.per} ${one.models?.join(' ')}`}>
            <span class="rows-main">
              {t('billing.allowances')}{' '}
              <span class="muted">
                {t('billing.per', { per: one.per })}
                {one.models && ` · ${t('billing.someModels', { models: one.models.join(', ') })}`}
              </span>
              <Progress
                label={t('billing.allowances')}
                used={Number(one.amount) - Number(one.left)}
                all={Number(one.amount)}
              />
              <span class="muted small">
                {one.resetsAt ? t('billing.resets', { time: dateTime(one.resetsAt) }) : t('billing.startsLater')}
              </span>
            </span>
            <span class="number">{t('billing.allowance', { left: money(one.left), amount: money(one.amount) })}</span>
          </li>
        ))}
        {grants.map(({ id, left, expiresAt, reason }) => (
          <li key={id}>
            <span class="rows-main rows-stack">
              <bdi>{reason ?? t('billing.grants')}</bdi>
              <span class="muted small" title={expiresAt ? dateTime(expiresAt) : undefined}>
                {expiresAt ? t('billing.expiresOn', { date: date(expiresAt) }) : t('billing.noExpiry')}
              </span>
            </span>
            <span class="number">{money(left)}</span>
          </li>
        ))}
        {account.billing !== 'metered' && (
          <li>
            <span class="rows-main">{t('billing.balance')}</span>
            <span class="number">{money(account.balance)}</span>
          </li>
        )}
      </ul>
    </section>
  );
}
